//! What `check` found, one file for each format.

mod concise;
mod github;
mod human;
mod json;
mod junit;
mod sarif;
mod statistics;

use std::io::{self, Write};

use super::format::{Format, ReportKind};
use super::style::Style;
use crate::session::Report;

pub(super) use json::CheckDocument;

/// Writes what a check found.
///
/// # Errors
/// If `out` fails, or `check` does not write this format.
pub fn write(format: Format, report: &Report, style: Style, out: &mut dyn Write) -> io::Result<()> {
    match format {
        Format::Human => human::write(report, style, out)?,
        Format::Concise => concise::write(report, style, out)?,
        Format::Github => github::write(report, style, out)?,
        Format::Json => return json::write(report, out),
        Format::Sarif => return sarif::write(report, style, out),
        Format::Junit => return junit::write(report, style, out),
        other => return Err(other.missing(ReportKind::Check)),
    }
    if style.statistics {
        statistics::write(report, out)
    } else {
        Ok(())
    }
}
