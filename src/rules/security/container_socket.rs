//! `container-socket`: sockets of container engines.

use std::sync::LazyLock;

use crate::access::{Targets, is_among_much};
use crate::lang::files::CONTAINER_SOCKETS;
use crate::lang::permissions::WRITE;
use crate::lint::{Check, Cx, Pledge, Sink, closed};
use crate::policy::ProfileView;

/// What the registry runs.
pub const CHECK: Check = Check::Profile(check);

/// What verify asks the kernel about.
pub const PLEDGE: Pledge = Pledge {
    is_for_containers: false,
    promises: || closed(CONTAINER_SOCKETS, "w"),
};

static TARGETS: LazyLock<Targets> = LazyLock::new(|| {
    Targets::new(
        CONTAINER_SOCKETS
            .iter()
            .map(|file| (file.pattern, file.example)),
    )
});

fn check(profile: &ProfileView<'_>, cx: &Cx<'_>, sink: &mut Sink<'_>) {
    let effective = cx.effective(profile);
    // Connecting takes write permission.
    let opened = effective.opened(profile, cx.digests, &TARGETS, WRITE, |entry, path| {
        !is_among_much(entry, path)
    });
    for rule in &opened {
        let Some(((_, fact), file)) = rule.first(profile, cx.digests) else {
            continue;
        };
        let finding = sink
            .at(cx.span(fact), format!("the container engine's socket `{}` is open", file.text()))
            .note("who talks to the engine can start a container with the host's files in it, and so is root on the host")
            .help("remove the rule, or put a proxy that filters requests in between");
        sink.report(finding);
    }
}
