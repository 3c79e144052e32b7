//! Whether a profile allows what its capabilities are used for.

use crate::access::{Effective, Request};
use crate::lang::capabilities::{CAPABILITY_USES, CapabilityUse};
use crate::policy::{FileSummaries, ProfileView};

/// Whether the rules of a profile allow a part of one of these requests at least. What is too complex to find out, or
/// depends on a rule that is not known, is taken for allowed.
#[must_use]
pub fn is_any_allowed(
    effective: &Effective,
    requests: &[&str],
    profile: &ProfileView<'_>,
    summaries: &FileSummaries<'_>,
) -> bool {
    let requests = requests
        .iter()
        .filter_map(|text| Request::read(text, &profile.env, &profile.name).ok());
    let mut wants = requests.flat_map(|request| request.wants);
    wants.any(|want| {
        let is_allowed = || {
            let nfas = [&*want.nfa];
            let found = effective.find(want.class, &nfas, want.domain(), |verdict, _| {
                (verdict.allow | verdict.prompt) & want.mask != 0
            });
            !matches!(found, Ok(None))
        };
        effective.may_allow_more(want.class, profile, summaries) || is_allowed()
    })
}

/// The use of a capability that the rules of a profile do not allow at all, if there is one.
#[must_use]
pub fn missing_use(
    capability: &str,
    effective: &Effective,
    profile: &ProfileView<'_>,
    summaries: &FileSummaries<'_>,
) -> Option<&'static CapabilityUse> {
    let mut uses = CAPABILITY_USES.iter();
    let found = uses.find(|known| known.capability == capability)?;
    (!is_any_allowed(effective, found.requests, profile, summaries)).then_some(found)
}
