//! `container-volumes`: something is mounted into a container, and its profile allows nothing of it.

use crate::access::{Class, bits};
use crate::containers::{ContainerMountKind, ViewedMount};
use crate::diagnostic::Severity;
use crate::glob::{InputDomain, Nfa};
use crate::lang::permissions::{APPEND, EXEC, MMAP, READ, WRITE};
use crate::lint::{Check, Cx, Sink, quoted_path};
use crate::policy::ProfileView;

/// What the registry runs.
pub const CHECK: Check = Check::WholeProfile(check);

fn check(profile: &ProfileView<'_>, cx: &Cx<'_>, sink: &mut Sink<'_>) {
    if cx.is_open(profile) {
        return;
    }
    for view in cx.views_of(profile) {
        for mount in &view.mounts {
            if !is_closed(mount, profile, cx) {
                continue;
            }
            let target = &mount.target;
            let (what, severity) = match mount.kind {
                ContainerMountKind::Bind => ("a file or directory of the host", Severity::Warning),
                ContainerMountKind::Volume => ("a volume", Severity::Warning),
                ContainerMountKind::Files => ("files of the engine", Severity::Warning),
                ContainerMountKind::Tmpfs => ("a tmpfs", Severity::Info),
                ContainerMountKind::Other => ("a file system", Severity::Info),
            };
            let path = quoted_path(target);
            let requests = [format!("{path}/** r"), format!("{path}/** w")];
            let letters = if mount.is_read_only { "r" } else { "rwk" };
            let finding = sink
                .at(
                    profile.name_span(),
                    format!(
                        "{} has {what} at `{target}`, and `{}` allows nothing there",
                        view.who, profile.full_name
                    ),
                )
                .severity(severity)
                .claims(
                    requests
                        .iter()
                        .filter_map(|request| cx.claim(profile, request)),
                )
                .note("the container can neither read nor write what is mounted there")
                .help(format!(
                    "add `{path}/{{,**}} {letters},`, or do not mount it"
                ));
            sink.report(finding);
        }
    }
}

/// Whether a profile allows nothing of what is mounted, the mount point included, which may be a file.
fn is_closed(mount: &ViewedMount, profile: &ProfileView<'_>, cx: &Cx<'_>) -> bool {
    let path = quoted_path(&mount.target);
    let Ok(all) = Nfa::path(&format!("{}{{,/,/**}}", path.trim_matches('"'))) else {
        return false;
    };
    let effective = cx.effective(profile);
    if mount.target.is_empty() || effective.is_uncertain() {
        return false;
    }
    let wanted = bits::both(READ | WRITE | APPEND | MMAP | EXEC);
    let found = effective.find(Class::File, &[&all], InputDomain::Paths, |verdict, _| {
        verdict.allow & wanted != 0
    });
    matches!(found, Ok(None))
}
