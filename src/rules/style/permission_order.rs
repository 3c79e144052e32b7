//! `permission-order`: permissions in another order than most profiles have.

use crate::diagnostic::Applicability;
use crate::lang::permissions::order_letters;
use crate::lint::{Check, Cx, FileView, Sink, written_rules};
use crate::syntax::ast::Body;

/// What the registry runs.
pub const CHECK: Check = Check::File(check);

fn check(file: &FileView<'_>, _: &Cx<'_>, sink: &mut Sink<'_>) {
    for rule in written_rules(&file.file.ast.items) {
        let Body::File(body) = &rule.body else {
            continue;
        };
        let written = file.slice(body.perms_range);
        let Some(ordered) = order_letters(written).filter(|ordered| ordered != written) else {
            continue;
        };
        let place = file.span(body.perms_range);
        let finding = sink
            .at(
                place,
                format!("the usual order of `{written}` is `{ordered}`"),
            )
            .note("most profiles write `m`, `r`, `w` or `a`, `l`, `k`, and then the exec mode")
            .replace(
                Applicability::Safe,
                format!("write `{ordered}`"),
                place,
                ordered,
            );
        sink.report(finding);
    }
}
