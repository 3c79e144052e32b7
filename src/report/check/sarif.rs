//! SARIF 2.1.0: a result for each finding, a notification for each file that was not judged.

use std::io::{self, Write};

use rustc_hash::FxHashMap;
use sha2::{Digest, Sha256};

use crate::diagnostic::{Diagnostic, LabelStyle, Meta};
use crate::report::page;
use crate::report::sarif::{
    self, Notification, SarifLevel, SarifLocation, SarifResult, SarifRule, SarifRun, uri,
};
use crate::report::style::Style;
use crate::report::words::idle;
use crate::session::Report;
use crate::source::{HIDDEN, ResolvedSpan, SourceMap, Span, TextRange};

/// The name of our fingerprints. Its number goes up if they are made otherwise.
const FINGERPRINT: &str = "aalint/v1";

/// Most bytes of a line that its fingerprint is made of: a file may be one line of megabytes, with a finding at each rule.
const MAX_FINGERPRINTED_LINE: usize = 1024;

pub(super) fn write(report: &Report, style: Style, out: &mut dyn Write) -> io::Result<()> {
    let sources = &report.store.sources;
    let mut metas: Vec<&'static Meta> = report.findings.iter().map(|found| found.rule).collect();
    metas.sort_by_key(|meta| meta.code);
    metas.dedup();
    let mut seen = Fingerprints::default();
    let results = report.findings.iter().map(|finding| {
        let index = metas.binary_search_by_key(&finding.rule.code, |meta| meta.code);
        let rule = (index.unwrap_or_default(), finding.rule.code);
        let mut result = result(rule, finding, sources);
        if let Some(place) = finding.place() {
            result.fingerprint(FINGERPRINT, seen.next(finding.rule, place, sources));
        }
        result
    });
    let run = SarifRun {
        tool: "aalint",
        results: results.collect(),
        rules: metas.iter().copied().map(rule).collect(),
        notifications: notifications(report, style),
        is_complete: report.failures.is_empty(),
    };
    sarif::write(run, out)
}

fn rule(meta: &'static Meta) -> SarifRule {
    let help = format!(
        "{}. `aalint explain {}` shows the page of this rule.",
        meta.summary, meta.code
    );
    let level = meta.severity.into();
    SarifRule::new(meta.code, meta.name, level, meta.summary, &help)
        .retired(meta.retired)
        .markdown(page::markdown(meta))
}

fn result(rule: (usize, &'static str), finding: &Diagnostic, sources: &SourceMap) -> SarifResult {
    let mut message = finding.message.clone();
    for help in &finding.help {
        message.push_str("\nhelp: ");
        message.push_str(help);
    }
    let place = finding.place();
    let location = place.map(|span| SarifLocation::at(&ResolvedSpan::of(span, sources)));
    let mut result = SarifResult::new(rule, finding.severity.into(), &message, location);
    for label in &finding.labels {
        let is_the_place = label.style == LabelStyle::Primary && Some(label.span) == place;
        if !is_the_place && !label.text.is_empty() {
            result.relate(&ResolvedSpan::of(label.span, sources), &label.text);
        }
    }
    // A finding in an included file stands at the include statement of the file that was checked.
    let others = finding.via.iter().rev().filter(|via| Some(**via) != place);
    for via in others {
        result.relate(&ResolvedSpan::of(*via, sources), "included here");
    }
    result
}

/// What is to be said of the run, first what was not judged.
fn notifications(report: &Report, style: Style) -> Vec<Notification> {
    let failures = report.failures.iter();
    let mut all: Vec<Notification> = failures
        .map(|(path, why)| {
            Notification::about(path, SarifLevel::Error, &format!("not judged: {why}"))
        })
        .collect();
    let unreadable = report.left_out.unreadable.iter();
    all.extend(unreadable.map(|(path, why)| {
        Notification::about(path, SarifLevel::Warning, &format!("not readable: {why}"))
    }));
    if style.quiet {
        return all;
    }
    let warning = idle(report).map(|idle| Notification::new(SarifLevel::Warning, &idle));
    all.extend(warning);
    let notes = report.notes.iter();
    all.extend(notes.map(|note| Notification::new(SarifLevel::Note, note)));
    all
}

/// What makes a finding known again when lines have moved: its rule, its file, and the text of its line. Findings that have
/// all of it in common are numbered.
#[derive(Default)]
struct Fingerprints {
    counts: FxHashMap<String, usize>,
}

impl Fingerprints {
    fn next(&mut self, rule: &Meta, place: Span, sources: &SourceMap) -> String {
        let source = sources.get(place.file);
        let mut hash = Sha256::new();
        for part in [rule.code, &uri(&source.path)] {
            hash.update(part);
            hash.update([0]);
        }
        // Of the text of a file outside not even a hash is shown.
        let line = match source.is_outside {
            true => HIDDEN,
            false => source.slice(fingerprinted(place, source.line_range(place.range.start))),
        };
        for word in line.split_whitespace() {
            hash.update(word);
        }
        let bytes = hash.finalize();
        let half = bytes.iter().take(16);
        let text: String = half.map(|byte| format!("{byte:02x}")).collect();
        let count = self.counts.entry(text.clone()).or_default();
        *count += 1;
        format!("{text}:{count}")
    }
}

/// The part of a line that counts: all of it, or, if it is very long, what begins with the finding.
fn fingerprinted(place: Span, line: TextRange) -> TextRange {
    if (line.end - line.start) as usize <= MAX_FINGERPRINTED_LINE {
        return line;
    }
    let start = place.range.start.clamp(line.start, line.end);
    TextRange::new(start, line.end).part(0, MAX_FINGERPRINTED_LINE)
}
