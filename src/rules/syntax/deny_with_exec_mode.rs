//! `deny-with-exec-mode`: `deny … ix`.

use crate::diagnostic::Applicability;
use crate::lint::{Check, Cx, FileView, Sink};
use crate::source::TextRange;
use crate::syntax::ast::Item;
use crate::syntax::fault::FaultKind;

/// What the registry runs.
pub const CHECK: Check = Check::File(check);

/// What `file` stands for, with the bare `x` that a deny rule needs (apparmor.d(5), "File Permission Access Modes").
const ALL_FILES: &str = "/{**,} mrwlkx";

fn check(file: &FileView<'_>, _: &Cx<'_>, sink: &mut Sink<'_>) {
    for fault in &file.file.faults {
        let span = file.span(fault.range);
        let text = file.slice(fault.range);
        if fault.kind == FaultKind::DenyAllFiles {
            let finding = sink
                .at(
                    span,
                    "`file` without a path includes `ix`, and a deny rule takes no exec mode",
                )
                .note("the parser refuses the whole file, so no profile in it is loaded")
                .replace(
                    Applicability::Safe,
                    format!("write `{ALL_FILES}`"),
                    span,
                    ALL_FILES,
                );
            sink.report(finding);
            continue;
        }
        let FaultKind::DenyWithExecMode { instead } = &fault.kind else {
            continue;
        };
        let finding = sink
            .at(span, format!("a deny rule has the exec mode in `{text}`"))
            .mark("`x` in a deny rule takes no exec mode")
            .note("the parser refuses the whole file, so no profile in it is loaded");
        // In a block the parser refuses `x` without a mode as well.
        let finding = if is_in_block(&file.file.ast.items, fault.range) {
            finding.help("write the rule outside of the block, with `deny` in front of it and `x` without a mode")
        } else {
            finding.replace(
                Applicability::Safe,
                format!("write `{instead}`"),
                span,
                instead.as_str(),
            )
        };
        sink.report(finding);
    }
}

/// Whether a place lies in a `{ }` block of rules.
fn is_in_block(mut items: &[Item], place: TextRange) -> bool {
    loop {
        let next = items.partition_point(|item| item.range().end <= place.start);
        items = match items.get(next) {
            Some(Item::Block(_)) => return true,
            Some(Item::Profile(profile)) => &profile.items,
            _ => return false,
        };
    }
}
