//! `container-socket`: sockets of container engines.

use std::sync::LazyLock;

use crate::lang::files::CONTAINER_SOCKETS;
use crate::lang::permissions::WRITE;
use crate::lint::{Check, Cx, ImpliedIntents, Sink, Watched, deny_all};
use crate::policy::ProfileView;

/// What the registry runs.
pub const CHECK: Check = Check::Profile(check);

/// What verify asks the kernel about.
pub const IMPLIED_INTENTS: ImpliedIntents = ImpliedIntents {
    is_for_containers: false,
    promises: || deny_all(CONTAINER_SOCKETS, "w"),
};

static WATCHED: LazyLock<Watched> = LazyLock::new(|| Watched::new(CONTAINER_SOCKETS, WRITE));

fn check(profile: &ProfileView<'_>, cx: &Cx<'_>, sink: &mut Sink<'_>) {
    for exposure in WATCHED.exposures(profile, cx) {
        // Connecting takes write permission.
        let help = if exposure.is_named {
            "remove the rule, or put a proxy that filters requests in between".to_owned()
        } else {
            exposure.advice('w')
        };
        let finding = exposure
            .finding("written", sink)
            .note("who talks to the engine can start a container with the host's files in it, and so is root on the host")
            .help(help);
        sink.report(finding);
    }
}
