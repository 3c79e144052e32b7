//! Whether rules that are not known could change an answer.

use super::{Class, Effective};
use crate::policy::{Digests, Fact, ProfileView};
use crate::syntax::ast::{Body, Mode};

impl Effective {
    /// Whether a rule that is not known could take back what others grant: an include cannot be read,
    /// or a deny rule cannot.
    #[must_use]
    pub fn may_deny_more(
        &self,
        class: Class,
        profile: &ProfileView<'_>,
        digests: &Digests<'_>,
    ) -> bool {
        self.is_incomplete
            || self.has_unreadable(profile, digests, |fact| {
                fact.mode != Mode::Allow && is_about(&fact.rule.body, class)
            })
    }

    /// Whether a rule that is not known could grant more: an include cannot be read, or an allow rule
    /// cannot.
    #[must_use]
    pub fn may_allow_more(
        &self,
        class: Class,
        profile: &ProfileView<'_>,
        digests: &Digests<'_>,
    ) -> bool {
        self.is_incomplete
            || self.has_unreadable(profile, digests, |fact| {
                fact.mode != Mode::Deny && is_about(&fact.rule.body, class)
            })
    }

    fn has_unreadable(
        &self,
        profile: &ProfileView<'_>,
        digests: &Digests<'_>,
        matters: impl Fn(&Fact<'_>) -> bool,
    ) -> bool {
        self.parts
            .iter()
            .filter(|part| !part.rules.unreadable.is_empty())
            .any(|part| {
                let segment = profile.segments.get(part.segment);
                let facts = segment.map_or(&[][..], |segment| segment.facts(digests));
                let mut numbers = part.rules.unreadable.iter();
                numbers.any(|number| facts.get(*number as usize).is_none_or(&matters))
            })
    }
}

/// Whether rules of a kind can be about a class.
const fn is_about(body: &Body, class: Class) -> bool {
    match body {
        Body::File(_) | Body::AllFiles | Body::Link(_) => matches!(class, Class::File),
        Body::Capability(_) => matches!(class, Class::Capability),
        Body::Network(_) | Body::Unix(_) => matches!(class, Class::Network | Class::Unix),
        Body::Mount(_) | Body::Remount(_) | Body::Umount(_) | Body::PivotRoot(_) => {
            matches!(class, Class::Mount)
        }
        Body::Signal(_) => matches!(class, Class::Signal),
        Body::Ptrace(_) => matches!(class, Class::Ptrace),
        Body::Dbus(_) => matches!(class, Class::Dbus),
        Body::Mqueue(_) => matches!(class, Class::Mqueue),
        Body::Userns(_) => matches!(class, Class::Userns),
        Body::IoUring(_) => matches!(class, Class::IoUring),
        Body::ChangeProfile(_) => matches!(class, Class::ChangeProfile | Class::File),
        Body::Rlimit(_) => false,
        Body::All | Body::Unreadable => true,
    }
}
