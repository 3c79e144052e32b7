//! Whether something that is not known could make a decision another one than its examples show.

use super::unknown::is_about;
use crate::access::{Class, Effective, Example, ProfileMode, Ruling, Unknown};
use crate::policy::{Fact, FileSummaries, ProfileView, RuleId};
use crate::syntax::ast::Mode;

impl Unknown {
    /// What could make the answer another one than `examples` show.
    pub(super) fn of(
        effective: &Effective,
        examples: &[Example<'_>],
        mode: ProfileMode,
        profile: &ProfileView<'_>,
        summaries: &FileSummaries<'_>,
    ) -> Option<Self> {
        if examples.is_empty() {
            return Some(Self::Nothing);
        }
        if mode == ProfileMode::Unconfined
            && examples
                .iter()
                .all(|example| example.class != Class::Userns)
        {
            return None;
        }
        for part in &effective.parts {
            let segment = profile.segments.get(part.segment);
            let facts = segment.map(|segment| segment.facts(summaries));
            for number in &part.rules.unreadable {
                let fact = facts.and_then(|facts| facts.get(*number as usize));
                let matters =
                    |fact: &Fact<'_>| examples.iter().any(|example| could_change(fact, example));
                if fact.is_none_or(matters) {
                    return Some(Self::Rule(RuleId {
                        segment: part.segment,
                        number: *number,
                    }));
                }
            }
        }
        let addresses = addresses(effective, examples, profile, summaries);
        let limit = || profile.limit.map(|(span, limit)| Self::Limit(span, limit));
        addresses
            .or_else(limit)
            .or_else(|| profile.unknown.or(profile.missing).map(Self::Include))
    }
}

/// A rule with addresses that decides an example, or could decide it otherwise.
fn addresses(
    effective: &Effective,
    examples: &[Example<'_>],
    profile: &ProfileView<'_>,
    summaries: &FileSummaries<'_>,
) -> Option<Unknown> {
    let is_undecided = |rule: RuleId| {
        let mut parts = effective.parts.iter();
        parts
            .any(|part| part.segment == rule.segment && part.rules.undecided.contains(&rule.number))
    };
    for part in &effective.parts {
        let segment = profile.segments.get(part.segment);
        let facts = segment.map(|segment| segment.facts(summaries));
        for &number in &part.rules.undecided {
            let Some(fact) = facts.and_then(|facts| facts.get(number as usize)) else {
                continue;
            };
            let matters = |example: &Example<'_>| {
                // All other families are the same to every kernel.
                let has_address = example.class == Class::Network
                    && matches!(example.witness.first(), Some(family) if INTERNET.contains(family));
                let winners = &example.deciding.winners;
                let decides_alone =
                    !winners.is_empty() && winners.iter().all(|found| is_undecided(found.rule()));
                has_address && (decides_alone || could_change(fact, example))
            };
            if examples.iter().any(matters) {
                return Some(Unknown::Addresses(RuleId {
                    segment: part.segment,
                    number,
                }));
            }
        }
    }
    None
}

/// The families whose addresses rules can name: `inet` and `inet6` (linux/socket.h).
const INTERNET: [u8; 2] = [2, 10];

/// Whether a rule of which nothing but its kind and qualifiers is known could decide an example
/// otherwise.
fn could_change(fact: &Fact<'_>, example: &Example<'_>) -> bool {
    if !is_about(&fact.rule.body, example.class) {
        return false;
    }
    let winners = &example.deciding.winners;
    let lowest = winners.iter().map(|found| found.entry.priority).min();
    let outranks = lowest.is_none_or(|lowest| fact.priority > lowest);
    let equals = lowest.is_none_or(|lowest| fact.priority >= lowest);
    match (example.ruling, fact.mode) {
        (Ruling::Denied, Mode::Deny) => false,
        (Ruling::Denied, _) => outranks,
        (Ruling::Unmatched, mode) => mode != Mode::Deny,
        (Ruling::Asked, _) | (Ruling::Allowed, Mode::Deny) => equals,
        // Which exec rule decides may change as well.
        (Ruling::Allowed, Mode::Allow) => example.exec.is_some() && equals,
        (Ruling::Allowed, Mode::Prompt) => outranks,
    }
}
