//! `missing-include`: includes that lead nowhere.

use std::collections::BTreeSet;

use crate::diagnostic::{Applicability, Diagnostic, Severity};
use crate::lint::{Check, Cx, FileRole, Sink, listed, once_in_a_run};
use crate::policy::{
    IncludeTarget, Limit, Loaded, MAX_INCLUDE_DEPTH, MAX_PROFILES, Problem, ProblemKind, includes,
};
use crate::source::{FileId, Span};
use crate::syntax::ast::Item;

/// What the registry runs.
pub const CHECK: Check = Check::Policy(check);

/// From this number of distinct missing files on, the base directory is doubted.
const MANY: usize = 10;

/// How many of them are named then.
const SHOWN: usize = 8;

fn check(cx: &Cx<'_>, sink: &mut Sink<'_>) {
    let mut missing: Vec<(Span, Vec<Span>)> = Vec::new();
    let mut abis: Vec<&Problem> = Vec::new();
    let mut made: Vec<&Problem> = Vec::new();
    for unit in cx.units {
        for problem in &unit.problems {
            match problem.kind {
                ProblemKind::MissingInclude => missing.push((problem.span, problem.via.clone())),
                ProblemKind::MissingAbi if cx.slice(problem.span).starts_with('<') => {
                    abis.push(problem);
                }
                ProblemKind::MadeAtInstall => made.push(problem),
                _ => report(problem, cx, sink),
            }
        }
    }
    made_at_install(made, cx, sink);
    let units: BTreeSet<FileId> = cx.units.iter().map(|unit| unit.file).collect();
    for (id, loaded) in cx.store.iter() {
        let Some(role) = cx.targets.get(&id) else {
            continue;
        };
        abi_of_another_version(id, loaded, cx, sink);
        // A file that is only included is not loaded by itself; its includes still lead somewhere.
        if *role != FileRole::Profiles && !units.contains(&id) {
            missing_in_part(id, loaded, &mut missing, cx, sink);
        }
    }
    missing.sort();
    // A base directory that does not fit has no abi files either.
    if !base_is_wrong(&missing, cx, sink) {
        for abi in abis {
            report(abi, cx, sink);
        }
        for (span, via) in missing {
            let mut finding = absent(span, cx, sink);
            finding.via = via;
            sink.report(finding);
        }
    }
}

fn absent(span: Span, cx: &Cx<'_>, sink: &Sink<'_>) -> Diagnostic {
    sink.at(span, format!("there is no file `{}`", cx.slice(span)))
        .note("the parser refuses the whole file")
        .help(
            "check the spelling and the base directory (--base, -I), or write `include if exists`",
        )
}

fn report(problem: &Problem, cx: &Cx<'_>, sink: &mut Sink<'_>) {
    let written = cx.slice(problem.span);
    let mut finding = match &problem.kind {
        ProblemKind::MissingAbi if cx.ships_abi(written) == Some(true) => return,
        ProblemKind::MissingAbi => sink
            .at(problem.span, format!("there is no file `{written}`"))
            .note("the parser opens the file of each abi rule, and refuses the whole policy file without it")
            .help(abi_help(written, cx)),
        ProblemKind::RelativeInclude(is_below_base) => {
            relative(problem.span, *is_below_base, cx, sink)
        }
        ProblemKind::UnreadableInclude(why) => sink
            .at(problem.span, format!("`{written}` cannot be read: {why}"))
            .note("the parser fails in the same way")
            .help("check what lies at this path, and its permissions"),
        ProblemKind::EndlessInclude => sink
            .at(problem.span, format!("`{written}` is included from within a profile that it defines"))
            .note("each copy of the profile includes the next one, without end")
            .help("include it outside of the profile, or move the rules that both need into a file of their own"),
        ProblemKind::Beyond(limit) => beyond(*limit, problem.span, sink),
        _ => return,
    };
    finding.via.clone_from(&problem.via);
    sink.report(finding);
}

/// Files that a package makes when it is installed, which all profiles of a package want: told once in a run.
fn made_at_install(mut made: Vec<&Problem>, cx: &Cx<'_>, sink: &mut Sink<'_>) {
    made.sort_by_key(|problem| (&cx.store.sources.get(problem.span.file).path, problem.span));
    let places: Vec<Span> = made.iter().map(|problem| problem.span).collect();
    once_in_a_run(&places, cx, sink, |number, others, sink| {
        let problem = made.get(number)?;
        let mut message = format!("there is no file `{}` yet", cx.slice(problem.span));
        match others {
            0 => {}
            1 => message.push_str(", and 1 other include leads to such a file"),
            others => {
                message.push_str(&format!(", and {others} other includes lead to such files"))
            }
        }
        let mut finding = sink
            .at(problem.span, message)
            .severity(Severity::Info)
            .note("the parser refuses the profile until the file exists; Debian's packages make an empty one when they are installed (dh_apparmor)")
            .help("write `include if exists`, or make sure that the file is installed");
        finding.via.clone_from(&problem.via);
        Some(finding)
    });
}

/// A path whose file depends on the directory that the parser is started in.
fn relative(span: Span, is_below_base: bool, cx: &Cx<'_>, sink: &Sink<'_>) -> Diagnostic {
    let written = cx.slice(span);
    let path = written.trim_matches('"');
    let finding = sink
        .at(
            span,
            format!(
                "the path `{path}` is relative to the directory in which the parser is started"
            ),
        )
        .severity(Severity::Warning)
        .note("aalint does not know that directory, so it does not read the file");
    if !is_below_base {
        return finding
            .help("write an absolute path, or `<…>` around a path below the base directory");
    }
    let title = format!("write `<{path}>`");
    finding
        .help(format!(
            "write `<{path}>`, which the parser searches below its base directory"
        ))
        .replace(Applicability::Unsafe, title, span, format!("<{path}>"))
}

/// Enters the includes of a file that no profile was loaded from.
fn missing_in_part(
    id: FileId,
    loaded: &Loaded,
    missing: &mut Vec<(Span, Vec<Span>)>,
    cx: &Cx<'_>,
    sink: &mut Sink<'_>,
) {
    let statements = includes(&loaded.file.ast.items);
    for (include, target) in statements.into_iter().zip(&loaded.includes) {
        let span = include.written.in_file(id);
        match target {
            IncludeTarget::Missing if !include.if_exists => missing.push((span, Vec::new())),
            IncludeTarget::Relative(is_below_base) => {
                sink.report(relative(span, *is_below_base, cx, sink));
            }
            _ => {}
        }
    }
}

/// Whether most of what the checked files include is not there; then one finding says so.
fn base_is_wrong(missing: &[(Span, Vec<Span>)], cx: &Cx<'_>, sink: &mut Sink<'_>) -> bool {
    let absent: BTreeSet<&str> = missing
        .iter()
        .map(|(span, _)| cx.slice(*span))
        .filter(|written| written.starts_with('<'))
        .collect();
    if absent.len() < MANY {
        return false;
    }
    let mut there: BTreeSet<&str> = BTreeSet::new();
    for (id, loaded) in cx
        .store
        .iter()
        .filter(|(id, _)| cx.targets.contains_key(id))
    {
        let statements = includes(&loaded.file.ast.items);
        for (include, target) in statements.into_iter().zip(&loaded.includes) {
            let written = cx.slice(include.written.in_file(id));
            if matches!(target, IncludeTarget::Files(_)) && written.starts_with('<') {
                there.insert(written);
            }
        }
    }
    let first = missing
        .iter()
        .map(|(span, via)| via.first().unwrap_or(span));
    let Some(first) = first.copied().next().filter(|_| there.len() < absent.len()) else {
        return false;
    };
    let files: BTreeSet<FileId> = missing
        .iter()
        .map(|(span, via)| via.first().unwrap_or(span).file)
        .collect();
    let names: Vec<String> = absent.iter().map(|path| (*path).to_owned()).collect();
    let statements: BTreeSet<Span> = missing.iter().map(|(span, _)| *span).collect();
    let finding = sink
        .at(
            first,
            format!(
                "{} include statements in {} name {} files that do not exist: is `--base` right?",
                statements.len(),
                if files.len() == 1 { "1 file".to_owned() } else { format!("{} files", files.len()) },
                absent.len(),
            ),
        )
        .note(format!("these files do not exist: {}", listed(&names, SHOWN)))
        .note("the parser refuses each file that includes one of them")
        .help("name the directory that contains `abstractions/` and `tunables/` with --base, or with -I");
    sink.report(finding);
    true
}

/// What is not followed. The parser may load it all the same, so that it is no error.
fn beyond(limit: Limit, span: Span, sink: &Sink<'_>) -> Diagnostic {
    let (message, help) = match limit {
        Limit::Profiles => (
            format!(
                "includes multiply the profiles of this file to more than {MAX_PROFILES}, so aalint does not judge the rest"
            ),
            "include the files with child profiles once, in the outer profile",
        ),
        _ => (
            format!(
                "include statements and blocks are nested deeper than {MAX_INCLUDE_DEPTH}, so aalint does not judge the rest"
            ),
            "include the files directly, not each one through another",
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
fn abi_of_another_version(id: FileId, loaded: &Loaded, cx: &Cx<'_>, sink: &mut Sink<'_>) {
    let Some(target) = cx.target else { return };
    for item in &loaded.file.ast.items {
        let Item::Abi(abi) = item else { continue };
        let span = abi.written.in_file(id);
        let written = cx.slice(span);
        let is_there = cx.store.abi(id, abi).features().is_some();
        if !is_there || cx.ships_abi(written) != Some(false) {
            continue;
        }
        let finding = sink
            .at(span, format!("{} ships no `{written}`", target.name))
            .severity(Severity::Info)
            .note("the parser refuses the whole file where the abi file is missing")
            .help("ship the file with the policy, or declare an abi that the target has");
        sink.report(finding);
    }
}
