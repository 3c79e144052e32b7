//! A JSON document; docs/json.md describes it field by field.

use std::io::{self, Write};

use schemars::JsonSchema;
use serde::Serialize;

use super::super::vocabulary::{self, Document, Location};
use super::super::words::idle;
use crate::diagnostic::{Applicability, Claim, ClaimedDecision, Diagnostic, LabelStyle, Severity};
use crate::session::Report;
use crate::source::{SourceMap, Span};

/// The document of `check`.
#[derive(Serialize, JsonSchema)]
pub(in crate::report) struct CheckDocument<'r> {
    /// Counts.
    summary: Summary,
    /// The findings, sorted by path, place and rule.
    findings: Vec<Finding<'r>>,
    /// What holds for the whole run, as sentences.
    notes: &'r [String],
    /// What makes the report worth little, as sentences: no profile was checked.
    warnings: Vec<String>,
    /// Files that could not be judged. The exit code is then 2.
    failures: Vec<Failure<'r>>,
    /// Files that may name profiles and cannot be read. The exit code stays.
    unreadable: Vec<Failure<'r>>,
    /// Links to directories outside of what was named, which are not followed.
    unwalked: &'r [String],
}

impl Document for CheckDocument<'_> {
    const NAME: &'static str = "check";
    const COMMAND: &'static str = "check --format json";
}

#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
struct Summary {
    /// Policy files that were checked.
    files: usize,
    /// Profiles in them, children and hats included.
    profiles: usize,
    /// Compose files and Kubernetes manifests that were read.
    manifests: usize,
    /// Files that could not be judged.
    unjudged: usize,
    /// What was left out of directories.
    left_out: LeftOut,
    /// Findings of this severity.
    error: usize,
    /// Findings of this severity.
    warning: usize,
    /// Findings of this severity.
    info: usize,
    /// Findings of this severity.
    hint: usize,
    /// Findings that comments suppressed.
    suppressed: usize,
}

#[derive(Serialize, JsonSchema)]
struct LeftOut {
    /// Files of other kinds.
    others: usize,
    /// Files that the configuration excludes.
    excluded: usize,
    /// Files that AppArmor does not load: in `disable`, or called `…~`, `….dpkg-old` and the like.
    inactive: usize,
    /// Files that may name profiles and cannot be read.
    unreadable: usize,
    /// Files and directories that a .gitignore names; what such a directory holds is not counted.
    ignored: usize,
    /// Links to directories outside, which are not followed.
    unwalked: usize,
}

/// A file and what is wrong with it.
#[derive(Serialize, JsonSchema)]
struct Failure<'r> {
    path: &'r str,
    /// Why the file could not be read or judged.
    reason: &'r str,
}

#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
struct Finding<'r> {
    /// The name of the rule.
    rule: &'static str,
    /// The code of the rule, such as `AA108`.
    code: &'static str,
    #[schemars(extend("enum" = Severity::ALL.map(Severity::name)))]
    severity: &'static str,
    /// What is wrong: one line, true by itself.
    message: &'r str,
    #[serde(flatten)]
    location: Location<'r>,
    /// Places with a text about each.
    labels: Vec<Label<'r>>,
    /// Why it matters.
    notes: &'r [String],
    /// What to do.
    help: &'r [String],
    /// An edit that mends it.
    fix: Option<Fix<'r>>,
    /// What the finding says that profiles decide.
    claims: Vec<CheckedClaim<'r>>,
    /// The include statements that lead to the place, nearest first.
    included_from: Vec<Location<'r>>,
}

/// A decision on which a finding rests; `aalint query` gives it as well, for a profile that is enforced.
#[derive(Serialize, JsonSchema)]
struct CheckedClaim<'r> {
    /// The full name of the profile.
    profile: &'r str,
    /// The request, as `query` takes it.
    request: &'r str,
    /// How the profile decides it once it is enforced.
    #[schemars(extend("enum" = ClaimedDecision::ALL.map(ClaimedDecision::name)))]
    decision: &'static str,
}

#[derive(Serialize, JsonSchema)]
struct Label<'r> {
    #[serde(flatten)]
    location: Location<'r>,
    /// Whether it marks the place of the finding; otherwise it explains the finding.
    primary: bool,
    /// What to read at the mark; may be empty.
    text: &'r str,
}

#[derive(Serialize, JsonSchema)]
struct Fix<'r> {
    /// What the edits do.
    title: &'r str,
    /// `safe`: the compiled policy stays the same, except as the rule's page shows. `unsafe`: it may grant or remove access
    /// and needs a look. `display`: an example that has to be completed.
    #[schemars(extend("enum" = Applicability::ALL.map(Applicability::name)))]
    applicability: &'static str,
    edits: Vec<Edit<'r>>,
}

#[derive(Serialize, JsonSchema)]
struct Edit<'r> {
    #[serde(flatten)]
    location: Location<'r>,
    /// What takes the place of the text there.
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
    let document = CheckDocument {
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
    vocabulary::write(document, out)
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
        location: Location::of(label.span, sources),
        primary: label.style == LabelStyle::Primary,
        text: &label.text,
    };
    let edit = |edit: &'r crate::diagnostic::Edit| Edit {
        location: Location::of(edit.span, sources),
        text: &edit.text,
    };
    Finding {
        rule: finding.rule.name,
        code: finding.rule.code,
        severity: finding.severity.name(),
        message: &finding.message,
        location: Location::of(place, sources),
        labels: finding.labels.iter().map(label).collect(),
        notes: &finding.notes,
        help: &finding.help,
        fix: finding.fix.as_ref().map(|fix| Fix {
            title: &fix.title,
            applicability: fix.applicability.name(),
            edits: fix.edits.iter().map(edit).collect(),
        }),
        claims: finding.claims.iter().map(of_claim).collect(),
        included_from: Location::nearest_first(&finding.via, sources),
    }
}

fn of_claim(claim: &Claim) -> CheckedClaim<'_> {
    CheckedClaim {
        profile: &claim.profile,
        request: &claim.request,
        decision: claim.decision.name(),
    }
}
