//! What becomes of a profile's own rules under its abi and on the target.

use std::collections::BTreeMap;

use crate::lang::mediation::{Enforcement, Mediated, Mediation};
use crate::policy::{Fact, FileSummaries, ProfileView};
use crate::source::{FileId, SourceMap, Span};
use crate::syntax::ast::{Body, Condition, Conditioned, Mode, Word};
use crate::syntax::text;

/// Rules of one kind that do less than they say.
#[derive(Debug)]
pub struct Loss {
    /// What they want mediated.
    pub kind: Mediated,
    /// What becomes of it.
    pub mediation: Mediation,
    /// Whether they are deny rules.
    pub is_deny: bool,
    /// The first of them.
    pub first: Span,
    /// How many there are.
    pub count: usize,
}

/// The losses of the rules that stand in the profile itself, in the order of the text. What included
/// files hold is written for many targets.
#[must_use]
pub fn losses(
    profile: &ProfileView<'_>,
    enforcement: &Enforcement<'_>,
    summaries: &FileSummaries<'_>,
    sources: &SourceMap,
) -> Vec<Loss> {
    if enforcement.kernel.is_none() && enforcement.abi.is_none() {
        return Vec::new();
    }
    let mut known: BTreeMap<Mediated, Mediation> = BTreeMap::new();
    let mut losses: BTreeMap<(Mediated, bool), Loss> = BTreeMap::new();
    for fact in profile.own_facts(summaries) {
        let is_deny = fact.mode == Mode::Deny;
        // That everything is allowed is what it says.
        if !is_deny && is_everything(fact) {
            continue;
        }
        for kind in kinds(fact, sources).into_iter().flatten() {
            let mediation = *known.entry(kind).or_insert_with(|| enforcement.of(kind));
            if matches!(mediation, Mediation::Enforced | Mediation::Unknown) {
                continue;
            }
            let loss = losses.entry((kind, is_deny)).or_insert(Loss {
                kind,
                mediation,
                is_deny,
                first: fact.rule.range.in_file(fact.file),
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
fn kinds(fact: &Fact<'_>, sources: &SourceMap) -> [Option<Mediated>; 2] {
    let kind = match &fact.rule.body {
        Body::Network(rule) => {
            let address = has_address(rule, fact.file, sources).then_some(Mediated::NetworkAddress);
            return [Some(Mediated::Network), address];
        }
        // Without conditions `network unix` says the same.
        Body::Unix(rule) if fact.mode == Mode::Deny || has_peer(rule, fact.file, sources) => {
            Mediated::Unix
        }
        Body::Unix(_) => Mediated::Network,
        Body::Mount(_) | Body::Remount(_) | Body::Umount(_) | Body::PivotRoot(_) => Mediated::Mount,
        Body::Signal(_) => Mediated::Signal,
        Body::Ptrace(_) => Mediated::Ptrace,
        Body::Dbus(_) => Mediated::Dbus,
        Body::Mqueue(rule) if is_sysv(rule, fact.file, sources) => Mediated::SysvMqueue,
        Body::Mqueue(_) => Mediated::PosixMqueue,
        Body::Userns(_) => Mediated::Userns,
        Body::IoUring(_) => Mediated::IoUring,
        _ => return [None, None],
    };
    [Some(kind), None]
}

fn name<'s>(condition: &Condition, file: FileId, sources: &'s SourceMap) -> &'s str {
    sources.slice(condition.name.in_file(file))
}

fn value(word: Word, file: FileId, sources: &SourceMap) -> String {
    text::value(sources.slice(word.0.in_file(file))).into_owned()
}

fn has_address(rule: &Conditioned, file: FileId, sources: &SourceMap) -> bool {
    let of_peer = rule.peer.as_ref().map(|peer| peer.conditions.as_slice());
    let mut conditions = rule.conditions.iter().chain(of_peer.unwrap_or_default());
    conditions.any(|condition| matches!(name(condition, file, sources), "ip" | "port"))
}

fn has_peer(rule: &Conditioned, file: FileId, sources: &SourceMap) -> bool {
    let is_finer = |condition| !matches!(name(condition, file, sources), "type" | "protocol");
    rule.peer.is_some() || rule.conditions.iter().any(is_finer)
}

fn is_sysv(rule: &Conditioned, file: FileId, sources: &SourceMap) -> bool {
    let says_sysv = |condition: &Condition| {
        name(condition, file, sources) == "type"
            && condition
                .values
                .iter()
                .any(|word| value(*word, file, sources) == "sysv")
    };
    let is_number = |text: String| !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit());
    rule.conditions.iter().any(says_sysv)
        || rule
            .operands
            .iter()
            .any(|word| is_number(value(*word, file, sources)))
}
