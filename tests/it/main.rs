//! All tests that need no kernel of their own, in one program: what they link is linked once.
//!
//! `cargo test --test it registry::` runs those of one module, `cargo test --test it -- --list` names all.
//! What runs in a guest is a program of its own: `tests/vm_agreement.rs`.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::string_slice,
    clippy::disallowed_methods,
    clippy::print_stdout,
    clippy::print_stderr,
    unreachable_pub,
    reason = "a test may fail loudly, reads files, and says what it measured"
)]

#[path = "../common/mod.rs"]
mod common;
#[path = "../oracle/mod.rs"]
mod oracle;

mod access;
mod access_classes;
#[cfg(feature = "verify")]
mod audit;
#[cfg(feature = "verify")]
mod audit_cli;
mod cli;
mod config;
mod conformance;
mod corpus;
mod decision;
mod diff;
mod diff_cli;
mod docs;
mod equality;
mod hostile;
mod intents;
mod messages;
mod oracle_decoder;
mod oracle_diff;
mod oracle_files;
mod oracle_rules;
mod pages;
mod properties;
mod query;
mod registry;
mod target;
mod tidy;
mod tutorial;
#[cfg(feature = "verify")]
mod verify;
#[cfg(feature = "verify")]
mod verify_reports;
