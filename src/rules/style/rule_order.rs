//! `rule-order`: kinds of rules in another order than most profiles have.

use crate::lint::{Check, Cx, FileView, Sink};
use crate::syntax::ast::{Body, Item, PolicyRule};

/// What the registry runs.
pub const CHECK: Check = Check::File(check);

fn check(file: &FileView<'_>, _: &Cx<'_>, sink: &mut Sink<'_>) {
    look(&file.file.ast.items, file, sink);
}

/// Reports the first rule among `items` that stands behind one of a later kind, and looks into profiles.
fn look(items: &[Item], file: &FileView<'_>, sink: &mut Sink<'_>) {
    let mut latest: Option<(usize, &PolicyRule)> = None;
    let mut is_told = false;
    for item in items {
        let rule = match item {
            Item::Profile(profile) => {
                look(&profile.items, file, sink);
                continue;
            }
            Item::Rule(rule) if !is_told => rule,
            _ => continue,
        };
        let Some((place, kind)) = kind(&rule.body) else {
            continue;
        };
        match latest {
            Some((other, before)) if place < other => {
                let text = file.slice(before.keyword);
                let before_kind = if text.is_empty() { "file" } else { text };
                let finding = sink
                    .at(
                        file.span(rule.range),
                        format!("a {kind} rule follows a {before_kind} rule"),
                    )
                    .label(file.span(before.range), format!("the {before_kind} rule"))
                    .note("the usual order is: rlimit, userns, capability, network, mount, remount, umount, pivot_root, change_profile, mqueue, io_uring, signal, ptrace, unix, dbus, file")
                    .help(format!("move the {kind} rules before the {before_kind} rules"));
                sink.report(finding);
                is_told = true;
            }
            _ => latest = Some((place, rule)),
        }
    }
}

/// The place of a kind of rule in the usual order, and what it is called.
const fn kind(body: &Body) -> Option<(usize, &'static str)> {
    Some(match body {
        Body::Rlimit(_) => (1, "rlimit"),
        Body::Userns(_) => (2, "userns"),
        Body::Capability(_) => (3, "capability"),
        Body::Network(_) => (4, "network"),
        Body::Mount(_) => (5, "mount"),
        Body::Remount(_) => (6, "remount"),
        Body::Umount(_) => (7, "umount"),
        Body::PivotRoot(_) => (8, "pivot_root"),
        Body::ChangeProfile(_) => (9, "change_profile"),
        Body::Mqueue(_) => (10, "mqueue"),
        Body::IoUring(_) => (11, "io_uring"),
        Body::Signal(_) => (12, "signal"),
        Body::Ptrace(_) => (13, "ptrace"),
        Body::Unix(_) => (14, "unix"),
        Body::Dbus(_) => (15, "dbus"),
        Body::File(_) | Body::Link(_) => (16, "file"),
        Body::AllFiles | Body::All | Body::Unreadable => return None,
    })
}
