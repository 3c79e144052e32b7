//! `dangerous-capability`: capabilities that amount to the whole machine.

use std::ops::ControlFlow;

use crate::access::Class;
use crate::access::perms::{mount, ptrace};
use crate::diagnostic::{Claim, Diagnostic, Severity};
use crate::glob::Nfa;
use crate::lang::capabilities::{CAPABILITIES, Enabler, EnablerKind, capability};
use crate::lint::{Check, Cx, EveryFile, ImpliedIntents, Sink};
use crate::policy::{Fact, ProfileView};
use crate::source::Span;
use crate::syntax::ast::{Body, Mode};

/// What the registry runs.
pub const CHECK: Check = Check::Profile(check);

/// What verify asks the kernel about.
pub const IMPLIED_INTENTS: ImpliedIntents = ImpliedIntents {
    is_for_containers: false,
    promises: || {
        let known = CAPABILITIES.iter();
        let dangerous = known.filter(|known| known.danger >= THRESHOLD);
        dangerous
            .map(|known| format!("deny capability {}", known.name))
            .collect()
    },
};

/// From this danger on a capability is reported.
const THRESHOLD: u8 = 10;

fn check(profile: &ProfileView<'_>, cx: &Cx<'_>, sink: &mut Sink<'_>) {
    let every_file = EveryFile::new(profile, cx);
    for fact in profile
        .own_facts(cx.summaries)
        .filter(|fact| fact.mode == Mode::Allow)
    {
        let Body::Capability(names) = &fact.rule.body else {
            continue;
        };
        if names.is_empty() {
            every(fact, profile, &every_file, cx, sink);
        }
        for name in names {
            one(name.0.in_file(fact.file), profile, cx, sink);
        }
    }
}

/// A rule that names none allows all of them.
fn every(
    fact: &Fact<'_>,
    profile: &ProfileView<'_>,
    every_file: &EveryFile<'_, '_>,
    cx: &Cx<'_>,
    sink: &mut Sink<'_>,
) {
    let dangerous = CAPABILITIES
        .iter()
        .filter(|known| known.danger >= THRESHOLD);
    let allowed = dangerous.filter_map(|known| {
        let claim = cx.allowed(profile, &format!("capability {}", known.name))?;
        Some((known, claim))
    });
    let allowed: Vec<_> = allowed.collect();
    let Some((first, _)) = allowed.iter().find(|(known, _)| known.enablers.is_empty()) else {
        return;
    };
    let finding = sink
        .at(
            cx.span(fact),
            format!(
                "this rule allows every capability, for example `{}`",
                first.name
            ),
        )
        .note(format!("with it the process can {}", first.grants))
        .claims(allowed.iter().map(|(_, claim)| claim.clone()))
        .help("name the capabilities that the program needs");
    sink.report(every_file.include(finding, fact));
}

fn one(place: Span, profile: &ProfileView<'_>, cx: &Cx<'_>, sink: &mut Sink<'_>) {
    let text = cx.slice(place);
    let Some(known) = capability(text).filter(|known| known.danger >= THRESHOLD) else {
        return;
    };
    let Some(claim) = cx.allowed(profile, &format!("capability {}", known.name)) else {
        return;
    };
    let finding = sink
        .at(
            place,
            format!("`{}` allows the capability `{text}`", profile.full_name),
        )
        .claims([claim]);
    let finding = if known.enablers.is_empty() {
        finding.mark(format!("lets the process {}", known.grants))
    } else {
        enabled(finding, known.enablers, known.grants, profile, cx)
    };
    let finding =
        finding.help("remove it if the program does not need it: many programs only probe for it");
    sink.report(finding);
}

/// What a capability lets the process do of that for which AppArmor asks rules of another kind as well.
fn enabled(
    finding: Diagnostic,
    enablers: &[Enabler],
    rest: &str,
    profile: &ProfileView<'_>,
    cx: &Cx<'_>,
) -> Diagnostic {
    let mut finding = finding;
    let mut can: Vec<&str> = Vec::new();
    let (mut is_little, mut is_all) = (true, false);
    for enabler in enablers {
        // Who may trace any process may read any as well.
        if is_all && enabler.kind == EnablerKind::Read {
            continue;
        }
        let granting = granting(enabler.kind, profile, cx);
        // Where no rule allows anything only flags could.
        let may_be_allowed = granting.is_some() || cx.is_open(profile);
        let claims = may_be_allowed.then(|| allowed(enabler, profile, cx));
        let claims = claims.unwrap_or_default();
        let is_little_here = granting.as_ref().is_some_and(|found| found.is_among_itself);
        let little = enabler.among_itself.filter(|_| is_little_here);
        let what = match (&granting, little) {
            _ if !claims.is_empty() => {
                is_all = true;
                enabler.grants
            }
            (None, _) => continue,
            // Who may trace some processes may read these.
            _ if enabler.kind == EnablerKind::Read && !can.is_empty() => continue,
            (Some(_), Some(little)) => little,
            (Some(_), None) => enabler.limited,
        };
        is_little &= claims.is_empty() && little.is_some();
        can.push(what);
        finding = finding.claims(claims);
        if let Some(found) = granting {
            finding = finding.label(found.place, "with this rule");
        }
    }
    if !can.is_empty() {
        finding = finding.mark(format!("lets the process {}", can.join(" and ")));
        if !is_little {
            return finding;
        }
    }
    if can.is_empty() {
        finding = finding.mark(format!("lets the process {rest}"));
    }
    let missing = enablers.iter().map(|enabler| enabler.missing);
    let missing: Vec<&str> = missing.filter(|missing| !missing.is_empty()).collect();
    finding
        .severity(Severity::Info)
        .note(missing.join(" and "))
        .claims(refusals(enablers, profile, cx))
}

/// What shows that all is allowed that rules of a kind can allow; nothing if something is not.
fn allowed(enabler: &Enabler, profile: &ProfileView<'_>, cx: &Cx<'_>) -> Vec<Claim> {
    let requests = enabler.requests.iter();
    let claims = requests.map(|request| cx.allowed(profile, request));
    match enabler.kind {
        EnablerKind::Mount => claims.flatten().take(1).collect(),
        EnablerKind::Trace | EnablerKind::Read => {
            claims.collect::<Option<Vec<Claim>>>().unwrap_or_default()
        }
    }
}

/// That nothing of what the capability could be used for is allowed.
fn refusals(enablers: &[Enabler], profile: &ProfileView<'_>, cx: &Cx<'_>) -> Vec<Claim> {
    let requests = enablers
        .iter()
        .filter_map(|enabler| enabler.requests.first());
    let claims = requests.filter_map(|request| cx.claim(profile, request));
    claims.filter(|claim| !claim.is_allowed()).collect()
}

/// A rule that allows what a capability is used for.
struct Granting {
    /// The rule, or the include in the profile that brings it.
    place: Span,
    /// Whether all such rules are about processes of the profile itself.
    is_among_itself: bool,
}

/// The first rule of a kind of which something is in force.
fn granting(kind: EnablerKind, profile: &ProfileView<'_>, cx: &Cx<'_>) -> Option<Granting> {
    let effective = cx.effective(profile);
    let (class, bits) = match kind {
        EnablerKind::Trace => (Class::Ptrace, ptrace::TRACE),
        EnablerKind::Read => (Class::Ptrace, ptrace::READ),
        EnablerKind::Mount => (Class::Mount, mount::MOUNT),
    };
    let itself = Nfa::literal(profile.full_name.as_bytes());
    let mut place = None;
    let mut is_among_itself = class == Class::Ptrace;
    for found in effective.entries(class) {
        if found.entry.effect != Mode::Allow || found.entry.mask & bits == 0 {
            continue;
        }
        // What is too complex to find out is taken for allowed.
        let is_in_force = |outside: &[&Nfa]| {
            let mut is_allowed = false;
            let visited = effective.visit_outside(
                class,
                &[&found.entry.nfa],
                outside,
                class.domain(&found.entry.nfa),
                |verdict, _, _| {
                    is_allowed = verdict.allow & bits != 0;
                    if is_allowed {
                        ControlFlow::Break(())
                    } else {
                        ControlFlow::Continue(())
                    }
                },
            );
            is_allowed || visited.is_err()
        };
        if !is_in_force(&[]) {
            continue;
        }
        if place.is_none() {
            let origin = found.origin(profile, cx.summaries);
            place = origin.map(|(via, fact)| via.first().copied().unwrap_or_else(|| cx.span(fact)));
        }
        is_among_itself = is_among_itself && !is_in_force(&[&itself]);
        if !is_among_itself && place.is_some() {
            break;
        }
    }
    let place = place?;
    Some(Granting {
        place,
        is_among_itself,
    })
}
