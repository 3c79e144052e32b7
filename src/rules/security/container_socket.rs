//! `container-socket`: sockets of container engines.

use std::sync::LazyLock;

use crate::lang::files::CONTAINER_SOCKETS;
use crate::lang::permissions::WRITE;
use crate::lint::{Check, Cx, Exposure, ImpliedIntents, Sink, Watched, deny_all};
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
        let is_link = is_behind_link(&exposure);
        // On a host `/var/run` is a link, so the rule matches no socket; `symlinked-path` reports that.
        if is_link && !cx.may_be_for_container(profile) {
            continue;
        }
        // Connecting takes write permission.
        let help = if exposure.is_named {
            "remove the rule, or put a proxy that filters requests in between".to_owned()
        } else {
            exposure.advice('w')
        };
        let mut finding = exposure
            .finding("written", sink)
            .note("who talks to the engine can start a container with the host's files in it, and so is root on the host")
            .help(help);
        if is_link {
            finding
                .message
                .push_str(" where `/var/run` is a directory of the image");
            finding = finding.note("where `/var/run` links to `/run`, this rule matches no socket");
        }
        sink.report(finding);
    }
}

/// Whether a rule exposes nothing but paths in `/var/run`, which is a link to `/run` on every distribution, though not in
/// every image.
fn is_behind_link(exposure: &Exposure) -> bool {
    let mut all = std::iter::once(&exposure.path).chain(&exposure.others);
    all.all(|path| path.starts_with("/var/run/"))
}
