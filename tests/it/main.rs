//! All tests that need nothing but the repository, in one program: what they link is linked once.
//!
//! `cargo test --test it registry::` runs those of one module, `cargo test --test it -- --list` names all.
//! What stands on test material and real parsers is in `tests/material`; what runs in a guest, in `tests/vm_agreement.rs`.

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
#[path = "../common/random.rs"]
mod random;

// The sample rules in `pages` are compiled as they would be in `src/rules`: there, `crate::lint` is aalint's.
use aalint::{lint, policy};

mod access;
mod access_classes;
mod audit;
mod audit_cli;
mod check_reports;
mod cli;
mod code;
mod compared;
mod config;
mod correctness;
mod decision;
mod diff;
mod diff_cli;
mod docs;
mod draft;
mod engine_images;
mod exit_codes;
mod fixes;
mod fmt;
mod formats;
mod grammar;
mod guides;
mod hostile;
mod images;
mod intents;
mod kinds;
mod laws;
mod limits;
#[cfg(feature = "lsp")]
mod lsp;
mod messages;
mod names;
mod one_cause;
mod outside;
mod pages;
mod parser_decisions;
mod patterns;
mod phrases;
mod properties;
mod query;
mod reads;
mod registry;
mod retired;
mod rounds;
mod schemas;
mod show;
mod silence;
mod targets;
mod tidy;
mod tutorial;
#[cfg(feature = "verify")]
mod verify;
#[cfg(feature = "verify")]
mod verify_reports;
mod wanted;
mod workspace;
mod xtask_tasks;
