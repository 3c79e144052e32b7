//! A few lines for each record.

use std::io::{self, Write};

use super::super::words::{at_column, at_line};
use super::super::{Style, ansi, one_line};
use super::words::sentence;
use crate::diagnostic::Severity;
use crate::verify::audit::{Explanation, Kind, Record};

pub(super) fn write(
    record: &Record,
    explanation: &Explanation,
    style: Style,
    out: &mut dyn Write,
) -> io::Result<()> {
    let word = ansi::paint(
        record.kind.word(),
        ansi::severity(color(record.kind)),
        style.color,
    );
    let what = match &explanation.request {
        Some(request) => one_line(request),
        None => one_line(&record.operation),
    };
    let what = ansi::paint(&what, ansi::BOLD, style.color);
    let label = one_line(&record.label);
    writeln!(out, "{word}  {label}: {what}{}", who(record))?;
    writeln!(out, "    {}", sentence(record, explanation))?;
    for rule in &explanation.rules {
        let text = one_line(&rule.text);
        writeln!(out, "    {}: {text}", at_column(&rule.place))?;
        for via in &rule.via {
            writeln!(out, "      included at {}", at_line(via))?;
        }
    }
    let Some(suggestion) = &explanation.suggestion else {
        return Ok(());
    };
    writeln!(out, "    missing: {}", one_line(&suggestion.rule))?;
    for opens in &suggestion.opens {
        writeln!(out, "      opens: {}", one_line(opens))?;
    }
    if let Some(example) = &suggestion.example {
        writeln!(out, "      so would pass: {}", one_line(example))?;
    }
    Ok(())
}

const fn color(kind: Kind) -> Severity {
    match kind {
        Kind::Denied | Kind::Killed | Kind::Error => Severity::Error,
        Kind::Allowed => Severity::Warning,
        Kind::Audit | Kind::Status | Kind::Hint => Severity::Info,
    }
}

/// `  (cat, pid 77)`
fn who(record: &Record) -> String {
    let command = record.command().map(|command| one_line(&command));
    let pid = record.pid().map(|pid| format!("pid {pid}"));
    let parts: Vec<String> = command.into_iter().chain(pid).collect();
    match parts.as_slice() {
        [] => String::new(),
        parts => format!("  ({})", parts.join(", ")),
    }
}
