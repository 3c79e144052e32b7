//! `deprecated-pound-include`: `#include`.

use crate::diagnostic::{Applicability, Edit};
use crate::lint::{Check, Cx, FileView, Sink};
use crate::policy::includes;
use crate::syntax::ast::Include;

/// What the registry runs.
pub const CHECK: Check = Check::File(check);

/// How many further places are marked.
const SHOWN: usize = 4;

fn check(file: &FileView<'_>, _: &Cx<'_>, sink: &mut Sink<'_>) {
    let all = includes(&file.file.ast.items);
    let pound: Vec<&Include> = all.into_iter().filter(|include| include.pound).collect();
    let [first, others @ ..] = pound.as_slice() else {
        return;
    };
    // The number is no part of the message: one more place is the same finding.
    let mut finding = sink
        .at(file.span(first.range), "`#include` looks like a comment")
        .note("with a blank after `#` it is a comment; the parser warns about it since 3.1");
    match others.len() {
        0 => {}
        1 => finding = finding.note("the file has 1 more `#include`"),
        count => finding = finding.note(format!("the file has {count} more `#include`")),
    }
    for include in others.iter().take(SHOWN) {
        finding = finding.label(file.span(include.range), "here as well");
    }
    let edits = pound.iter().map(|include| Edit {
        span: file.span(include.range.part(0, 1)),
        text: String::new(),
    });
    let edits: Vec<Edit> = edits.collect();
    sink.report(finding.fix(Applicability::Safe, "write `include`", edits));
}
