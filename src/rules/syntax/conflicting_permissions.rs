//! `conflicting-permissions`: permissions that exclude each other, in one rule.

use crate::diagnostic::Applicability;
use crate::lint::{Check, Cx, FileView, Sink};
use crate::syntax::fault::{FaultKind, PermissionFault};

/// What the registry runs.
pub const CHECK: Check = Check::File(check);

fn check(file: &FileView<'_>, _: &Cx<'_>, sink: &mut Sink<'_>) {
    for fault in &file.file.faults {
        let FaultKind::Permissions(permissions) = &fault.kind else {
            continue;
        };
        let text = file.slice(fault.range);
        let (message, help) = match permissions {
            PermissionFault::WriteAndAppend => (
                format!("`{text}` contains both `w` and `a`"),
                "keep `w`, which includes appending, or keep `a` alone",
            ),
            PermissionFault::ExecModes => (
                format!("`{text}` has two exec modes"),
                "keep one mode; `pix` and `cix` try a profile and fall back to `ix`",
            ),
        };
        let span = file.span(fault.range);
        let finding = sink.at(span, message).help(help);
        sink.report(match permissions {
            PermissionFault::WriteAndAppend => {
                let written = text.replace('a', "");
                let title = format!("write `{written}`");
                finding.replace(Applicability::Unsafe, title, span, written)
            }
            PermissionFault::ExecModes => finding,
        });
    }
}
