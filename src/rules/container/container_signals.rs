//! `container-signals`: whether a container can be stopped.

use crate::diagnostic::Claim;
use crate::lint::{Check, Cx, Sink};
use crate::policy::ProfileView;

/// What the registry runs.
pub const CHECK: Check = Check::Profile(check);

/// Labels that runtimes send signals from, by version and distribution.
const SENDERS: [&str; 8] = [
    "unconfined",
    "runc",
    "crun",
    "docker",
    "dockerd",
    "containerd",
    "podman",
    "crio",
];

/// The signals that stop a container.
const STOPPING: [&str; 2] = ["term", "kill"];

fn check(profile: &ProfileView<'_>, cx: &Cx<'_>, sink: &mut Sink<'_>) {
    let Some(containment) = cx.container(profile) else {
        return;
    };
    let source = cx.store.sources.get(profile.file);
    let is_open = profile
        .flags(&source.text)
        .iter()
        .any(|flag| matches!(*flag, "unconfined" | "default_allow" | "complain"));
    if is_open {
        return;
    }
    let mut claims = Vec::new();
    for sender in SENDERS {
        for signal in STOPPING {
            let request = format!("signal (receive) set=({signal}) peer={sender}");
            // Where one is allowed the container can be stopped; where one is not known nothing is said.
            match cx
                .claim(profile, &request)
                .filter(|claim| !claim.is_allowed())
            {
                Some(claim) => claims.push(claim),
                None => return,
            }
        }
    }
    // Those of the engine that nearly everybody has stand for all.
    let claims = claims.into_iter().take(STOPPING.len());
    let claims: Vec<Claim> = claims.collect();
    let finding = sink
        .at(
            profile.name_span(),
            format!(
                "{}no signal rule of `{}` lets the runtime stop the container",
                containment.condition(),
                profile.full_name
            ),
        )
        .claims(claims)
        .note("`docker stop` and `docker rm -f` fail with \"permission denied\" until the profile is removed")
        .help(
            "add `signal (receive) peer=unconfined,`, and the same for the runtime's own profile if it has one \
             (`peer=runc`, `peer=crun`)",
        );
    sink.report(containment.limit(finding));
}
