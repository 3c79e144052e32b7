//! aalint: a static analyzer and linter for AppArmor profiles.
pub mod diagnostic;
pub mod glob;
pub mod lang;
pub mod policy;
pub mod source;
pub mod syntax;
