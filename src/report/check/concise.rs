//! One line a finding, and one for each file that could not be judged.

use std::io::{self, Write};

use super::super::style::Style;
use super::super::words::{idle, one_line, summary};
use crate::session::Report;

pub(super) fn write(report: &Report, style: Style, out: &mut dyn Write) -> io::Result<()> {
    for finding in &report.findings {
        let Some(place) = finding.place() else {
            continue;
        };
        let source = report.store.sources.get(place.file);
        let position = source.position(place.range.start);
        writeln!(
            out,
            "{}:{}:{}: {}[{}] {}: {}",
            one_line(&source.path),
            position.line,
            position.column,
            finding.severity,
            finding.rule.code,
            finding.rule.name,
            one_line(&finding.message)
        )?;
    }
    for (path, why) in &report.failures {
        writeln!(out, "{}: not judged: {}", one_line(path), one_line(why))?;
    }
    // Nothing is said where all is well, so that a line is something to look at.
    match idle(report) {
        _ if style.quiet => Ok(()),
        Some(idle) => writeln!(out, "warning: {idle}"),
        None if !report.failures.is_empty() => writeln!(out, "{}", summary(report)),
        None => Ok(()),
    }
}
