//! `container-signals`: whether a container can be stopped.

use crate::diagnostic::{Applicability, Claim};
use crate::lint::{Check, Cx, Sink, profile_end};
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
    let asked = SENDERS.iter().flat_map(|sender| {
        let request = move |signal| format!("signal (receive) set=({signal}) peer={sender}");
        STOPPING.iter().map(request)
    });
    // Where one is allowed the container can be stopped; where one is not known nothing is said.
    let refused = asked.map(|request| {
        let claim = cx.claim(profile, &request);
        claim.filter(|claim| !claim.is_allowed())
    });
    let Some(mut claims) = refused.collect::<Option<Vec<Claim>>>() else {
        return;
    };
    // Those of the label that most engines run under stand for all.
    claims.truncate(STOPPING.len());
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
    let finding = match profile_end(source, profile.ast) {
        Some((place, indent)) => finding.replace(
            Applicability::Unsafe,
            "add `signal (receive) peer=unconfined,`",
            place.in_file(profile.file),
            format!("{indent}  signal (receive) peer=unconfined,\n"),
        ),
        None => finding,
    };
    sink.report(containment.limit(finding));
}
