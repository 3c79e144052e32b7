//! `container-socket`: sockets of container runtimes.

use crate::lang::permissions::WRITE;
use crate::lang::sensitive::{CONTAINER_SOCKETS, Danger};
use crate::lint::{Check, Cx, Sink};
use crate::policy::ProfileView;

/// What the registry runs.
pub const CHECK: Check = Check::Profile(check);

fn check(profile: &ProfileView<'_>, cx: &Cx<'_>, sink: &mut Sink<'_>) {
    let sockets: Vec<Danger> = CONTAINER_SOCKETS
        .iter()
        .map(|path| Danger {
            path,
            reason: "is a container runtime's socket",
            instead: None,
        })
        .collect();
    // Connecting takes write permission.
    for hit in super::opened::opened(
        profile,
        cx,
        &sockets,
        WRITE,
        &["/run/", "/var/run/", "/var/lib/lxd", "/var/lib/incus"],
    ) {
        let finding = sink
            .at(cx.span(hit.fact), format!("the container runtime's socket `{}` is open", hit.danger.path))
            .note("who talks to the runtime can start a container with the host's files in it, and so is root on the host")
            .help("remove the rule, or put a proxy that filters requests in between");
        sink.report(finding);
    }
}
