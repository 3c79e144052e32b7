//! One line a finding.

use std::io::{self, Write};

use super::one_line;
use crate::session::Report;

pub(super) fn write(report: &Report, out: &mut dyn Write) -> io::Result<()> {
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
    Ok(())
}
