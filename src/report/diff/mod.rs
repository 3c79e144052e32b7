//! What differs between two policies.

mod counts;
mod human;
mod json;
mod markdown;
mod words;

use std::io::{self, Write};

use super::Style;
use crate::session::diff::PolicyDiff;

pub(super) use json::DiffDocument;

/// A format.
#[derive(Copy, Clone, PartialEq, Eq, Debug, Default, clap::ValueEnum)]
pub enum DiffFormat {
    /// For people.
    #[default]
    Human,
    /// A JSON document; docs/diff.md describes it.
    Json,
    /// For a comment on a pull request.
    Markdown,
}

/// Writes a comparison.
///
/// # Errors
/// If `out` fails.
pub fn diff(
    format: DiffFormat,
    diff: &PolicyDiff,
    style: Style,
    out: &mut dyn Write,
) -> io::Result<()> {
    match format {
        DiffFormat::Human => human::write(diff, style, out),
        DiffFormat::Json => json::write(diff, out),
        DiffFormat::Markdown => markdown::write(diff, out),
    }
}
