//! aalint: a static analyzer and linter for AppArmor profiles.
//!
//! A profile is a decision function: given a request it answers allowed, denied, or unmatched. This
//! crate reads policy as the kernel's parser does, and says where it is wrong or weak. The modules
//! stand on floors, lowest first: [`source`] and [`lang`]; [`diagnostic`], [`syntax`], [`glob`] and [`images`];
//! [`policy`]; [`access`]; [`analysis`], [`config`], [`containers`], [`lint`] and [`rules`]; [`session`]; [`audit`]; `verify`; [`report`]; `lsp`;
//! [`cli`].

pub mod access;
pub mod analysis;
pub mod audit;
pub mod cli;
pub mod config;
pub mod containers;
pub mod diagnostic;
pub mod format;
pub mod glob;
pub mod host;
pub mod images;
pub mod lang;
pub mod lint;
#[cfg(feature = "lsp")]
pub mod lsp;
pub mod policy;
pub mod report;
pub mod rules;
pub mod session;
pub mod source;
pub mod syntax;
#[cfg(feature = "verify")]
pub mod verify;
