//! `container-attaches-host`: attachments of profiles for containers.

use crate::lint::{Check, Cx, Sink};
use crate::policy::ProfileView;

/// What the registry runs.
pub const CHECK: Check = Check::Profile(check);

fn check(profile: &ProfileView<'_>, cx: &Cx<'_>, sink: &mut Sink<'_>) {
    let Some(path) = &profile.attachment else {
        return;
    };
    if !cx.is_for_container(profile) {
        return;
    }
    let place = profile.attachment_span();
    let finding = sink
        .at(
            place,
            format!(
                "`{}` is the profile of a container, and also confines `{path}` on the host",
                profile.full_name
            ),
        )
        .note(
            "once the profile is loaded, the kernel confines every program of the host at that path; \
             the container goes by the profile's name alone",
        )
        .help(format!("write `{}`", cx.container_header(profile)));
    sink.report(finding);
}
