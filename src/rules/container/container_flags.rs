//! `container-flags`: the flags that profiles for containers need.

use crate::lint::{Check, Cx, Sink};
use crate::policy::ProfileView;

/// What the registry runs.
pub const CHECK: Check = Check::Profile(check);

fn check(profile: &ProfileView<'_>, cx: &Cx<'_>, sink: &mut Sink<'_>) {
    if cx.container(profile).is_none() {
        return;
    }
    let source = cx.store.sources.get(profile.file);
    let flags = profile.flags(&source.text);
    let missing: Vec<&str> = ["attach_disconnected", "mediate_deleted"]
        .into_iter()
        .filter(|wanted| {
            !flags.iter().any(|flag| {
                flag == wanted
                    || flag
                        .strip_prefix(wanted)
                        .is_some_and(|rest| rest.starts_with(".path"))
            })
        })
        .collect();
    if missing.is_empty() || flags.contains(&"delegate_deleted") || flags.contains(&"unconfined") {
        return;
    }
    let place = profile
        .ast
        .flags
        .as_ref()
        .map_or(profile.ast.name.0, |flags| flags.range)
        .in_file(profile.file);
    let finding = sink
        .at(place, format!("the profile for a container lacks {}", missing.iter().map(|f| format!("`{f}`")).collect::<Vec<_>>().join(" and ")))
        .note("requests for files that have no path in the container fail with messages that name no rule")
        .help("write `flags=(attach_disconnected, mediate_deleted)`");
    sink.report(finding);
}
