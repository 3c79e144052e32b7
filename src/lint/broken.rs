//! Whether promises about profiles are kept.

use super::{Cx, Promise};
use crate::access::{Decision, Example, Outcome, ProfileMode, Request, Ruling, Unknown};
use crate::policy::{Expanded, Limit, ProfileView};
use crate::source::Span;

/// How a promise is broken.
#[derive(Clone, Debug)]
pub enum Broken {
    /// This request is allowed and should not be, or the other way round.
    Example(Counterexample),
    /// It cannot be decided: a variable has no value in the profile, or nothing is described.
    Undecidable,
    /// That depends on the kernel: whether the addresses of this `network` rule restrict it.
    Addresses(Span),
    /// It cannot be decided: this goes beyond that limit of aalint, or it is a rule with more texts or states than are
    /// followed.
    Beyond(Span, Option<Limit>),
    /// To find out would take too long.
    TooComplex,
}

/// A request that is not decided as promised.
#[derive(Clone, Debug)]
pub struct Counterexample {
    /// The request.
    pub request: String,
    /// How it is decided.
    pub ruling: Ruling,
    /// Whether the profile's mode decides, and no rule.
    pub by_mode: bool,
    /// The first rule that decides, and the include statements that lead there.
    pub rule: Option<(Span, Vec<Span>)>,
}

/// How a promise is broken by a profile; `None` if it is kept, or if that is not known because an
/// include cannot be read. The profile is taken as it will be once it is enforced.
#[must_use]
pub fn broken(promise: &Promise<'_>, profile: &ProfileView<'_>, cx: &Cx<'_>) -> Option<Broken> {
    let sources = &cx.store.sources;
    let is_gap = profile.unknown.or(profile.missing).is_some();
    let name = &profile.name;
    let Some(request) = Request::of_rule(promise.rule, promise.file, sources, &profile.env, name)
    else {
        return (!is_gap).then_some(Broken::Undecidable);
    };
    let effective = cx.effective(profile);
    let mode = ProfileMode::of(profile, &sources.get(profile.file).text).once_enforced();
    let decision = Decision::of(&effective, &request, mode, profile, cx.summaries);
    let is_deny = promise.rule.qualifiers.is_deny();
    match (decision.outcome, decision.open) {
        (Outcome::Unknown, Some(Unknown::TooComplex)) => return Some(Broken::TooComplex),
        (Outcome::Unknown, Some(Unknown::Nothing)) => return Some(Broken::Undecidable),
        (Outcome::Unknown, Some(Unknown::Addresses(rule))) => {
            let (_, fact) = profile.rule(rule, cx.summaries)?;
            return Some(Broken::Addresses(cx.span(fact)));
        }
        (Outcome::Unknown, Some(Unknown::Rule(rule))) => {
            let span = cx.span(profile.rule(rule, cx.summaries)?.1);
            return match profile.env.expand(sources.slice(span)) {
                // Other findings are about these, but for a value that lies beyond a limit.
                Expanded::Undefined(_) | Expanded::Recursive(_) => {
                    let beyond = |(span, limit)| Broken::Beyond(span, Some(limit));
                    profile.limit.map(beyond)
                }
                _ => Some(Broken::Beyond(span, None)),
            };
        }
        (Outcome::Unknown, Some(Unknown::Limit(span, limit))) => {
            return Some(Broken::Beyond(span, Some(limit)));
        }
        (Outcome::Unknown, _) => return None,
        _ => {}
    }
    let breaks = |example: &&Example<'_>| match example.ruling {
        Ruling::Asked => true,
        Ruling::Allowed => is_deny,
        Ruling::Denied | Ruling::Unmatched => !is_deny,
    };
    let example = decision.examples.iter().find(breaks)?;
    let origin = |example: &Example<'_>| {
        let first = example.deciding.winners.first()?;
        let (via, fact) = first.origin(profile, cx.summaries)?;
        Some((cx.span(fact), via.to_vec()))
    };
    Some(Broken::Example(Counterexample {
        request: example.show(),
        ruling: example.ruling,
        by_mode: example.by_mode,
        rule: origin(example),
    }))
}
