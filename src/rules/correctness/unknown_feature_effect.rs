//! `unknown-feature-effect`: rules that the abi or the target's kernel does not enforce.

use super::loss_words::{opened, rules, verb};
use crate::analysis::{Loss, losses};
use crate::diagnostic::Severity;
use crate::lang::mediation::{Mediated, Mediation, MediationSide};
use crate::lint::{Check, Cx, Sink};
use crate::policy::ProfileView;

/// What the registry runs.
pub const CHECK: Check = Check::Profile(check);

fn check(profile: &ProfileView<'_>, cx: &Cx<'_>, sink: &mut Sink<'_>) {
    let enforcement = cx.enforcement(profile);
    for loss in losses(profile, &enforcement, cx.summaries, &cx.store.sources) {
        match loss.mediation {
            Mediation::NotEnforced(side) => not_enforced(&loss, side, profile, cx, sink),
            Mediation::Downgraded(MediationSide::Kernel) => downgraded(&loss, profile, cx, sink),
            // `abi-changes-meaning` speaks of the others.
            _ => {}
        }
    }
}

fn not_enforced(
    loss: &Loss,
    side: MediationSide,
    profile: &ProfileView<'_>,
    cx: &Cx<'_>,
    sink: &mut Sink<'_>,
) {
    let verb = verb(loss, "does", "do");
    let target = cx.target.map_or("the target", |target| &target.name);
    let (place, help) = match side {
        MediationSide::Kernel if loss.is_deny => (
            format!("on {target}"),
            "protect it by other means there, or require a kernel that mediates it".to_owned(),
        ),
        MediationSide::Kernel => (
            format!("on {target}"),
            "keep the rules for kernels that mediate it, and protect it by other means here"
                .to_owned(),
        ),
        MediationSide::Abi => (
            "under the abi of the policy".to_owned(),
            match listed_since(loss.kind) {
                Some(abi) => format!("declare an abi that lists it: abi {abi} does"),
                None => "leave the rules out: no abi lists it".to_owned(),
            },
        ),
    };
    let mut finding = sink
        .at(
            loss.first,
            format!(
                "{} of `{}` {verb} nothing {place}",
                rules(loss),
                profile.full_name
            ),
        )
        .note(format!(
            "AppArmor does not mediate it there, and allows {} whatever the rules say",
            opened(loss.kind)
        ))
        .help(help);
    // Such a rule neither opens nor refuses anything: the target decides so for every profile.
    if side == MediationSide::Kernel && !loss.is_deny {
        finding = finding.severity(Severity::Info);
    }
    if let (MediationSide::Abi, Some(abi)) = (side, &profile.abi) {
        finding = finding.label(abi.span, "this abi does not list it");
    }
    sink.report(finding);
}

/// The first of AppArmor's abi files that lists a kind.
const fn listed_since(kind: Mediated) -> Option<&'static str> {
    match kind {
        Mediated::SysvMqueue => None,
        Mediated::IoUring => Some("5.0"),
        Mediated::Userns | Mediated::PosixMqueue => Some("4.0"),
        _ => Some("3.0"),
    }
}

fn downgraded(loss: &Loss, profile: &ProfileView<'_>, cx: &Cx<'_>, sink: &mut Sink<'_>) {
    let target = cx.target.map_or("the target", |target| &target.name);
    let profile = &profile.full_name;
    let (message, note) = match (loss.kind, loss.is_deny) {
        (Mediated::Unix, true) => (
            format!(
                "{} of `{profile}` cannot be enforced on {target}",
                rules(loss)
            ),
            "its kernel has only `network unix` for UNIX sockets, and the parser drops a `deny unix` rule",
        ),
        (Mediated::Unix, false) => (
            format!(
                "{} of `{profile}` {} `network unix` on {target}",
                rules(loss),
                verb(loss, "becomes", "become")
            ),
            "its kernel mediates neither addresses nor peers of UNIX sockets, so the rule allows any",
        ),
        _ => (
            format!(
                "{} of `{profile}` {} addresses and ports on {target}",
                rules(loss),
                verb(loss, "loses", "lose")
            ),
            "its kernel does not mediate them, and the parser drops these conditions without a warning",
        ),
    };
    let finding = sink
        .at(loss.first, message)
        .note(note)
        .help("say what protects there instead, or require a kernel that mediates it");
    sink.report(finding);
}
