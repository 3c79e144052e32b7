//! The language server: documents that an editor has open are checked as `aalint check` checks files.
//!
//! A loop takes messages and computes nothing; one worker owns the policy and answers with the newest texts.

mod actions;
mod client;
mod completion;
mod diagnostics;
mod documents;
mod editor_files;
mod encoding;
mod formatting;
mod hints;
mod hover;
mod line_edits;
mod navigation;
mod outline;
mod place;
mod publish;
mod questions;
mod refusal;
mod rename;
mod server;
mod surroundings;
mod tree;
mod uri;
mod wire;
mod worker;

pub use encoding::{PositionEncoding, TextLines};
pub use server::serve;
pub use surroundings::Surroundings;
pub use wire::{MAX_MESSAGE_BYTES, WireThreads, connect};
