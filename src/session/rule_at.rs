//! A rule and where it is written, for readers that no longer have the policy at hand.

use super::policy::Policy;
use crate::access::EntryRef;
use crate::policy::ProfileView;
use crate::source::{ResolvedSpan, SourceMap, Span};

/// A rule, and where it is written.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub struct RuleAt {
    /// Where the rule stands.
    pub place: ResolvedSpan,
    /// The rule as written.
    pub text: String,
    /// The include statements that lead there, outermost first.
    pub via: Vec<ResolvedSpan>,
}

impl RuleAt {
    /// The rule that an entry comes from; `None` for what the parser adds itself.
    #[must_use]
    pub fn of(
        found: &EntryRef<'_>,
        profile: &ProfileView<'_>,
        policy: &Policy<'_>,
    ) -> Option<Self> {
        let (via, fact) = found.origin(profile, policy.summaries)?;
        let sources = &policy.store.sources;
        let span = fact.rule.range.in_file(fact.file);
        let text = sources.shown(span).trim().to_owned();
        Some(Self::at(span, via, text, sources))
    }

    /// A rule at `span`, with its text as it is to be shown and the include statements that lead there, outermost first.
    pub(crate) fn at(span: Span, via: &[Span], text: String, sources: &SourceMap) -> Self {
        let via = via.iter().map(|via| ResolvedSpan::of(*via, sources));
        Self {
            place: ResolvedSpan::of(span, sources),
            text,
            via: via.collect(),
        }
    }
}
