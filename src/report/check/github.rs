//! Annotations of a GitHub workflow: workflow commands on standard output.

use std::io::{self, Write};

use super::super::style::Style;
use super::super::words::{idle, left_out, one_line, summary};
use crate::diagnostic::Severity;
use crate::session::Report;

pub(super) fn write(report: &Report, style: Style, out: &mut dyn Write) -> io::Result<()> {
    for finding in &report.findings {
        let Some(place) = finding.place() else {
            continue;
        };
        let source = report.store.sources.get(place.file);
        let (start, end) = (
            source.position(place.range.start),
            source.position(place.range.end),
        );
        let command = match finding.severity {
            Severity::Error => "error",
            Severity::Warning => "warning",
            Severity::Info | Severity::Hint => "notice",
        };
        let mut message = finding.message.clone();
        for help in &finding.help {
            message.push_str("\nhelp: ");
            message.push_str(help);
        }
        write!(
            out,
            "::{command} file={},line={},endLine={}",
            property(&source.path),
            start.line,
            end.line
        )?;
        // Columns only count within a line.
        if start.line == end.line {
            write!(out, ",col={},endColumn={}", start.column, end.column)?;
        }
        let title = format!("{} {}", finding.rule.code, finding.rule.name);
        writeln!(out, ",title={}::{}", property(&title), data(&message))?;
    }
    for (path, why) in &report.failures {
        let title = property("not judged");
        writeln!(
            out,
            "::error file={},title={title}::{}",
            property(path),
            data(why)
        )?;
    }
    if style.quiet {
        return Ok(());
    }
    // The rest is for the log of the step.
    for note in &report.notes {
        writeln!(out, "::notice title=aalint::{}", data(note))?;
    }
    if let Some(idle) = idle(report) {
        writeln!(out, "::warning title=no profile::{}", data(&idle))?;
    }
    let left_out = left_out(report).map(|left_out| format!("; left out: {left_out}"));
    let text = format!("{}{}", summary(report), left_out.unwrap_or_default());
    writeln!(out, "{}", one_line(&text))
}

fn data(text: &str) -> String {
    text.replace('%', "%25")
        .replace('\r', "%0D")
        .replace('\n', "%0A")
}

fn property(text: &str) -> String {
    data(text).replace(':', "%3A").replace(',', "%2C")
}
