//! The two policies that are compared.

use super::located::mode;
use crate::access::{ComparedProfile, Detail, Effective, is_alike};
use crate::policy::ProfileView;
use crate::session::policy::Policy;

/// The two policies.
pub(super) struct Policies<'p, 'o, 'n> {
    pub(super) old: &'p Policy<'o>,
    pub(super) new: &'p Policy<'n>,
    pub(super) detail: Detail,
}

impl Policies<'_, '_, '_> {
    /// Both versions of a profile, to be compared.
    pub(super) fn subjects<'e>(
        &self,
        (old, new): (&'e ProfileView<'_>, &'e ProfileView<'_>),
        effectives: [&'e Effective; 2],
    ) -> [ComparedProfile<'e>; 2] {
        [
            ComparedProfile {
                effective: effectives[0],
                name: &old.full_name,
                mode: mode(self.old, old).as_reviewed(),
            },
            ComparedProfile {
                effective: effectives[1],
                name: &new.full_name,
                mode: mode(self.new, new).as_reviewed(),
            },
        ]
    }

    /// Whether both decide alike, in the same mode.
    pub(super) fn is_alike(
        &self,
        profiles: (&ProfileView<'_>, &ProfileView<'_>),
        effectives: [&Effective; 2],
    ) -> bool {
        let modes = (mode(self.old, profiles.0), mode(self.new, profiles.1));
        let [old, new] = self.subjects(profiles, effectives);
        modes.0 == modes.1 && is_alike(old, new, self.detail).unwrap_or(false)
    }
}
