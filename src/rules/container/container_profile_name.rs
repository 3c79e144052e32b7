//! `container-profile-name`: names that no file defines, and options that name none.

use rustc_hash::FxHashSet;

use crate::containers::{Confinement, ContainerEngine, ExpectedProfile, NearMiss, near_miss};
use crate::diagnostic::{Applicability, Diagnostic, Severity};
use crate::lint::{Check, Cx, Sink};
use crate::policy::ProfileView;
use crate::source::Span;

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
    refused(cx, sink);
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
            let file = path.rsplit('/').next().unwrap_or_default();
            (file.to_owned(), profile.name.clone())
        })
        .collect();
    let names = defined.iter().map(|(_, name)| name);
    let names: FxHashSet<&String> = names.chain(cx.unjudged).collect();
    for expected in cx.expected {
        let is_there = names.contains(&expected.name);
        let is_of_runtime = OF_RUNTIMES.contains(&expected.name.as_str())
            || ["containers-default-", "lxc-container-default"]
                .iter()
                .any(|start| expected.name.starts_with(start));
        if is_there || is_of_runtime {
            continue;
        }
        let near = near_miss(&expected.name, &defined);
        let finding = undefined(cx, sink, expected);
        let finding = match &near {
            Some(near) if near.is_typo => misspelt(cx, finding, expected, near),
            _ => finding.help(format!("write `{}`", header(cx, &profiles, expected))),
        };
        sink.report(match near {
            Some(near) => nearly(finding, &profiles, near),
            None => finding,
        });
    }
}

/// Options that the engine does not read.
fn refused(cx: &Cx<'_>, sink: &mut Sink<'_>) {
    for workload in cx.workloads {
        let help = match workload.engine {
            ContainerEngine::Kubernetes => "write `type: Localhost` and `localhostProfile: NAME`",
            _ => "write `apparmor=NAME` in the list `security_opt`",
        };
        for said in &workload.confinement {
            if let Confinement::Refused(place, why) = said {
                let who = &workload.who;
                let message = format!("{who} names its profile in a form that is refused");
                let finding = sink.at(*place, message).mark(*why);
                sink.report(finding.note("the container is not created").help(help));
            }
        }
    }
}

fn undefined(cx: &Cx<'_>, sink: &Sink<'_>, expected: &ExpectedProfile) -> Diagnostic {
    let (who, name) = (&expected.who, &expected.name);
    let message = format!("{who} uses profile `{name}`, which no checked file defines");
    let finding = sink.at(expected.span, message);
    let fails = match expected.is_container {
        true => "the container does not start; on a host without AppArmor it starts unconfined",
        false => "the program does not start under a profile that is not loaded",
    };
    match cx.loaders.first() {
        None => finding.note(fails),
        Some(loader) => finding
            .severity(Severity::Warning)
            .label(*loader, "this loads profiles, which are not checked here")
            .note(format!("unless that loads `{name}`, {fails}")),
    }
}

/// The name that was probably meant, in place of the one that is written.
fn misspelt(
    cx: &Cx<'_>,
    finding: Diagnostic,
    expected: &ExpectedProfile,
    near: &NearMiss,
) -> Diagnostic {
    let title = format!("write `{}`", near.name);
    let finding = finding.help(format!("did you mean `{}`?", near.name));
    let Some(at) = cx.slice(expected.span).find(&expected.name) else {
        return finding;
    };
    let range = expected.span.range.part(at, at + expected.name.len());
    let place = Span {
        range,
        ..expected.span
    };
    finding.replace(Applicability::Unsafe, title, place, near.name.clone())
}

/// Of one profile without a home it is plain that it is meant.
fn header(cx: &Cx<'_>, profiles: &[&ProfileView<'_>], expected: &ExpectedProfile) -> String {
    match (cx.expected, profiles) {
        ([_], [only]) if expected.is_container => cx.container_header(only),
        _ if expected.is_container => format!(
            "profile {} flags=(attach_disconnected, mediate_deleted) {{",
            expected.name
        ),
        _ => format!("profile {} {{", expected.name),
    }
}

fn nearly(finding: Diagnostic, profiles: &[&ProfileView<'_>], near: NearMiss) -> Diagnostic {
    let finding = finding.note(near.why);
    match profiles.iter().find(|profile| profile.name == near.name) {
        Some(profile) => finding.label(
            profile.name_span(),
            format!("this profile is called `{}`", profile.name),
        ),
        None => finding,
    }
}
