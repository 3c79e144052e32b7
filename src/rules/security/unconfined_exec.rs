//! `unconfined-exec`: execs that leave confinement.

use crate::diagnostic::{Claim, Level, Severity};
use crate::glob::Nfa;
use crate::lang::permissions::ExecKind;
use crate::lint::{Check, Cx, Sink};
use crate::policy::{Fact, ProfileView};
use crate::syntax::ast::{Body, Mode, Word};

/// What the registry runs.
pub const CHECK: Check = Check::Profile(check);

fn check(profile: &ProfileView<'_>, cx: &Cx<'_>, sink: &mut Sink<'_>) {
    for fact in profile
        .own_facts(cx.summaries)
        .filter(|fact| fact.mode == Mode::Allow)
    {
        let Body::File(rule) = &fact.rule.body else {
            continue;
        };
        let Some(mode) = rule.perms.exec_mode else {
            continue;
        };
        let path = cx.slice(rule.path.0.in_file(fact.file));
        let place = rule.perms_range.in_file(fact.file);
        let is_target = rule
            .target
            .is_some_and(|target| cx.value(fact.file, target) == "unconfined");
        let is_always = is_target || mode.kind == ExecKind::Unconfined;
        if !is_always && !mode.kind.may_be_unconfined() {
            continue;
        }
        let request = match is_target {
            true => format!("{path} {mode} -> unconfined"),
            false => format!("{path} {mode}"),
        };
        // A deny rule may take it away.
        let claim = of_example(profile, fact, rule.path, &request, path, cx)
            .or_else(|| cx.claim(profile, &request));
        if claim.as_ref().is_some_and(|claim| !claim.is_allowed()) {
            continue;
        }
        let finding = if is_always {
            let finding = sink
                .at(place, format!("`{path}` is executed without confinement"))
                .note("no profile restricts what that program does");
            // Who names one program and clears its environment has chosen to.
            let is_chosen = !mode.is_unsafe && names_one(profile, fact, rule.path, cx);
            match is_chosen {
                true => finding.severity(Severity::Info),
                false => finding,
            }
        } else {
            sink.at(
                place,
                format!("`{path}` is executed without confinement if no profile is loaded for it"),
            )
            .severity(Severity::Info)
            .level(Level::Pedantic)
            .note("nothing warns if that profile is missing")
        };
        let finding = finding.claims(claim).help(
            "give the program a profile (`Px`) or a child profile (`Cx`), or let it inherit this one (`ix`)",
        );
        let finding = if mode.is_unsafe && !is_target {
            finding.note(
                "the mode begins with a small letter, so the program also gets LD_PRELOAD and similar variables",
            )
        } else {
            finding
        };
        sink.report(finding);
    }
}

/// Whether a path has no wildcards.
fn names_one(profile: &ProfileView<'_>, fact: &Fact<'_>, written: Word, cx: &Cx<'_>) -> bool {
    let path = cx.expand(profile, fact, written);
    let nfa = path.and_then(|path| Nfa::path(&path).ok());
    nfa.is_some_and(|nfa| nfa.is_exact)
}

/// The claim that one of the programs is executed so, if it is: a search over all that a pattern matches takes a hundred
/// times as long.
fn of_example(
    profile: &ProfileView<'_>,
    fact: &Fact<'_>,
    written: Word,
    request: &str,
    path: &str,
    cx: &Cx<'_>,
) -> Option<Claim> {
    let nfa = Nfa::path(&cx.expand(profile, fact, written)?).ok()?;
    let example = String::from_utf8(nfa.example()).ok()?;
    let is_plain = |c: char| c.is_ascii_alphanumeric() || "/._-+".contains(c);
    let rest = request
        .strip_prefix(path)
        .filter(|_| example.chars().all(is_plain))?;
    cx.allowed(profile, &format!("{example}{rest}"))
}
