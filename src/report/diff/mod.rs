//! What differs between two policies.

mod counts;
mod human;
mod json;
mod markdown;
mod words;

use std::io::{self, Write};

use super::format::{Format, ReportKind};
use super::style::Style;
use crate::session::diff::PolicyDiff;

pub(super) use json::DiffDocument;

/// Writes a comparison.
///
/// # Errors
/// If `out` fails, or `diff` does not write this format.
pub fn diff(
    format: Format,
    diff: &PolicyDiff,
    style: Style,
    out: &mut dyn Write,
) -> io::Result<()> {
    match format {
        Format::Human => human::write(diff, style, out),
        Format::Json => json::write(diff, out),
        Format::Markdown => markdown::write(diff, out),
        other => Err(other.missing(ReportKind::Diff)),
    }
}
