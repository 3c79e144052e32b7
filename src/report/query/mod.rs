//! Answers to requests.

mod human;
mod json;
mod words;

use std::io::{self, Write};

use super::{Style, ansi, one_line, snippet};
use crate::session::{Answers, FaultyRequest};
use crate::source::SourceMap;

pub(super) use json::QueryDocument;

/// A format of answers.
#[derive(Copy, Clone, PartialEq, Eq, Debug, Default, clap::ValueEnum)]
pub enum AnswerFormat {
    /// A line for each request, for people.
    #[default]
    Human,
    /// A JSON document; docs/query.md describes it.
    Json,
}

/// Writes answers; with `why` the rules that decide and those that lose, with their source lines.
///
/// # Errors
/// If `out` fails.
pub fn answers(
    format: AnswerFormat,
    answers: &Answers,
    why: bool,
    style: Style,
    out: &mut dyn Write,
) -> io::Result<()> {
    match format {
        AnswerFormat::Human => human::write(answers, why, style, out),
        AnswerFormat::Json => json::write(answers, out),
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
