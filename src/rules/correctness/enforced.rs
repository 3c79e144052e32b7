//! What becomes of a profile's own rules under its abi and on the target.

use std::collections::BTreeMap;

use crate::lang::mediation::{Mediated, Mediation};
use crate::lint::Cx;
use crate::policy::{Fact, ProfileView};
use crate::source::{FileId, Span};
use crate::syntax::ast::{Body, Condition, Conditioned, Mode};

/// Rules of one kind that do less than they say.
#[derive(Debug)]
pub(super) struct Loss {
    /// What they want mediated.
    pub(super) kind: Mediated,
    /// What becomes of it.
    pub(super) mediation: Mediation,
    /// Whether they are deny rules.
    pub(super) is_deny: bool,
    /// The first of them.
    pub(super) first: Span,
    /// How many there are.
    pub(super) count: usize,
}

/// The losses of the rules that stand in the profile itself, in the order of the text. What included
/// files hold is written for many targets.
pub(super) fn losses(profile: &ProfileView<'_>, cx: &Cx<'_>) -> Vec<Loss> {
    let enforcement = cx.enforcement(profile);
    if enforcement.kernel.is_none() && enforcement.abi.is_none() {
        return Vec::new();
    }
    let mut known: BTreeMap<Mediated, Mediation> = BTreeMap::new();
    let mut losses: BTreeMap<(Mediated, bool), Loss> = BTreeMap::new();
    for fact in profile.own_facts(cx.digests) {
        let is_deny = fact.mode == Mode::Deny;
        // That everything is allowed is what it says.
        if !is_deny && is_everything(fact) {
            continue;
        }
        for kind in kinds(fact, cx).into_iter().flatten() {
            let mediation = *known.entry(kind).or_insert_with(|| enforcement.of(kind));
            if matches!(mediation, Mediation::Enforced | Mediation::Unknown) {
                continue;
            }
            let loss = losses.entry((kind, is_deny)).or_insert(Loss {
                kind,
                mediation,
                is_deny,
                first: cx.span(fact),
                count: 0,
            });
            loss.count += 1;
            // Where sockets are not mediated, that their addresses are not either is the same news.
            if matches!(mediation, Mediation::NotEnforced(_)) {
                break;
            }
        }
    }
    let mut losses: Vec<Loss> = losses.into_values().collect();
    losses.sort_by_key(|loss| loss.first);
    losses
}

fn is_everything(fact: &Fact<'_>) -> bool {
    match &fact.rule.body {
        Body::Userns(_) => true,
        Body::Mount(rule) => {
            rule.conditions.is_empty() && rule.source.is_none() && rule.target.is_none()
        }
        Body::Network(rule)
        | Body::Signal(rule)
        | Body::Ptrace(rule)
        | Body::Unix(rule)
        | Body::Dbus(rule)
        | Body::Mqueue(rule)
        | Body::IoUring(rule) => {
            rule.access.is_empty()
                && rule.conditions.is_empty()
                && rule.operands.is_empty()
                && rule.peer.is_none()
        }
        _ => false,
    }
}

/// What a rule wants mediated: its kind, and for `network` its addresses as well.
fn kinds(fact: &Fact<'_>, cx: &Cx<'_>) -> [Option<Mediated>; 2] {
    let kind = match &fact.rule.body {
        Body::Network(rule) => {
            let address = has_address(rule, fact.file, cx).then_some(Mediated::NetworkAddress);
            return [Some(Mediated::Network), address];
        }
        // Without conditions `network unix` says the same.
        Body::Unix(rule) if fact.mode == Mode::Deny || has_peer(rule, fact.file, cx) => {
            Mediated::Unix
        }
        Body::Unix(_) => Mediated::Network,
        Body::Mount(_) | Body::Remount(_) | Body::Umount(_) | Body::PivotRoot(_) => Mediated::Mount,
        Body::Signal(_) => Mediated::Signal,
        Body::Ptrace(_) => Mediated::Ptrace,
        Body::Dbus(_) => Mediated::Dbus,
        Body::Mqueue(rule) if is_sysv(rule, fact.file, cx) => Mediated::SysvMqueue,
        Body::Mqueue(_) => Mediated::PosixMqueue,
        Body::Userns(_) => Mediated::Userns,
        Body::IoUring(_) => Mediated::IoUring,
        _ => return [None, None],
    };
    [Some(kind), None]
}

fn name<'c>(condition: &Condition, file: FileId, cx: &Cx<'c>) -> &'c str {
    cx.slice(condition.name.in_file(file))
}

fn has_address(rule: &Conditioned, file: FileId, cx: &Cx<'_>) -> bool {
    let of_peer = rule.peer.as_ref().map(|peer| peer.conditions.as_slice());
    let mut conditions = rule.conditions.iter().chain(of_peer.unwrap_or_default());
    conditions.any(|condition| matches!(name(condition, file, cx), "ip" | "port"))
}

fn has_peer(rule: &Conditioned, file: FileId, cx: &Cx<'_>) -> bool {
    let is_finer = |condition| !matches!(name(condition, file, cx), "type" | "protocol");
    rule.peer.is_some() || rule.conditions.iter().any(is_finer)
}

fn is_sysv(rule: &Conditioned, file: FileId, cx: &Cx<'_>) -> bool {
    let says_sysv = |condition: &Condition| {
        name(condition, file, cx) == "type"
            && condition
                .values
                .iter()
                .any(|value| cx.value(file, *value) == "sysv")
    };
    let is_number = |text: String| !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit());
    rule.conditions.iter().any(says_sysv)
        || rule
            .operands
            .iter()
            .any(|word| is_number(cx.value(file, *word)))
}

/// How rules of a kind are called.
const fn keyword(kind: Mediated) -> &'static str {
    match kind {
        Mediated::File => "file",
        Mediated::Capability => "capability",
        Mediated::Network | Mediated::NetworkAddress => "network",
        Mediated::Unix => "unix",
        Mediated::Mount => "mount",
        Mediated::Signal => "signal",
        Mediated::Ptrace => "ptrace",
        Mediated::Dbus => "dbus",
        Mediated::PosixMqueue | Mediated::SysvMqueue => "mqueue",
        Mediated::Userns => "userns",
        Mediated::IoUring => "io_uring",
        Mediated::Rlimit => "rlimit",
        Mediated::ChangeProfile | Mediated::Stacking => "change_profile",
    }
}

/// What AppArmor lets through where a kind is not mediated.
pub(super) const fn opened(kind: Mediated) -> &'static str {
    match kind {
        Mediated::Network => "sockets of every kind",
        Mediated::NetworkAddress => "every address and port",
        Mediated::Unix => "every UNIX socket",
        Mediated::Mount => "every mount, umount and pivot_root",
        Mediated::Signal => "signals to and from everybody",
        Mediated::Ptrace => "tracing and reading of every process",
        Mediated::Dbus => "every D-Bus message",
        Mediated::PosixMqueue | Mediated::SysvMqueue => "every message queue",
        Mediated::Userns => "creating user namespaces",
        Mediated::IoUring => "everything of io_uring",
        _ => "everything of the kind",
    }
}

/// "the `unix` rule", "the 3 `deny unix` rules".
pub(super) fn rules(loss: &Loss) -> String {
    let deny = if loss.is_deny { "deny " } else { "" };
    let keyword = keyword(loss.kind);
    match loss.count {
        1 => format!("the `{deny}{keyword}` rule"),
        count => format!("the {count} `{deny}{keyword}` rules"),
    }
}

/// The verb that goes with [`rules`].
pub(super) const fn verb(loss: &Loss, one: &'static str, many: &'static str) -> &'static str {
    if loss.count == 1 { one } else { many }
}
