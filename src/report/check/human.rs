//! For people: source lines with marks, reasons, and edits.

use std::io::{self, Write};

use super::super::style::Style;
use super::super::words::{idle, left_out, one_line, summary};
use super::super::{ansi, edit, snippet};
use crate::diagnostic::{Claim, Diagnostic, Severity};
use crate::session::Report;
use crate::source::SourceMap;

pub(super) fn write(report: &Report, style: Style, out: &mut dyn Write) -> io::Result<()> {
    for finding in &report.findings {
        write_finding(finding, &report.store.sources, style, out)?;
        writeln!(out)?;
    }
    if style.quiet {
        return Ok(());
    }
    for note in &report.notes {
        writeln!(
            out,
            "{} {}",
            ansi::paint("note:", ansi::BOLD, style.color),
            one_line(note)
        )?;
    }
    writeln!(out, "{}", summary(report))?;
    let warning = ansi::paint("warning:", ansi::severity(Severity::Warning), style.color);
    match (idle(report), left_out(report)) {
        (Some(idle), _) => writeln!(out, "{warning} {idle}"),
        (None, Some(left_out)) => writeln!(out, "left out: {left_out}"),
        (None, None) => Ok(()),
    }
}

fn write_finding(
    finding: &Diagnostic,
    sources: &SourceMap,
    style: Style,
    out: &mut dyn Write,
) -> io::Result<()> {
    let header = format!("{}[{}]", finding.severity, finding.rule.code);
    writeln!(
        out,
        "{}: {} {}",
        ansi::paint(&header, ansi::severity(finding.severity), style.color),
        ansi::paint(&one_line(&finding.message), ansi::BOLD, style.color),
        ansi::paint(&format!("({})", finding.rule.name), ansi::DIM, style.color)
    )?;
    snippet::write(finding.severity, &finding.labels, sources, style.color, out)?;
    snippet::way(&finding.via, sources, out)?;
    for (name, texts) in [("why:", &finding.notes), ("help:", &finding.help)] {
        for text in texts {
            writeln!(
                out,
                "   = {} {}",
                ansi::paint(name, ansi::BOLD, style.color),
                one_line(text)
            )?;
        }
    }
    if style.why {
        write_claims(&finding.claims, style, out)?;
    }
    match &finding.fix {
        Some(fix) => edit::write(fix, sources, style.color, out),
        None => Ok(()),
    }
}

/// The decisions on which a finding rests, as requests that `query` takes.
fn write_claims(claims: &[Claim], style: Style, out: &mut dyn Write) -> io::Result<()> {
    for claim in claims {
        let text = format!(
            "`{}` is {} in `{}`",
            claim.request,
            claim.decision.name(),
            claim.profile
        );
        writeln!(
            out,
            "   = {} {}",
            ansi::paint("decision:", ansi::BOLD, style.color),
            one_line(&text)
        )?;
    }
    Ok(())
}
