//! `container-libraries`: libraries that the program of a container needs, and its profile refuses.

use crate::containers::ContainerView;
use crate::images::{FileAccess, Purpose};
use crate::lint::{Check, Cx, RefusedAccess, Sink};
use crate::policy::ProfileView;

/// What the registry runs.
pub const CHECK: Check = Check::WholeProfile(check);

fn check(profile: &ProfileView<'_>, cx: &Cx<'_>, sink: &mut Sink<'_>) {
    for view in cx.views_of(profile) {
        let refused = cx.refused_at_start(profile, view, is_library);
        let Some(first) = refused.first() else {
            continue;
        };
        let finding = sink
            .at(profile.name_span(), message(view, first))
            .note("the runtime starts the program unconfined; the libraries are opened after that, under the profile");
        sink.report(cx.refused_start(profile, &refused, finding));
    }
}

fn is_library(access: &FileAccess) -> bool {
    matches!(
        access.purpose,
        Purpose::Library(_) | Purpose::LoaderCache(_) | Purpose::StandardLibrary(_)
    )
}

fn message(view: &ContainerView, refused: &RefusedAccess<'_>) -> String {
    let FileAccess { path, program, .. } = refused.access;
    let what = match &refused.access.purpose {
        Purpose::StandardLibrary(language) => format!("{language} starts with `{path}`"),
        Purpose::LoaderCache(library) => {
            format!("`{program}` needs `{library}`, which only `{path}` leads to")
        }
        _ => format!("`{program}` needs `{path}`"),
    };
    format!(
        "{} cannot start: {what}, and {}",
        view.who,
        refused.reason()
    )
}
