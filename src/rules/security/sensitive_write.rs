//! `sensitive-write`: files that decide what others run or may do.

use std::sync::LazyLock;

use crate::lang::files::SWITCHES;
use crate::lang::permissions::{APPEND, WRITE};
use crate::lint::{Check, Cx, ImpliedIntents, Sink, Watched, deny_all};
use crate::policy::ProfileView;

/// What the registry runs.
pub const CHECK: Check = Check::Profile(check);

/// What verify asks the kernel about.
pub const IMPLIED_INTENTS: ImpliedIntents = ImpliedIntents {
    is_for_containers: false,
    promises: || deny_all(SWITCHES, "w"),
};

static WATCHED: LazyLock<Watched> = LazyLock::new(|| Watched::new(SWITCHES, WRITE | APPEND));

fn check(profile: &ProfileView<'_>, cx: &Cx<'_>, sink: &mut Sink<'_>) {
    for exposure in WATCHED.exposures(profile, cx) {
        // `container-proc-sys` tells that of containers.
        let is_of_kernel = ["/proc/", "/sys/"]
            .iter()
            .any(|root| exposure.path.starts_with(root));
        if is_of_kernel && cx.container(profile).is_some() {
            continue;
        }
        let finding = exposure
            .finding("written", sink)
            .note("an attacker who compromises the program can act outside of this profile through that file")
            .help(exposure.advice('w'));
        sink.report(finding);
    }
}
