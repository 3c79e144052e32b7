//! `capability-missing`: rules that allow what needs a capability, in a profile that does not allow the capability.

use std::ops::ControlFlow;

use crate::access::perms::socket;
use crate::access::{Class, EntryRef};
use crate::diagnostic::ClaimedDecision;
use crate::lint::{Check, Cx, Sink};
use crate::policy::{Fact, ProfileView};
use crate::source::Span;
use crate::syntax::ast::{Body, Mode};

/// What the registry runs.
pub const CHECK: Check = Check::WholeProfile(check);

/// A use for which the kernel always asks for a capability.
struct Requirement {
    /// The capability.
    capability: &'static str,
    /// What tells such rules from others.
    kind: &'static str,
    /// What such rules do not do; continues "this rule …".
    effect: &'static str,
    /// What the kernel does.
    reason: &'static str,
    /// What to do.
    help: &'static str,
}

/// may_mount (fs/namespace.c) asks for CAP_SYS_ADMIN before any mount, umount or pivot_root.
const MOUNTS: Requirement = Requirement {
    capability: "sys_admin",
    kind: "mount",
    effect: "has no effect",
    reason: "the kernel refuses every mount, umount and pivot_root without this capability",
    help: "remove the rule if the program does not mount or unmount anything",
};

/// inet_create and inet6_create ask for CAP_NET_RAW before a raw socket is made.
const RAW: Requirement = Requirement {
    capability: "net_raw",
    kind: "raw",
    effect: "does not let the program create a socket",
    reason: "the kernel creates no such socket without this capability; the program can only use one that another process passes to it",
    help: "remove the rule if the program does not send packets of its own making",
};

/// packet_create and xsk_create ask for it as well.
const PACKET: Requirement = Requirement {
    kind: "packet",
    ..RAW
};

fn check(profile: &ProfileView<'_>, cx: &Cx<'_>, sink: &mut Sink<'_>) {
    if cx.is_open(profile) {
        return;
    }
    let mut found: Vec<(&'static Requirement, Vec<Span>)> = Vec::new();
    for fact in profile.own_facts(cx.summaries) {
        let Some(requirement) = requirement(fact, cx).filter(|_| fact.mode == Mode::Allow) else {
            continue;
        };
        let place = cx.span(fact);
        match found
            .iter_mut()
            .find(|(known, _)| known.kind == requirement.kind)
        {
            Some((_, places)) => places.push(place),
            None => found.push((requirement, vec![place])),
        }
    }
    for (requirement, places) in found {
        report(requirement, &places, profile, cx, sink);
    }
}

/// What a rule is about that needs a capability; nothing if a part of it needs none.
fn requirement(fact: &Fact<'_>, cx: &Cx<'_>) -> Option<&'static Requirement> {
    match &fact.rule.body {
        Body::Mount(_) | Body::Remount(_) | Body::Umount(_) | Body::PivotRoot(_) => Some(&MOUNTS),
        Body::Network(rule) => {
            let words = rule.operands.iter();
            let words: Vec<&str> = words
                .map(|word| cx.slice(word.0.in_file(fact.file)))
                .collect();
            match words.as_slice() {
                ["inet" | "inet6", "raw"] => Some(&RAW),
                ["packet" | "xdp", ..] => Some(&PACKET),
                _ => None,
            }
        }
        _ => None,
    }
}

fn report(
    requirement: &'static Requirement,
    places: &[Span],
    profile: &ProfileView<'_>,
    cx: &Cx<'_>,
    sink: &mut Sink<'_>,
) {
    let capability = requirement.capability;
    let claim = cx.claim(profile, &format!("capability {capability}"));
    // Who denies the capability has decided that the rest is to have no effect, as copies of Docker's default profile do.
    let Some(claim) = claim.filter(|claim| claim.decision == ClaimedDecision::Unmatched) else {
        return;
    };
    let mut in_force = places
        .iter()
        .filter(|place| is_in_force(**place, profile, cx));
    let Some(first) = in_force.next() else {
        return;
    };
    let mut finding = sink
        .at(
            *first,
            format!(
                "this rule {}: `{}` does not allow the capability `{capability}`",
                requirement.effect, profile.full_name
            ),
        )
        .claims([claim])
        .note(requirement.reason)
        .help(requirement.help);
    for other in in_force {
        finding = finding.label(*other, "the same holds for this rule");
    }
    sink.report(finding);
}

/// Whether the rule at a place allows something that no other rule denies.
fn is_in_force(place: Span, profile: &ProfileView<'_>, cx: &Cx<'_>) -> bool {
    let effective = cx.effective(profile);
    let classes = [(Class::Mount, u32::MAX), (Class::Network, socket::CREATE)];
    classes.into_iter().any(|(class, wanted)| {
        let is_here = |found: &EntryRef<'_>| {
            let origin = found.origin(profile, cx.summaries);
            origin.is_some_and(|(_, fact)| cx.span(fact) == place)
        };
        effective
            .own_entries(profile, class)
            .filter(is_here)
            .any(|found| {
                let nfa = &*found.entry.nfa;
                let mut is_allowed = false;
                // What is too complex to find out is not claimed.
                let _ = effective.visit(class, &[nfa], class.domain(nfa), |verdict, _, _| {
                    is_allowed = verdict.allow & found.entry.mask & wanted != 0;
                    match is_allowed {
                        true => ControlFlow::Break(()),
                        false => ControlFlow::Continue(()),
                    }
                });
                is_allowed
            })
    })
}
