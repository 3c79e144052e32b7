//! `dangerous-abstraction`: abstractions that grant too much.

use crate::access::Request;
use crate::diagnostic::{Claim, Diagnostic, Level, Severity};
use crate::glob::Nfa;
use crate::lang::sensitive::{ABSTRACTIONS, Danger};
use crate::lint::{Check, Cx, Sink};
use crate::policy::{Fact, ProfileView, includes};
use crate::source::Span;
use crate::syntax::ast::{Body, FileRule, Mode};

/// What the registry runs.
pub const CHECK: Check = Check::Profile(check);

fn check(profile: &ProfileView<'_>, cx: &Cx<'_>, sink: &mut Sink<'_>) {
    for include in includes(&profile.ast.items) {
        let path = cx.slice(include.path.in_file(profile.file));
        let Some(known) = ABSTRACTIONS.iter().find(|known| known.path == path) else {
            continue;
        };
        let place = include.range.in_file(profile.file);
        let claims = match known.brings {
            Some(child) => of_child(child, known, place, cx),
            None => of_rules(known, place, profile, cx),
        };
        if claims.is_empty() {
            continue;
        }
        let finding = sink
            .at(place, format!("`{path}` {}", known.reason))
            .claims(claims);
        let finding = match known.brings {
            Some(child) => led_to(child, finding, profile, cx),
            None => finding,
        };
        sink.report(advised(finding, known));
    }
}

fn advised(finding: Diagnostic, known: &Danger) -> Diagnostic {
    let finding = match known.instead {
        Some(instead) => finding.help(format!("include {instead} instead")),
        None => finding.help("remove the include, and write rules for what the program needs"),
    };
    match known.is_pedantic {
        true => finding.level(Level::Pedantic),
        false => finding,
    }
}

/// What rules that the include brings allow, if they allow all that the abstraction is known for.
fn of_rules(known: &Danger, place: Span, profile: &ProfileView<'_>, cx: &Cx<'_>) -> Vec<Claim> {
    let claims = known.requests.iter().map(|request| {
        let claim = cx.allowed(profile, request)?;
        comes_from(request, place, profile, cx).then_some(claim)
    });
    claims.collect::<Option<Vec<Claim>>>().unwrap_or_default()
}

/// Whether a rule that the include brings is one of those that allow the request.
fn comes_from(request: &str, place: Span, profile: &ProfileView<'_>, cx: &Cx<'_>) -> bool {
    let Ok(request) = Request::read(request, &profile.env, &profile.name) else {
        return false;
    };
    let effective = cx.effective(profile);
    request.wants.iter().any(|want| {
        let mut entries = effective.entries(want.class);
        entries.any(|entry| {
            let is_granting = entry.entry.effect == Mode::Allow
                && entry.entry.mask & want.mask != 0
                && entry.entry.nfa.intersects(&want.nfa);
            let origin = entry.origin(profile, cx.summaries).filter(|_| is_granting);
            origin.is_some_and(|(via, _)| via.contains(&place))
        })
    })
}

/// What the profile allows that the include brings.
fn of_child(name: &str, known: &Danger, place: Span, cx: &Cx<'_>) -> Vec<Claim> {
    let mut all = cx.units.iter().flat_map(|unit| &unit.profiles);
    let child = all.find(|child| child.name == name && child.via.contains(&place));
    let Some(child) = child else {
        return Vec::new();
    };
    let claims = known
        .requests
        .iter()
        .map(|request| cx.allowed(child, request));
    claims.collect::<Option<Vec<Claim>>>().unwrap_or_default()
}

/// A profile that the include brings matters by what leads to it: a rule that names one program and clears its
/// environment is as much a choice as `Ux` in `unconfined-exec`, and leads to more confinement.
fn led_to(child: &str, finding: Diagnostic, profile: &ProfileView<'_>, cx: &Cx<'_>) -> Diagnostic {
    let mut programs = Vec::new();
    for (_, fact) in cx
        .facts(profile)
        .filter(|(_, fact)| fact.mode == Mode::Allow)
    {
        let is_chosen = match &fact.rule.body {
            Body::File(rule) if leads_to(child, rule, fact, cx) => {
                names_one(rule, fact, profile, cx)
            }
            Body::File(_) => continue,
            // These may lead to every profile of the file.
            Body::ChangeProfile(_) | Body::All | Body::Unreadable => false,
            _ => continue,
        };
        if !is_chosen {
            return finding;
        }
        programs.push(cx.span(fact));
    }
    // What an include that is not there leads to is not known.
    if !profile.is_whole() {
        return finding;
    }
    let Some(first) = programs.first() else {
        return finding
            .severity(Severity::Info)
            .note(format!("no rule of this profile leads to `{child}`"));
    };
    finding
        .severity(Severity::Info)
        .label(*first, "leads to it")
        .note(format!("only programs that rules name run under `{child}`"))
}

/// Whether an exec rule has this child profile as its target.
fn leads_to(child: &str, rule: &FileRule, fact: &Fact<'_>, cx: &Cx<'_>) -> bool {
    let target = rule.target.filter(|_| rule.perms.exec_mode.is_some());
    target.is_some_and(|target| {
        let target = cx.value(fact.file, target);
        target.rsplit("//").next() == Some(child) || target.contains(['@', '*', '?', '[', '{', '&'])
    })
}

/// Whether an exec rule has no wildcards, and clears the environment of the program.
fn names_one(rule: &FileRule, fact: &Fact<'_>, profile: &ProfileView<'_>, cx: &Cx<'_>) -> bool {
    let path = cx.expand(profile, fact, rule.path);
    let nfa = path.and_then(|path| Nfa::path(&path).ok());
    let is_safe = rule.perms.exec_mode.is_some_and(|mode| !mode.is_unsafe);
    is_safe && nfa.is_some_and(|nfa| nfa.is_exact)
}
