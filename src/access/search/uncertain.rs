//! Whether rules that are not known could change an answer.

use super::unknown::is_about;
use crate::access::{Class, Effective};
use crate::policy::{Fact, FileSummaries, ProfileView};
use crate::syntax::ast::{Body, Mode};

impl Effective {
    /// Whether a rule that is not known could override what others grant: an include cannot be read,
    /// or a deny rule cannot.
    #[must_use]
    pub fn may_deny_more(
        &self,
        class: Class,
        profile: &ProfileView<'_>,
        summaries: &FileSummaries<'_>,
    ) -> bool {
        self.is_incomplete
            || (class == Class::Network && self.has_undecided())
            || self.has_unreadable(profile, summaries, |fact| {
                fact.mode != Mode::Allow && may_be_about(&fact.rule.body, class)
            })
    }

    /// Whether there are rules with addresses, which restrict on some kernels only.
    fn has_undecided(&self) -> bool {
        self.parts
            .iter()
            .any(|part| !part.rules.undecided.is_empty())
    }

    /// Whether a rule that is not known could grant more: an include cannot be read, or an allow rule
    /// cannot.
    #[must_use]
    pub fn may_allow_more(
        &self,
        class: Class,
        profile: &ProfileView<'_>,
        summaries: &FileSummaries<'_>,
    ) -> bool {
        self.is_incomplete
            || (class == Class::Network && self.has_undecided())
            || self.has_unreadable(profile, summaries, |fact| {
                fact.mode != Mode::Deny && may_be_about(&fact.rule.body, class)
            })
    }

    fn has_unreadable(
        &self,
        profile: &ProfileView<'_>,
        summaries: &FileSummaries<'_>,
        matters: impl Fn(&Fact<'_>) -> bool,
    ) -> bool {
        self.parts
            .iter()
            .filter(|part| !part.rules.unreadable.is_empty())
            .any(|part| {
                let segment = profile.segments.get(part.segment);
                let facts = segment.map_or(&[][..], |segment| segment.facts(summaries));
                let mut numbers = part.rules.unreadable.iter();
                numbers.any(|number| facts.get(*number as usize).is_none_or(&matters))
            })
    }
}

/// Of a faulty rule nothing is known.
fn may_be_about(body: &Body, class: Class) -> bool {
    matches!(body, Body::Unreadable) || is_about(body, class)
}
