//! `container-unexpected-profile`: profiles that belong to a runtime.

use crate::lint::{Check, Cx, FileView, Sink};

/// What the registry runs.
pub const CHECK: Check = Check::File(check);

/// Profiles that runtimes load themselves.
const OF_RUNTIMES: &[&str] = &[
    "docker-default",
    "cri-containerd.apparmor.d",
    "nerdctl-default",
    "containers-default",
    "crio-default",
];

fn check(file: &FileView<'_>, _: &Cx<'_>, sink: &mut Sink<'_>) {
    let Some(unit) = file.unit else { return };
    let own: Vec<_> = unit
        .profiles
        .iter()
        .filter(|profile| profile.parent.is_none() && profile.file == file.id)
        .collect();
    // A file with this one profile is a copy of it, on purpose.
    if own.len() < 2 {
        return;
    }
    for profile in own
        .iter()
        .filter(|profile| OF_RUNTIMES.contains(&profile.name.as_str()))
    {
        let finding = sink
            .at(
                profile.name_span(),
                format!("the profile `{}` belongs to a container runtime", profile.name),
            )
            .note("loading this file replaces the runtime's own profile for every container on the machine")
            .help("give the profile another name");
        sink.report(finding);
    }
}
