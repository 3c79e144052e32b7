//! `deprecated-pound-include`: `#include`.

use crate::diagnostic::Applicability;
use crate::lint::{Check, Cx, FileView, Sink};
use crate::policy::includes;

/// What the registry runs.
pub const CHECK: Check = Check::File(check);

fn check(file: &FileView<'_>, _: &Cx<'_>, sink: &mut Sink<'_>) {
    for include in includes(&file.file.ast.items)
        .into_iter()
        .filter(|include| include.pound)
    {
        let hash = file.span(include.range.part(0, 1));
        let finding = sink
            .at(file.span(include.range), "`#include` looks like a comment")
            .note("with a blank behind `#` it is one; the parser warns of it since 3.1")
            .replace(Applicability::Safe, "write `include`", hash, "");
        sink.report(finding);
    }
}
