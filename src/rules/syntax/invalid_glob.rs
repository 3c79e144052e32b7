//! `invalid-glob`: patterns that cannot be read.

use crate::diagnostic::Severity;
use crate::glob::{self, GlobFault};
use crate::lint::{Check, Cx, FileView, Sink};
use crate::policy::{ProblemKind, ProfileView};
use crate::syntax::ast::Body;
use crate::syntax::fault::FaultKind;
use crate::syntax::text;

/// What the registry runs.
pub const CHECK: Check = Check::File(check);

fn check(file: &FileView<'_>, cx: &Cx<'_>, sink: &mut Sink<'_>) {
    for profile in file.unit.iter().flat_map(|unit| &unit.profiles) {
        labels_of_io_uring(profile, cx, sink);
    }
    for fault in &file.file.faults {
        let FaultKind::Glob(glob) = &fault.kind else {
            continue;
        };
        let (message, help) = words(*glob, file.slice(fault.range));
        let mut finding = sink.at(file.span(fault.range), message).help(help);
        if matches!(glob, GlobFault::ReversedRange(..)) {
            finding = finding.severity(Severity::Warning);
        }
        sink.report(finding);
    }
    for problem in file.unit.iter().flat_map(|unit| &unit.problems) {
        let (glob, text, by) = match &problem.kind {
            ProblemKind::Glob(glob, text) => (glob, text, "with its variables expanded"),
            ProblemKind::AliasedGlob(glob, text) => (glob, text, "with an alias applied"),
            _ => continue,
        };
        let (message, help) = words(*glob, text);
        let shown: String = text.chars().take(120).collect();
        let mut finding = sink
            .at(problem.span, format!("{by}, {message}"))
            .note(format!("the pattern becomes `{shown}`"))
            .help(help);
        if matches!(glob, GlobFault::ReversedRange(..)) {
            finding = finding.severity(Severity::Warning);
        }
        finding.via.clone_from(&problem.via);
        sink.report(finding);
    }
}

/// The parser puts no variables into these labels, and reads `@{A}` as alternatives of which there is one. It looks at rules
/// in force alone, and only where the kernel mediates io_uring.
fn labels_of_io_uring(profile: &ProfileView<'_>, cx: &Cx<'_>, sink: &mut Sink<'_>) {
    for (via, fact) in cx.facts(profile) {
        let Body::IoUring(rule) = &fact.rule.body else {
            continue;
        };
        let values = rule
            .conditions
            .iter()
            .flat_map(|condition| &condition.values);
        for value in values {
            let place = value.0.in_file(fact.file);
            if !glob::has_variable(&text::value(cx.slice(place))) {
                continue;
            }
            let mut finding = sink
                .at(
                    place,
                    "apparmor_parser does not expand variables in the label of an `io_uring` rule",
                )
                .note("it refuses the profile for kernels that mediate io_uring")
                .help("write the label out");
            finding.via = via.to_vec();
            sink.report(finding);
        }
    }
}

fn words(fault: GlobFault, text: &str) -> (String, &'static str) {
    match fault {
        GlobFault::UnclosedBrace(_) => (
            "a `{` of the pattern is never closed".to_owned(),
            "add the `}`, or write `\\{`",
        ),
        GlobFault::UnclosedClass(_) => (
            "a `[` of the pattern is never closed".to_owned(),
            "add the `]`, or write `\\[`",
        ),
        GlobFault::StrayBrace(_) => (
            "a `}` of the pattern closes nothing".to_owned(),
            "add the `{`, or write `\\}`",
        ),
        GlobFault::StrayBracket(_) => (
            "a `]` of the pattern closes nothing".to_owned(),
            "add the `[`, or write `\\]`",
        ),
        GlobFault::SingleAlternative(..) => (
            format!("`{text}` has fewer than two alternatives"),
            "write at least two alternatives, or no braces; `{,a}` makes `a` optional",
        ),
        GlobFault::EmptyClass(_) => (
            format!("`{text}` contains no character"),
            "write the characters, or `\\[` for the bracket itself",
        ),
        GlobFault::TrailingBackslash(_) => (
            "the pattern ends with a backslash".to_owned(),
            "write `\\\\` for the backslash itself",
        ),
        GlobFault::TooDeep(_) => (
            "the braces of the pattern are nested too deeply".to_owned(),
            "nest at most 50 levels",
        ),
        GlobFault::ReversedRange(..) => (
            format!("the range `{text}` is in reverse order"),
            "write the lower character first, as the parser reads it",
        ),
        GlobFault::StrayHyphen(_) => (
            "a `-` of the class is neither first nor between two characters".to_owned(),
            "put the `-` first, as in `[-a]`",
        ),
    }
}
