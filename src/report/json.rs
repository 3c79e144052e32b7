//! A JSON document; docs/json.md describes it field by field.

use std::io::{self, Write};

use serde::Serialize;

use super::idle;
use crate::diagnostic::{Diagnostic, LabelStyle, Severity};
use crate::session::Report;
use crate::source::{SourceMap, Span};

/// Version of the document's form. It changes when a field changes its meaning or goes away.
const VERSION: u32 = 1;

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Document<'r> {
    version: u32,
    tool: Tool,
    summary: Summary,
    findings: Vec<Finding<'r>>,
    notes: &'r [String],
    warnings: Vec<String>,
    failures: Vec<Failure<'r>>,
    unreadable: Vec<Failure<'r>>,
    unwalked: &'r [String],
}

#[derive(Serialize)]
pub(super) struct Tool {
    name: &'static str,
    version: &'static str,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Summary {
    files: usize,
    profiles: usize,
    manifests: usize,
    unjudged: usize,
    left_out: LeftOut,
    error: usize,
    warning: usize,
    info: usize,
    hint: usize,
    suppressed: usize,
}

#[derive(Serialize)]
struct LeftOut {
    others: usize,
    excluded: usize,
    inactive: usize,
    unreadable: usize,
    ignored: usize,
    unwalked: usize,
}

#[derive(Serialize)]
struct Failure<'r> {
    path: &'r str,
    reason: &'r str,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Finding<'r> {
    rule: &'static str,
    code: &'static str,
    severity: Severity,
    message: &'r str,
    path: &'r str,
    range: Range,
    labels: Vec<Label<'r>>,
    notes: &'r [String],
    help: &'r [String],
    fix: Option<Fix<'r>>,
    included_from: Vec<Place<'r>>,
}

#[derive(Serialize)]
pub(super) struct Range {
    start: Position,
    end: Position,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Position {
    line: u32,
    column: u32,
    utf16_column: u32,
    offset: u32,
}

#[derive(Serialize)]
struct Place<'r> {
    path: &'r str,
    range: Range,
}

#[derive(Serialize)]
struct Label<'r> {
    path: &'r str,
    range: Range,
    primary: bool,
    text: &'r str,
}

#[derive(Serialize)]
struct Fix<'r> {
    title: &'r str,
    applicability: &'static str,
    edits: Vec<Edit<'r>>,
}

#[derive(Serialize)]
struct Edit<'r> {
    path: &'r str,
    range: Range,
    text: &'r str,
}

pub(super) fn write(report: &Report, out: &mut dyn Write) -> io::Result<()> {
    let sources = &report.store.sources;
    let count = |severity| {
        report
            .findings
            .iter()
            .filter(|finding| finding.severity == severity)
            .count()
    };
    let document = Document {
        version: VERSION,
        tool: tool(),
        summary: Summary {
            files: report.files,
            profiles: report.profiles,
            manifests: report.manifests,
            unjudged: report.failures.len(),
            left_out: LeftOut {
                others: report.left_out.others,
                excluded: report.left_out.excluded,
                inactive: report.left_out.inactive,
                unreadable: report.left_out.unreadable.len(),
                ignored: report.left_out.ignored,
                unwalked: report.left_out.unwalked.len(),
            },
            error: count(Severity::Error),
            warning: count(Severity::Warning),
            info: count(Severity::Info),
            hint: count(Severity::Hint),
            suppressed: report.suppressed,
        },
        findings: report
            .findings
            .iter()
            .map(|finding| of_finding(finding, sources))
            .collect(),
        notes: &report.notes,
        warnings: idle(report).into_iter().collect(),
        failures: named(&report.failures),
        unreadable: named(&report.left_out.unreadable),
        unwalked: &report.left_out.unwalked,
    };
    serde_json::to_writer_pretty(&mut *out, &document)?;
    writeln!(out)
}

fn named(failures: &[(String, String)]) -> Vec<Failure<'_>> {
    let failures = failures.iter();
    failures
        .map(|(path, reason)| Failure { path, reason })
        .collect()
}

fn of_finding<'r>(finding: &'r Diagnostic, sources: &'r SourceMap) -> Finding<'r> {
    let place = finding
        .place()
        .unwrap_or(Span::start_of(crate::source::FileId(0)));
    let label = |label: &'r crate::diagnostic::Label| Label {
        path: &sources.get(label.span.file).path,
        range: of_span(label.span, sources),
        primary: label.style == LabelStyle::Primary,
        text: &label.text,
    };
    let edit = |edit: &'r crate::diagnostic::Edit| Edit {
        path: &sources.get(edit.span.file).path,
        range: of_span(edit.span, sources),
        text: &edit.text,
    };
    Finding {
        rule: finding.rule.name,
        code: finding.rule.code,
        severity: finding.severity,
        message: &finding.message,
        path: &sources.get(place.file).path,
        range: of_span(place, sources),
        labels: finding.labels.iter().map(label).collect(),
        notes: &finding.notes,
        help: &finding.help,
        fix: finding.fix.as_ref().map(|fix| Fix {
            title: &fix.title,
            applicability: fix.applicability.name(),
            edits: fix.edits.iter().map(edit).collect(),
        }),
        included_from: finding
            .via
            .iter()
            .map(|via| Place {
                path: &sources.get(via.file).path,
                range: of_span(*via, sources),
            })
            .collect(),
    }
}

pub(super) fn of_span(span: Span, sources: &SourceMap) -> Range {
    let source = sources.get(span.file);
    let position = |offset: u32| {
        let position = source.position(offset);
        Position {
            line: position.line,
            column: position.column,
            utf16_column: position.utf16_column,
            offset,
        }
    };
    Range {
        start: position(span.range.start),
        end: position(span.range.end),
    }
}

/// The program that wrote the document.
pub(super) const fn tool() -> Tool {
    Tool {
        name: "aalint",
        version: env!("CARGO_PKG_VERSION"),
    }
}
