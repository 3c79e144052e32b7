//! `missing-tunables-global`: files with profiles that do not include the tunables.

use crate::diagnostic::Applicability;
use crate::lint::{Check, Cx, FileRole, FileView, Sink, preamble_start};
use crate::policy::{ProblemKind, is_tunable};
use crate::syntax::ast::Item;

/// What the registry runs.
pub const CHECK: Check = Check::File(check);

fn check(file: &FileView<'_>, cx: &Cx<'_>, sink: &mut Sink<'_>) {
    let Some(unit) = file.unit.filter(|unit| unit.is_whole()) else {
        return;
    };
    // A profile for containers is loaded by itself.
    let mut profiles = unit.profiles.iter();
    let is_for_host = profiles.any(|profile| !cx.may_be_for_container(profile));
    let is_without = unit.env.variable("HOME").is_none();
    let is_lacking = file.role == FileRole::Profiles && is_for_host && is_without;
    // `undefined-variable` says the same, and why.
    let mut problems = unit.problems.iter();
    let is_told = problems.any(
        |problem| matches!(&problem.kind, ProblemKind::UndefinedVariable(name) if is_tunable(name)),
    );
    let mut items = file.file.ast.items.iter();
    let name = items.find_map(|item| match item {
        Item::Profile(profile) => Some(profile.name),
        _ => None,
    });
    let Some(name) = name.filter(|_| is_lacking && !is_told) else {
        return;
    };
    let finding = sink
        .at(
            file.span(name.0),
            "the file of this profile does not include `<tunables/global>`",
        )
        .note("local rules and later changes then cannot use variables such as `@{HOME}`, and aliases of the system have no effect");
    let is_free = unit.env.definitions().all(|(name, _)| !is_tunable(name));
    let start = preamble_start(file).filter(|_| is_free && cx.store.has_tunables());
    sink.report(match start {
        Some(start) => finding.replace(
            Applicability::Unsafe,
            "include the tunables",
            file.span(start),
            "include <tunables/global>\n",
        ),
        None => finding.help("write `include <tunables/global>` before the first profile"),
    });
}
