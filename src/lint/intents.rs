//! Promises about profiles, and whether they are kept.

use super::Cx;
use crate::access::{Decision, Example, Outcome, ProfileMode, Request, Ruling, Unknown};
use crate::config::Config;
use crate::policy::{Expanded, Limit, ProfileView, Store};
use crate::source::{FileId, Span};
use crate::syntax::ast::{Intent, Rule};

/// An intent that profiles must keep.
#[derive(Clone, Debug)]
pub struct Chosen<'c> {
    /// Its name.
    pub name: String,
    /// The file it stands in.
    pub file: FileId,
    /// It.
    pub intent: &'c Intent,
    /// Index of the `[[profile]]` table that chooses it; `None` if it is for all profiles that stand in
    /// no other.
    pub chooser: Option<usize>,
}

impl<'c> Chosen<'c> {
    /// Its promises.
    pub fn promises(&'c self) -> impl Iterator<Item = Promise<'c>> {
        self.intent.promises.iter().map(|rule| Promise {
            rule,
            file: self.file,
            intent: Some(&self.name),
        })
    }

    /// Whether a profile must keep it.
    #[must_use]
    pub fn is_for(&self, profile: &ProfileView<'_>, config: &Config) -> bool {
        match self.chooser {
            None => profile.parent.is_none(),
            Some(number) => {
                let table = config.profiles.get(number);
                table.is_some_and(|table| table.is_about(&profile.full_name))
            }
        }
    }
}

/// What is promised of a profile: the assertions in it, then the intents that were chosen for it.
#[must_use]
pub fn promises<'c>(
    profile: &ProfileView<'_>,
    store: &'c Store,
    chosen: &'c [Chosen<'c>],
    config: &Config,
) -> Vec<Promise<'c>> {
    let loaded = store.file(profile.file);
    let assertions = loaded.map(|loaded| loaded.file.assertions.as_slice());
    let asserted = assertions
        .unwrap_or_default()
        .iter()
        .filter(|assertion| assertion.profile == profile.ast.range)
        .map(|assertion| Promise {
            rule: &assertion.promise,
            file: profile.file,
            intent: None,
        });
    let mut promises: Vec<Promise<'c>> = asserted.collect();
    for chosen in chosen.iter().filter(|one| one.is_for(profile, config)) {
        promises.extend(chosen.promises());
    }
    promises
}

/// One promise.
#[derive(Copy, Clone, Debug)]
pub struct Promise<'c> {
    /// As a rule.
    pub rule: &'c Rule,
    /// Where it stands.
    pub file: FileId,
    /// The name of its intent; `None` for an assertion.
    pub intent: Option<&'c str>,
}

impl Promise<'_> {
    /// Where it stands.
    #[must_use]
    pub const fn span(&self) -> Span {
        self.rule.range.in_file(self.file)
    }
}

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
    let decision = Decision::of(&effective, &request, mode, profile, cx.digests);
    let is_deny = promise.rule.qualifiers.is_deny();
    match (decision.outcome, decision.open) {
        (Outcome::Unknown, Some(Unknown::TooComplex)) => return Some(Broken::TooComplex),
        (Outcome::Unknown, Some(Unknown::Nothing)) => return Some(Broken::Undecidable),
        (Outcome::Unknown, Some(Unknown::Addresses(segment, number))) => {
            let segment = profile.segments.get(segment)?;
            let fact = segment.facts(cx.digests).get(number as usize)?;
            return Some(Broken::Addresses(cx.span(fact)));
        }
        (Outcome::Unknown, Some(Unknown::Rule(segment, number))) => {
            let segment = profile.segments.get(segment)?;
            let span = cx.span(segment.facts(cx.digests).get(number as usize)?);
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
        let (via, fact) = first.origin(profile, cx.digests)?;
        Some((cx.span(fact), via.to_vec()))
    };
    Some(Broken::Example(Counterexample {
        request: example.show(),
        ruling: example.ruling,
        by_mode: example.by_mode,
        rule: origin(example),
    }))
}
