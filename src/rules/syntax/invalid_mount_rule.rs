//! `invalid-mount-rule`: mount rules that the parser can make nothing of.

use crate::lint::{Check, Cx, FileView, Sink};
use crate::syntax::fault::{FaultKind, MountFault};

/// What the registry runs.
pub const CHECK: Check = Check::File(check);

fn check(file: &FileView<'_>, _: &Cx<'_>, sink: &mut Sink<'_>) {
    for fault in &file.file.faults {
        let FaultKind::Mount(mount) = &fault.kind else {
            continue;
        };
        let text = file.slice(fault.range);
        let (message, help) = match mount {
            MountFault::ConflictingOptions => (
                format!("`{text}` contains an option and its opposite"),
                "keep one of the two",
            ),
            MountFault::RepeatedOptions => (
                format!("`{text}` repeats a condition"),
                "join the two lists",
            ),
            MountFault::PropagationWithSource => (
                "a change of propagation has both a source and a mount point".to_owned(),
                "write only the mount point: `mount options=(rprivate) -> /path,`",
            ),
            MountFault::EncodesNothing => (
                format!("`{text}` names an operation that the rest of the rule excludes"),
                "bind, move and propagation take no fstype, and remount takes neither fstype nor a source: \
                 write `mount options=(remount) -> /path,`",
            ),
            MountFault::TargetConditions => (
                format!("the condition `{text}` follows `->`"),
                "write the condition before the source",
            ),
            MountFault::Operator => (
                format!("`{text}` is not an operator of mount rules"),
                "use `=` or `in`",
            ),
        };
        let finding = sink.at(file.span(fault.range), message).help(help);
        sink.report(finding);
    }
}
