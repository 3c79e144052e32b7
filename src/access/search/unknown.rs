//! What an answer depends on that is not known.

use crate::access::{Class, Effective, Example, ProfileMode, Ruling};
use crate::policy::{Digests, Fact, Limit, ProfileView};
use crate::source::Span;
use crate::syntax::ast::{Body, Mode};

/// What an answer depends on and is not known.
#[derive(Copy, Clone, PartialEq, Eq, Debug)]
pub enum Unknown {
    /// An include statement whose file cannot be read, or a conditional that cannot be decided.
    Include(Span),
    /// What is not followed because of a limit of aalint.
    Limit(Span, Limit),
    /// A rule that cannot be read, by its segment and number: one of its variables has no value, or
    /// its pattern is too large.
    Rule(usize, u32),
    /// A `network` rule with addresses, by its segment and number: whether they restrict it depends on
    /// the kernel.
    Addresses(usize, u32),
    /// Two rules disagree about what an exec leads to: the parser refuses the profile.
    Conflict((usize, u32), (usize, u32)),
    /// To find out would take too long.
    TooComplex,
    /// Nothing is what the request describes.
    Nothing,
}

impl Unknown {
    /// What could make the answer another one than `examples` show.
    pub(super) fn of(
        effective: &Effective,
        examples: &[Example<'_>],
        mode: ProfileMode,
        profile: &ProfileView<'_>,
        digests: &Digests<'_>,
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
            let facts = segment.map(|segment| segment.facts(digests));
            for number in &part.rules.unreadable {
                let fact = facts.and_then(|facts| facts.get(*number as usize));
                let matters =
                    |fact: &Fact<'_>| examples.iter().any(|example| could_change(fact, example));
                if fact.is_none_or(matters) {
                    return Some(Self::Rule(part.segment, *number));
                }
            }
        }
        let addresses = addresses(effective, examples, profile, digests);
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
    digests: &Digests<'_>,
) -> Option<Unknown> {
    let is_undecided = |rule: (usize, u32)| {
        let mut parts = effective.parts.iter();
        parts.any(|part| part.segment == rule.0 && part.rules.undecided.contains(&rule.1))
    };
    for part in &effective.parts {
        let segment = profile.segments.get(part.segment);
        let facts = segment.map(|segment| segment.facts(digests));
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
                return Some(Unknown::Addresses(part.segment, number));
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

/// Whether rules of a kind can be about a class.
pub(super) fn is_about(body: &Body, class: Class) -> bool {
    match body {
        Body::File(_) | Body::AllFiles | Body::Link(_) => class == Class::File,
        Body::Capability(_) => class == Class::Capability,
        Body::Network(_) | Body::Unix(_) => matches!(class, Class::Network | Class::Unix),
        Body::Mount(_) | Body::Remount(_) | Body::Umount(_) | Body::PivotRoot(_) => {
            class == Class::Mount
        }
        Body::Signal(_) => class == Class::Signal,
        Body::Ptrace(_) => class == Class::Ptrace,
        Body::Dbus(_) => class == Class::Dbus,
        Body::Mqueue(_) => class == Class::Mqueue,
        Body::Userns(_) => class == Class::Userns,
        Body::IoUring(_) => class == Class::IoUring,
        Body::ChangeProfile(_) => matches!(class, Class::ChangeProfile | Class::File),
        Body::Rlimit(_) | Body::Unreadable => false,
        Body::All => true,
    }
}
