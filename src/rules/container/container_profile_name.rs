//! `container-profile-name`: names that no file defines.

use crate::containers::near_miss;
use crate::lint::{Check, Cx, Sink};
use crate::policy::ProfileView;

/// What the registry runs.
pub const CHECK: Check = Check::Policy(check);

/// Profiles that runtimes bring themselves.
const OF_RUNTIMES: &[&str] = &[
    "docker-default",
    "cri-containerd.apparmor.d",
    "nerdctl-default",
    "containers-default",
    "crio-default",
    "unconfined",
    "runtime/default",
];

fn check(cx: &Cx<'_>, sink: &mut Sink<'_>) {
    let profiles: Vec<&ProfileView<'_>> = cx
        .units
        .iter()
        .flat_map(|unit| &unit.profiles)
        .filter(|profile| profile.parent.is_none())
        .collect();
    // Without policy there is nothing to compare with.
    if profiles.is_empty() {
        return;
    }
    let defined: Vec<(String, String)> = profiles
        .iter()
        .map(|profile| {
            let path = &cx.store.sources.get(profile.file).path;
            (
                path.rsplit('/').next().unwrap_or_default().to_owned(),
                profile.name.clone(),
            )
        })
        .collect();
    for expected in cx.expected {
        let is_there = defined.iter().any(|(_, name)| *name == expected.name);
        if is_there
            || cx.unjudged.contains(&expected.name)
            || OF_RUNTIMES.contains(&expected.name.as_str())
            || expected.name.starts_with("containers-default-")
        {
            continue;
        }
        let mut finding = sink
            .at(
                expected.span,
                format!(
                    "{} uses profile `{}`, which no checked file defines",
                    expected.who, expected.name
                ),
            )
            .note("the container does not start; on a host without AppArmor it starts unconfined");
        // Of one profile without a home it is plain that it is meant.
        let header = match (cx.expected, profiles.as_slice()) {
            ([_], [only]) => cx.container_header(only),
            _ => format!(
                "profile {} flags=(attach_disconnected, mediate_deleted) {{",
                expected.name
            ),
        };
        finding = finding.help(format!("write `{header}`"));
        if let Some(near) = near_miss(&expected.name, &defined) {
            finding = finding.note(near.clone());
            let named = profiles
                .iter()
                .find(|profile| near.contains(&format!("`{}`", profile.name)));
            if let Some(profile) = named {
                finding = finding.label(
                    profile.name_span(),
                    format!("this profile is called `{}`", profile.name),
                );
            }
        }
        sink.report(finding);
    }
}
