//! `misplaced-preamble`: statements where they cannot stand.

use crate::lint::{Check, Cx, FileView, Sink};
use crate::policy::{Problem, ProblemKind};
use crate::source::Span;
use crate::syntax::fault::{FaultKind, Misplaced};

/// What the registry runs.
pub const CHECK: Check = Check::File(check);

fn check(file: &FileView<'_>, cx: &Cx<'_>, sink: &mut Sink<'_>) {
    for fault in &file.file.faults {
        let FaultKind::Misplaced(misplaced) = &fault.kind else {
            continue;
        };
        let (message, help) = match misplaced {
            Misplaced::VariableInProfile => (
                "a variable is set inside a profile",
                "move it before the first profile",
            ),
            Misplaced::AliasInProfile => (
                "an alias is inside a profile",
                "move it before the first profile",
            ),
            Misplaced::AfterProfile => (
                "a variable, alias or abi rule follows a profile",
                "move it before the first profile",
            ),
            Misplaced::ProfileInBlock => (
                "a profile named by its path is inside another profile",
                "write `profile NAME {` for a child profile, or close the profile before it",
            ),
        };
        let finding = sink.at(file.span(fault.range), message).help(help);
        sink.report(finding);
    }
    // Of what one include brings the first is enough.
    let mut seen: Vec<Option<Span>> = Vec::new();
    for problem in file.unit.iter().flat_map(|unit| &unit.problems) {
        let (message, help) = match problem.kind {
            ProblemKind::PreambleInProfile => (
                "an include inside a profile adds variables, aliases or profiles",
                "move the include before the profile",
            ),
            ProblemKind::PreambleAfterProfile if problem.via.is_empty() => (
                "a variable, alias or abi rule follows an include that adds a profile",
                "move it before that include",
            ),
            ProblemKind::PreambleAfterProfile => (
                "an include after a profile adds variables, aliases or an abi",
                "move the include before the first profile",
            ),
            ProblemKind::RulesInPreamble => (
                "an include outside of any profile adds rules",
                "move the include into the profile",
            ),
            _ => continue,
        };
        let place = place(problem, cx);
        if !seen.contains(&problem.via.first().copied()) {
            seen.push(problem.via.first().copied());
            let mut finding = sink.at(place, message).help(help);
            finding.via.clone_from(&problem.via);
            sink.report(finding);
        }
    }
}

/// The include in the file that is checked; its writer cannot change what it brings.
fn place(problem: &Problem, cx: &Cx<'_>) -> Span {
    let checked = problem
        .via
        .iter()
        .find(|via| cx.targets.contains_key(&via.file));
    checked.copied().unwrap_or(problem.span)
}
