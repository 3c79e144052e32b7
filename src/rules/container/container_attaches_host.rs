//! `container-attaches-host`: attachments of profiles for containers.

use crate::lint::{Check, Cx, Sink};
use crate::policy::ProfileView;

/// What the registry runs.
pub const CHECK: Check = Check::Profile(check);

fn check(profile: &ProfileView<'_>, cx: &Cx<'_>, sink: &mut Sink<'_>) {
    let Some(path) = &profile.attachment else {
        return;
    };
    if cx.container(profile).is_none() {
        return;
    }
    let place = profile
        .ast
        .attachment
        .unwrap_or(profile.ast.name)
        .0
        .in_file(profile.file);
    let finding = sink
        .at(place, format!("the profile for a container also confines the host's `{path}`"))
        .mark("attaches on the host")
        .note("loading the profile confines every program of the host at that path; the container goes by the name alone")
        .help("write `profile NAME {` without a path");
    sink.report(finding);
}
