//! What is promised to stay denied: intents and assertions against which no rule is proposed.

use crate::access::{Request, Want};
use crate::glob::common;
use crate::lint::Promise;
use crate::policy::ProfileView;
use crate::session::RuleAt;
use crate::source::SourceMap;

/// A promise that denies what a missing rule would allow.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Forbidden {
    /// The name of the intent; `None` for an assertion in the profile.
    pub intent: Option<String>,
    /// The promise, and where it is written.
    pub promise: RuleAt,
}

/// The promises of a profile that something is denied.
#[derive(Debug)]
pub(super) struct PromisedDenials(Vec<(Request, Forbidden)>);

impl PromisedDenials {
    /// Those among all promises of a profile.
    pub(super) fn of(
        promises: &[Promise<'_>],
        profile: &ProfileView<'_>,
        sources: &SourceMap,
    ) -> Self {
        let denials = promises
            .iter()
            .filter(|promise| promise.rule.qualifiers.is_deny());
        let denials = denials.filter_map(|promise| {
            let (env, name) = (&profile.env, &profile.name);
            let request = Request::of_rule(promise.rule, promise.file, sources, env, name)?;
            let span = promise.span();
            let text = sources.shown(span).trim().to_owned();
            let forbidden = Forbidden {
                intent: promise.intent.map(str::to_owned),
                promise: RuleAt::at(span, &[], text, sources),
            };
            Some((request, forbidden))
        });
        Self(denials.collect())
    }

    /// Those that deny something of what a rule would allow.
    pub(super) fn against(&self, rule: &Request) -> Vec<Forbidden> {
        let against = self.0.iter().filter(|(promise, _)| {
            let mut pairs = promise
                .wants
                .iter()
                .flat_map(|denied| rule.wants.iter().map(move |allowed| (denied, allowed)));
            pairs.any(|(denied, allowed)| have_common(denied, allowed))
        });
        against.map(|(_, forbidden)| forbidden.clone()).collect()
    }
}

/// Whether two requests ask for the same. Where that is too complex to find out, nothing is claimed.
fn have_common(denied: &Want, allowed: &Want) -> bool {
    denied.class == allowed.class
        && denied.alone() & allowed.alone() != 0
        && matches!(
            common(&[&denied.nfa, &allowed.nfa], &[], allowed.domain()),
            Ok(Some(_))
        )
}
