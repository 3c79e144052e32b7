//! `dangerous-capability`: capabilities that amount to the whole machine.

use crate::access::perms::{mount, ptrace};
use crate::access::{Class, Effective, EntryRef, Verdict};
use crate::diagnostic::{Claim, Diagnostic, Severity};
use crate::lang::capabilities::{CAPABILITIES, Enabler, EnablerKind, capability};
use crate::lint::{Check, Cx, ImpliedIntents, Sink};
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
    for fact in profile
        .own_facts(cx.summaries)
        .filter(|fact| fact.mode == Mode::Allow)
    {
        let Body::Capability(names) = &fact.rule.body else {
            continue;
        };
        if names.is_empty() {
            every(fact, profile, cx, sink);
        }
        for name in names {
            one(name.0.in_file(fact.file), profile, cx, sink);
        }
    }
}

/// A rule that names none allows all of them.
fn every(fact: &Fact<'_>, profile: &ProfileView<'_>, cx: &Cx<'_>, sink: &mut Sink<'_>) {
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
    sink.report(finding);
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
    let mut is_limited = true;
    for enabler in enablers {
        let granting = granting(enabler.kind, profile, cx);
        let mut requests = enabler.requests.iter();
        // Where no rule allows anything only flags could.
        let may_be_allowed = granting.is_some() || cx.is_open(profile);
        let claim = may_be_allowed
            .then(|| requests.find_map(|request| cx.allowed(profile, request)))
            .flatten();
        if claim.is_none() && granting.is_none() {
            continue;
        }
        is_limited &= claim.is_none();
        can.push(match (&claim, granting) {
            (Some(_), _) => enabler.grants,
            (None, Some((_, false))) => enabler.least,
            (None, _) => enabler.limited,
        });
        finding = finding.claims(claim);
        if let Some((place, _)) = granting {
            finding = finding.label(place, "with this rule");
        }
    }
    if !can.is_empty() {
        let finding = finding.mark(format!("lets the process {}", can.join(" and ")));
        // Rules that name the peers or the mounts limit it to them.
        return match is_limited {
            true => finding.severity(Severity::Info),
            false => finding,
        };
    }
    let missing: Vec<&str> = enablers.iter().map(|enabler| enabler.missing).collect();
    finding
        .severity(Severity::Info)
        .mark(format!("lets the process {rest}"))
        .note(missing.join(" and "))
        .claims(refusals(enablers, profile, cx))
}

/// That nothing of what the capability could be used for is allowed.
fn refusals(enablers: &[Enabler], profile: &ProfileView<'_>, cx: &Cx<'_>) -> Vec<Claim> {
    let requests = enablers
        .iter()
        .filter_map(|enabler| enabler.requests.first());
    let claims = requests.filter_map(|request| cx.claim(profile, request));
    claims.filter(|claim| !claim.is_allowed()).collect()
}

/// The first rule of a kind that allows something: its place, or that of the include in the profile that brings it, and
/// whether it allows the worst of its kind. Rules that do come first.
fn granting(kind: EnablerKind, profile: &ProfileView<'_>, cx: &Cx<'_>) -> Option<(Span, bool)> {
    let effective = cx.effective(profile);
    let (class, worst, least) = match kind {
        EnablerKind::Ptrace => (Class::Ptrace, ptrace::TRACE, ptrace::READ),
        EnablerKind::Mount => (Class::Mount, mount::MOUNT, 0),
    };
    let first = |bits: u32| {
        let mut granting = effective
            .entries(class)
            .filter(|found| found.entry.effect == Mode::Allow && found.entry.mask & bits != 0);
        granting.find_map(|found| {
            let origin = found.origin(profile, cx.summaries)?;
            is_allowed(&effective, class, found, bits).then_some(origin)
        })
    };
    let found = first(worst).map(|origin| (origin, true));
    let ((via, fact), is_worst) = found.or_else(|| Some((first(least)?, false)))?;
    let place = via.first().copied().unwrap_or_else(|| cx.span(fact));
    Some((place, is_worst))
}

/// Whether anything that an entry grants is allowed in the end.
fn is_allowed(effective: &Effective, class: Class, found: EntryRef<'_>, bits: u32) -> bool {
    let (nfa, mask) = (&*found.entry.nfa, found.entry.mask & bits);
    let is_goal = |verdict: &Verdict| verdict.allow & mask != 0;
    // Nearly always the first one is.
    is_goal(&effective.decide(class, &nfa.example())) || {
        let domain = class.domain(nfa);
        let found = effective.find(class, &[nfa], domain, |verdict, _| is_goal(verdict));
        found.is_ok_and(|found| found.is_some())
    }
}
