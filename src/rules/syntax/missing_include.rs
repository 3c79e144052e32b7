//! `missing-include`: includes that lead nowhere.

use crate::diagnostic::{Diagnostic, Severity};
use crate::lint::{Check, Cx, FileRole, FileView, Sink};
use crate::policy::{IncludeTarget, Limit, MAX_INCLUDE_DEPTH, MAX_PROFILES, ProblemKind, includes};
use crate::source::Span;
use crate::syntax::ast::Item;

/// What the registry runs.
pub const CHECK: Check = Check::File(check);

fn check(file: &FileView<'_>, cx: &Cx<'_>, sink: &mut Sink<'_>) {
    for problem in file.unit.iter().flat_map(|unit| &unit.problems) {
        let written = cx.slice(problem.span);
        let mut finding = match &problem.kind {
            ProblemKind::MissingInclude => sink
                .at(problem.span, format!("there is no file `{written}`"))
                .help("check the spelling and the base directory (--base, -I), or write `include if exists`"),
            ProblemKind::MissingAbi if cx.ships_abi(written) == Some(true) => continue,
            ProblemKind::MissingAbi => sink
                .at(problem.span, format!("there is no file `{written}`"))
                .note("the parser opens the file of each abi rule, and refuses the whole policy file without it")
                .help(abi_help(written, cx)),
            ProblemKind::UnreadableInclude(why) => sink
                .at(problem.span, format!("`{written}` cannot be read: {why}"))
                .help("the parser will fail in the same way"),
            ProblemKind::EndlessInclude => sink
                .at(problem.span, format!("`{written}` is included from within a profile that it defines"))
                .note("each copy of the profile includes the next one, without end")
                .help("include it outside of the profile, or move the rules that both need into a file of their own"),
            ProblemKind::Beyond(limit) => beyond(*limit, problem.span, sink),
            _ => continue,
        };
        finding.via.clone_from(&problem.via);
        sink.report(finding);
    }
    abi_of_another_version(file, cx, sink);
    // A file that is only included is not loaded by itself; its includes still lead somewhere.
    let is_target = cx.targets.contains_key(&file.id);
    if file.unit.is_none() && is_target && file.role != FileRole::Profiles {
        let Some(loaded) = cx.store.file(file.id) else {
            return;
        };
        for (include, target) in includes(&file.file.ast.items)
            .into_iter()
            .zip(&loaded.includes)
        {
            if *target == IncludeTarget::Missing && !include.if_exists {
                let written = file.slice(include.written);
                let finding = sink
                    .at(file.span(include.written), format!("there is no file `{written}`"))
                    .help("check the spelling and the base directory (--base, -I), or write `include if exists`");
                sink.report(finding);
            }
        }
    }
}

/// What is not followed. The parser may load it all the same, so that it is no error.
fn beyond(limit: Limit, span: Span, sink: &Sink<'_>) -> Diagnostic {
    let (message, help) = match limit {
        Limit::Profiles => (
            format!(
                "includes multiply the profiles of this file to more than {MAX_PROFILES}, and what the rest decides is unknown"
            ),
            "include the files with child profiles once, in the outer profile",
        ),
        _ => (
            format!(
                "include statements and blocks lie within each other deeper than {MAX_INCLUDE_DEPTH}, and what follows is unknown"
            ),
            "include the files directly, not each through the one before",
        ),
    };
    sink.at(span, message)
        .severity(Severity::Warning)
        .note(limit.words())
        .help(help)
}

/// What to write in place of an abi whose file is not there.
fn abi_help(written: &str, cx: &Cx<'_>) -> String {
    let is_searched = written.starts_with('<');
    match cx.newest_abi() {
        Some(abi) if is_searched => format!(
            "write `abi <{abi}>,`, which is there, or check the base directory (--base, -I)"
        ),
        Some(abi) => format!(
            "write `abi <{abi}>,`: without `<>` the path is not searched below the base directory"
        ),
        None => "check the spelling and the base directory (--base, -I)".to_owned(),
    }
}

/// An abi that the base directory has and the target does not ship: its package may bring it along.
fn abi_of_another_version(file: &FileView<'_>, cx: &Cx<'_>, sink: &mut Sink<'_>) {
    let Some(target) = cx.target.filter(|_| cx.targets.contains_key(&file.id)) else {
        return;
    };
    for item in &file.file.ast.items {
        let Item::Abi(abi) = item else { continue };
        let written = file.slice(abi.written);
        let is_there = cx.store.abi(file.id, abi).features().is_some();
        if !is_there || cx.ships_abi(written) != Some(false) {
            continue;
        }
        let finding = sink
            .at(
                file.span(abi.written),
                format!("{} ships no `{written}`", target.name),
            )
            .severity(Severity::Info)
            .note("the parser refuses the whole file where the abi file is missing")
            .help("ship the file with the policy, or declare an abi that the target has");
        sink.report(finding);
    }
}
