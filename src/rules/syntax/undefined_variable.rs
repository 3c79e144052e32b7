//! `undefined-variable`: variables that nothing defines.

use crate::diagnostic::Applicability;
use crate::lint::{Check, Cx, FileView, Sink, preamble_start};
use crate::policy::{Problem, ProblemKind, Unit, is_tunable};
use crate::source::Span;

/// What the registry runs.
pub const CHECK: Check = Check::File(check);

/// How many variables a finding names, and how many further places it marks.
const SHOWN: usize = 3;

fn check(file: &FileView<'_>, cx: &Cx<'_>, sink: &mut Sink<'_>) {
    let Some(unit) = file.unit else { return };
    let has_tunables = unit.env.variable("HOME").is_some();
    let mut of_tunables = Vec::new();
    for problem in &unit.problems {
        let (message, help) = match &problem.kind {
            ProblemKind::UndefinedVariable(name) if !has_tunables && is_tunable(name) => {
                of_tunables.push((problem, name.as_str()));
                continue;
            }
            ProblemKind::UndefinedVariable(name) => (
                format!("the variable `@{{{name}}}` is not defined"),
                match name.as_str() {
                    "attach_path" | "exec_path" => {
                        "give the profile an attachment: only then does it have this variable"
                            .to_owned()
                    }
                    _ => format!("define it before the first profile: `@{{{name}}} = value`"),
                },
            ),
            ProblemKind::UndefinedBoolean(name) => (
                format!("the boolean `${name}` is not defined"),
                format!("set it before the first profile: `${name} = true`"),
            ),
            _ => continue,
        };
        let mut finding = sink.at(problem.span, message).help(help);
        finding.via.clone_from(&problem.via);
        sink.report(finding);
    }
    without_tunables(&of_tunables, file, unit, cx, sink);
}

/// One finding for all variables that `include <tunables/global>` would define.
fn without_tunables(
    found: &[(&Problem, &str)],
    file: &FileView<'_>,
    unit: &Unit<'_>,
    cx: &Cx<'_>,
    sink: &mut Sink<'_>,
) {
    let mut names: Vec<&str> = Vec::new();
    let mut places: Vec<(Span, &Problem)> = Vec::new();
    for (problem, name) in found {
        if !names.contains(name) {
            names.push(name);
        }
        let place = problem.via.first().copied().unwrap_or(problem.span);
        if places.iter().all(|(known, _)| *known != place) {
            places.push((place, problem));
        }
    }
    places.sort_by_key(|(place, _)| *place);
    let [(place, first), others @ ..] = places.as_slice() else {
        return;
    };
    let user = match (others, first.via.first()) {
        ([], Some(include)) => included(cx.slice(*include)),
        _ => "this file".to_owned(),
    };
    let message = match names.as_slice() {
        [only] => format!("nothing defines the variable `@{{{only}}}`, which {user} uses"),
        several => format!(
            "nothing defines {}, which {user} uses",
            listed_names(several)
        ),
    };
    let mut finding = sink.at(*place, message);
    if !first.via.is_empty() {
        finding = finding.label(first.span, "used here first");
    }
    for (place, _) in others.iter().take(SHOWN) {
        finding = finding.label(*place, "needs them as well");
    }
    finding = finding
        .note("the parser refuses the whole file")
        .help("write `include <tunables/global>` before the first profile");
    let is_free = unit.env.definitions().all(|(name, _)| !is_tunable(name));
    sink.report(match preamble_start(file) {
        Some(start) if is_free && cx.store.has_tunables() => finding.replace(
            Applicability::Unsafe,
            "include the tunables",
            file.span(start),
            "include <tunables/global>\n",
        ),
        _ => finding,
    });
}

/// `@{A}`, `@{B}`, `@{C}` and 2 more
fn listed_names(names: &[&str]) -> String {
    let shown: Vec<String> = names
        .iter()
        .take(SHOWN)
        .map(|name| format!("`@{{{name}}}`"))
        .collect();
    match (names.len().saturating_sub(SHOWN), shown.as_slice()) {
        (0, [before @ .., last]) => format!("{} and {last}", before.join(", ")),
        (more, shown) => format!("{} and {more} more", shown.join(", ")),
    }
}

/// What an include statement names.
fn included(statement: &str) -> String {
    let path = statement.split_once('<').map(|(_, rest)| rest);
    let path = path.and_then(|rest| rest.split_once('>'));
    path.map_or_else(
        || "an included file".to_owned(),
        |(path, _)| format!("`{path}`"),
    )
}
