//! `comment-space`: comments that touch the rule before them, or whose text touches their `#`.

use crate::diagnostic::Applicability;
use crate::lint::{Check, Cx, FileView, Sink};
use crate::source::TextRange;

/// What the registry runs.
pub const CHECK: Check = Check::File(check);

fn check(file: &FileView<'_>, _: &Cx<'_>, sink: &mut Sink<'_>) {
    for comment in &file.file.ast.comments {
        let line = file.source.line_range(comment.start);
        let before = file.slice(TextRange::new(line.start, comment.start));
        let is_close = before.ends_with([',', '{', '}']);
        // A comment on a line of its own is often a rule that is switched off.
        if before.trim().is_empty() || !is_close && !is_full(file.slice(*comment)) {
            continue;
        }
        let (message, at, title) = match is_close {
            true => (
                "no blank separates the comment from what is before it",
                comment.start,
                "write a blank before the comment",
            ),
            false => (
                "no blank separates the text of the comment from its `#`",
                comment.start.saturating_add(1),
                "write a blank behind the `#`",
            ),
        };
        let place = file.span(TextRange::at(at));
        let finding =
            sink.at(file.span(*comment), message)
                .replace(Applicability::Safe, title, place, " ");
        sink.report(finding);
    }
}

/// Whether the text of a comment begins right behind its `#`. Directives do so: `#aa:only`.
fn is_full(comment: &str) -> bool {
    let text = comment.strip_prefix('#').unwrap_or(comment);
    let is_directive = ["aa:", "aalint"]
        .iter()
        .any(|prefix| text.starts_with(prefix));
    text.starts_with(char::is_alphanumeric) && !is_directive
}
