//! What a profile allows.

mod human;
mod json;
mod markdown;
mod words;

use std::io::{self, Write};

use super::format::{Format, ReportKind};
use super::style::Style;
use crate::session::ShownProfile;

pub(super) use json::ShowDocument;

/// Writes what a profile allows.
///
/// # Errors
/// If `out` fails, or `show` does not write this format.
pub fn shown(
    format: Format,
    profile: &ShownProfile,
    style: Style,
    out: &mut dyn Write,
) -> io::Result<()> {
    match format {
        Format::Human => human::write(profile, style, out),
        Format::Json => json::write(profile, out),
        Format::Markdown => markdown::write(profile, out),
        other => Err(other.missing(ReportKind::Show)),
    }
}
