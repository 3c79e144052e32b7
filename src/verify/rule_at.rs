//! A rule and where it is written, for whoever no longer has the policy at hand.

use crate::access::EntryRef;
use crate::policy::ProfileView;
use crate::session::Policy;

/// A rule, and where it is written.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct RuleAt {
    /// The rule as written.
    pub text: String,
    /// File, line and column; lines and columns count from 1.
    pub place: (String, u32, u32),
    /// File and line of each include statement that leads there, outermost first.
    pub via: Vec<(String, u32)>,
}

impl RuleAt {
    /// The rule that an entry comes from; `None` for what the parser adds itself.
    pub(super) fn of(
        found: &EntryRef<'_>,
        profile: &ProfileView<'_>,
        policy: &Policy<'_>,
    ) -> Option<Self> {
        let (via, fact) = found.origin(profile, policy.digests)?;
        let sources = &policy.store.sources;
        let span = fact.rule.range.in_file(fact.file);
        let source = sources.get(span.file);
        let at = source.position(span.range.start);
        let includes = via.iter().map(|via| {
            let source = sources.get(via.file);
            (source.path.clone(), source.position(via.range.start).line)
        });
        Some(Self {
            text: sources.shown(span).trim().to_owned(),
            place: (source.path.clone(), at.line, at.column),
            via: includes.collect(),
        })
    }
}
