//! How a profile compares with the default profile of Docker.

use super::model::{EngineComparison, EngineFactResult, FactStanding};
use crate::access::{Decision, Effective, Outcome, ProfileMode, Request, Ruling};
use crate::containers::{EngineFact, EngineProfile};
use crate::session::diff::Located;

const DEFAULT: &str = "docker-default";

/// What the default profile allows without an exception, and what that is.
const ALLOWED: &[(&str, &str)] = &[
    ("capability", "capabilities"),
    ("/usr/** x", "programs"),
    ("/usr/** w", "writing files"),
    ("network inet", "network sockets"),
    ("umount", "unmounting"),
];

/// Compares a profile, as its rules decide once they are enforced.
pub(super) fn compare(
    located: Located<'_, '_>,
    effective: &Effective,
    mode: ProfileMode,
) -> EngineComparison {
    let Some(known) = EngineProfile::named(DEFAULT) else {
        return EngineComparison::default();
    };
    let version = known.newest();
    let mode = mode.as_reviewed();
    let (policy, profile) = located;
    let ask = |text: &str| {
        let request = Request::read(text, &profile.env, &profile.name).ok()?;
        let decision = Decision::of(effective, &request, mode, profile, policy.summaries);
        Some(decision)
    };
    let facts = known.facts(version).unwrap_or_default().into_iter();
    let facts = facts.filter_map(|fact| {
        let (wants_denied, text) = match fact.promise.strip_prefix("deny ") {
            Some(text) => (true, text),
            None => (false, fact.promise.strip_prefix("allow ")?),
        };
        Some(result(fact, wants_denied, &ask(text)?))
    });
    let narrower = ALLOWED.iter().filter(|(text, _)| {
        ask(text).is_some_and(|decision| {
            !matches!(decision.outcome, Outcome::Allowed | Outcome::Unknown)
        })
    });
    EngineComparison {
        name: DEFAULT,
        version,
        facts: facts.collect(),
        narrower: narrower.map(|(_, what)| *what).collect(),
    }
}

fn result(fact: EngineFact, wants_denied: bool, decision: &Decision<'_>) -> EngineFactResult {
    let standing = match (decision.outcome, wants_denied) {
        (Outcome::Unknown, _) => FactStanding::Unknown,
        (Outcome::Denied | Outcome::Unmatched | Outcome::Refused | Outcome::Asked, true)
        | (Outcome::Allowed, false) => FactStanding::Kept,
        (_, true) => FactStanding::Weaker,
        (_, false) => FactStanding::Stricter,
    };
    // Where all is decided otherwise, the fact says it better than an example.
    let is_split = decision.outcome == Outcome::Partly;
    let mut examples = decision.examples.iter().filter(|_| is_split);
    let differs = examples.find(|example| match standing {
        FactStanding::Weaker => example.ruling == Ruling::Allowed,
        FactStanding::Stricter => example.ruling != Ruling::Allowed,
        FactStanding::Kept | FactStanding::Unknown => false,
    });
    EngineFactResult {
        promise: fact.promise,
        about: fact.about,
        standing,
        example: differs.map(|example| example.show()),
    }
}
