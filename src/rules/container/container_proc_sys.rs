//! `container-proc-sys`: files of the host's kernel that a container writes.

use std::sync::LazyLock;

use crate::analysis::{FileList, is_part_of_broad_access};
use crate::diagnostic::Severity;
use crate::lang::files::HOST_KERNEL;
use crate::lang::permissions::{APPEND, WRITE};
use crate::lint::{Check, Cx, ImpliedIntents, Sink, deny_all, listed};
use crate::policy::ProfileView;

/// What the registry runs.
pub const CHECK: Check = Check::Profile(check);

/// What verify asks the kernel about.
pub const IMPLIED_INTENTS: ImpliedIntents = ImpliedIntents {
    is_for_containers: true,
    promises: || deny_all(HOST_KERNEL, "w"),
};

static FILES: LazyLock<FileList> =
    LazyLock::new(|| FileList::new(HOST_KERNEL.iter().map(|file| (file.pattern, file.example))));

/// How many other files a finding names.
const MAX_NAMED: usize = 3;

/// Docker's default profile does not deny them.
const CONTROL_GROUPS: &str = "/sys/fs/cgroup/";

/// Settings of a network namespace, which is a container's own unless it shares the host's.
const NETWORK: &str = "/proc/sys/net/";

fn check(profile: &ProfileView<'_>, cx: &Cx<'_>, sink: &mut Sink<'_>) {
    let Some(containment) = cx.container(profile) else {
        return;
    };
    let effective = cx.effective(profile);
    let exposing = effective.exposing_rules(
        profile,
        cx.summaries,
        &FILES,
        WRITE | APPEND,
        |entry, path| {
            !path.starts_with(CONTROL_GROUPS.as_bytes()) || !is_part_of_broad_access(entry, path)
        },
    );
    for rule in &exposing {
        let Some(((_, fact), file)) = rule.first(profile, cx.summaries) else {
            continue;
        };
        let path = file.text();
        let reason = HOST_KERNEL
            .get(file.number)
            .map_or("", |known| known.reason);
        let mut finding = sink
            .at(
                cx.span(fact),
                format!(
                    "{}the container can write `{path}`, which belongs to the host's kernel",
                    containment.condition()
                ),
            )
            .mark(format!("it {reason}"))
            .claims(cx.claims_of_exposed(profile, rule));
        if rule.files.len() > 1 {
            finding = finding.note(format!(
                "it can also write {}",
                listed(&rule.others(), MAX_NAMED)
            ));
        }
        finding = if path.starts_with(CONTROL_GROUPS) {
            finding.severity(Severity::Warning).note(
                "Docker's default profile does not deny control groups and relies on their read-only mount: in a privileged container, or one that mounts them itself, only the profile protects them",
            )
        } else if path.starts_with(NETWORK) {
            finding.severity(Severity::Warning).note(
                "Docker's default profile denies it; the setting is the host's if the container shares the host's network, and the container's own otherwise",
            )
        } else {
            finding.note(
                "Docker's default profile denies this; all containers share the host's kernel",
            )
        };
        let finding = finding.help(format!(
            "remove the rule, or add a deny rule that covers the file, such as `deny {path} w,`"
        ));
        let finding = containment.limit(finding);
        sink.report(finding);
    }
}
