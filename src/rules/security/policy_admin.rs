//! `policy-admin`: files through which policy is changed.

use std::sync::LazyLock;

use crate::lang::files::POLICY_ADMIN;
use crate::lang::permissions::{APPEND, WRITE};
use crate::lint::{Check, Cx, ImpliedIntents, Sink, Watched, deny_all};
use crate::policy::ProfileView;

/// What the registry runs.
pub const CHECK: Check = Check::Profile(check);

/// What verify asks the kernel about.
pub const IMPLIED_INTENTS: ImpliedIntents = ImpliedIntents {
    is_for_containers: false,
    promises: || deny_all(POLICY_ADMIN, "w"),
};

static WATCHED: LazyLock<Watched> = LazyLock::new(|| Watched::new(POLICY_ADMIN, WRITE | APPEND));

fn check(profile: &ProfileView<'_>, cx: &Cx<'_>, sink: &mut Sink<'_>) {
    for exposure in WATCHED.exposures(profile, cx) {
        let finding = exposure
            .finding("written", sink)
            .note("a process that writes it can change the policy of every confined program")
            .help("remove the rule unless the program loads policy");
        sink.report(finding);
    }
}
