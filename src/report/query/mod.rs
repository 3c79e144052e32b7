//! Answers to requests.

mod human;
mod json;
#[cfg(feature = "lsp")]
mod lines;
mod words;

use std::io::{self, Write};

use super::format::{Format, ReportKind};
use super::{Style, ansi, one_line, snippet};
use crate::session::{Answers, FaultyRequest};
use crate::source::SourceMap;

pub(super) use json::QueryDocument;
#[cfg(feature = "lsp")]
pub use lines::decision_lines;

/// Writes answers; with `why` the rules that decide and those that lose, with their source lines.
///
/// # Errors
/// If `out` fails, or `query` does not write this format.
pub fn answers(
    format: Format,
    answers: &Answers,
    why: bool,
    style: Style,
    out: &mut dyn Write,
) -> io::Result<()> {
    match format {
        Format::Human => human::write(answers, why, style, out),
        Format::Json => json::write(answers, out),
        other => Err(other.missing(ReportKind::Query)),
    }
}

/// Writes what is wrong with requests.
///
/// # Errors
/// If `out` fails.
pub fn faulty_requests(
    faults: &[FaultyRequest],
    sources: &SourceMap,
    style: Style,
    out: &mut dyn Write,
) -> io::Result<()> {
    for fault in faults {
        let severity = crate::diagnostic::Severity::Error;
        writeln!(
            out,
            "{}: {}",
            ansi::paint(severity.name(), ansi::severity(severity), style.color),
            ansi::paint(&one_line(&fault.message), ansi::BOLD, style.color)
        )?;
        snippet::write(severity, &fault.labels, sources, style.color, out)?;
        for help in &fault.help {
            let name = ansi::paint("help:", ansi::BOLD, style.color);
            writeln!(out, "   = {name} {}", one_line(help))?;
        }
    }
    Ok(())
}
