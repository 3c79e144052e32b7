//! `comment-space`: comments that nothing separates from the rule before them.

use crate::diagnostic::Applicability;
use crate::lint::{Check, Cx, FileView, Sink};
use crate::source::TextRange;

/// What the registry runs.
pub const CHECK: Check = Check::File(check);

fn check(file: &FileView<'_>, _: &Cx<'_>, sink: &mut Sink<'_>) {
    for comment in &file.file.ast.comments {
        let line = file.source.line_range(comment.start);
        let before = file.slice(TextRange::new(line.start, comment.start));
        // A `#` may be the last letter of a word of the parser.
        if !before.ends_with([',', '{', '}']) {
            continue;
        }
        let finding = sink
            .at(file.span(*comment), "no blank separates the comment from what is before it")
            .replace(
                Applicability::Safe,
                "write a blank before the comment",
                file.span(TextRange::at(comment.start)),
                " ",
            );
        sink.report(finding);
    }
}
