//! A profile and the policy that it is in.

use crate::access::ProfileMode;
use crate::policy::ProfileView;
use crate::session::policy::Policy;

/// A profile and the policy that it is in.
pub(in crate::session) type Located<'p, 's> = (&'p Policy<'s>, &'p ProfileView<'s>);

/// The mode of a profile.
pub(super) fn mode(policy: &Policy<'_>, profile: &ProfileView<'_>) -> ProfileMode {
    ProfileMode::of(profile, &policy.store.sources.get(profile.file).text)
}
