//! JUnit XML: a suite for each file, a case for each finding. A file without findings is a case that passes.

use std::collections::BTreeMap;
use std::io::{self, Write};

use rustc_hash::FxHashMap;

use crate::diagnostic::{Diagnostic, Severity};
use crate::report::junit::{self, CaseEnd, TestCase, TestSuite, Trouble};
use crate::report::style::Style;
use crate::report::words::{at_column, idle};
use crate::rules::registry::INVALID_CONFIG;
use crate::session::Report;
use crate::source::{ResolvedSpan, SourceMap};

/// The suite of what is about no file.
const THE_RUN: &str = "the run";

pub(super) fn write(report: &Report, style: Style, out: &mut dyn Write) -> io::Result<()> {
    let sources = &report.store.sources;
    let mut files: BTreeMap<&str, Vec<TestCase>> = BTreeMap::new();
    for file in &report.checked {
        files.entry(&sources.get(*file).path).or_default();
    }
    for finding in &report.findings {
        let place = finding.place().map(|span| ResolvedSpan::of(span, sources));
        let path = finding
            .place()
            .map_or(THE_RUN, |span| &sources.get(span.file).path);
        let case = of_finding(finding, place.as_ref(), sources, style.fail_on);
        files.entry(path).or_default().push(case);
    }
    for (path, why) in &report.failures {
        files.entry(path).or_default().push(of_failure(path, why));
    }
    for (path, why) in &report.left_out.unreadable {
        files
            .entry(path)
            .or_default()
            .push(of_unreadable(path, why));
    }
    let is_failed = |threshold| report.is_idle() && Severity::Warning >= threshold;
    let idle = idle(report).map(|idle| of_idle(idle, style.fail_on.is_some_and(is_failed)));
    files.entry(THE_RUN).or_default().extend(idle);
    let suites = files.into_iter().filter_map(|(path, cases)| {
        if cases.is_empty() && path == THE_RUN {
            return None;
        }
        Some(TestSuite {
            name: path.to_owned(),
            cases: match cases.is_empty() {
                true => vec![without_findings(path)],
                false => numbered(cases),
            },
        })
    });
    junit::write("aalint check", &suites.collect::<Vec<_>>(), out)
}

fn of_finding(
    finding: &Diagnostic,
    place: Option<&ResolvedSpan>,
    sources: &SourceMap,
    fail_on: Option<Severity>,
) -> TestCase {
    let (code, name) = (finding.rule.code, finding.rule.name);
    let at = place.map(|place| format!(" at {}:{}", place.start.line, place.start.column));
    let trouble = Trouble {
        message: finding.message.clone(),
        details: details(finding, place, sources),
    };
    let kind = finding.severity.name();
    TestCase {
        name: format!("{code} {name}{}", at.unwrap_or_default()),
        place: place.map(|place| (place.path.clone(), Some(place.start.line))),
        end: if finding.rule == INVALID_CONFIG {
            // The exit code says so whatever the threshold is.
            CaseEnd::Errored(kind, trouble)
        } else if fail_on.is_some_and(|threshold| finding.severity >= threshold) {
            CaseEnd::Failed(kind, trouble)
        } else {
            CaseEnd::Noted(format!("{kind}: {}\n{}", trouble.message, trouble.details))
        },
    }
}

/// The place, why it matters, and what to do.
fn details(finding: &Diagnostic, place: Option<&ResolvedSpan>, sources: &SourceMap) -> String {
    let mut text = String::new();
    if let Some(place) = place {
        text.push_str(&format!("at {}\n", at_column(place)));
    }
    let others = finding.via.iter().rev();
    for via in others.filter(|via| Some(**via) != finding.place()) {
        let via = ResolvedSpan::of(*via, sources);
        text.push_str(&format!("included at {}\n", at_column(&via)));
    }
    for (name, lines) in [("why", &finding.notes), ("help", &finding.help)] {
        for line in lines {
            text.push_str(&format!("{name}: {line}\n"));
        }
    }
    text
}

fn of_failure(path: &str, why: &str) -> TestCase {
    TestCase {
        name: "the file can be judged".to_owned(),
        place: Some((path.to_owned(), None)),
        end: CaseEnd::Errored(
            "not judged",
            Trouble {
                message: format!("not judged: {why}"),
                details: String::new(),
            },
        ),
    }
}

/// A file that may name profiles: the exit code stays, and so the case does not fail.
fn of_unreadable(path: &str, why: &str) -> TestCase {
    TestCase {
        name: "the file can be read".to_owned(),
        place: Some((path.to_owned(), None)),
        end: CaseEnd::Skipped(Trouble {
            message: format!("not readable: {why}"),
            details: String::new(),
        }),
    }
}

fn of_idle(idle: String, is_failed: bool) -> TestCase {
    TestCase {
        name: "a profile is checked".to_owned(),
        place: None,
        end: match is_failed {
            true => CaseEnd::Failed(
                Severity::Warning.name(),
                Trouble {
                    message: idle,
                    details: String::new(),
                },
            ),
            false => CaseEnd::Noted(idle),
        },
    }
}

fn without_findings(path: &str) -> TestCase {
    TestCase {
        name: "no findings".to_owned(),
        place: Some((path.to_owned(), None)),
        end: CaseEnd::Passed,
    }
}

/// Servers tell cases by their names: a second one of a name gets a number.
fn numbered(mut cases: Vec<TestCase>) -> Vec<TestCase> {
    let mut counts: FxHashMap<String, usize> = FxHashMap::default();
    for case in &mut cases {
        let count = counts.entry(case.name.clone()).or_default();
        *count += 1;
        if *count > 1 {
            case.name.push_str(&format!(" ({count})"));
        }
    }
    cases
}
