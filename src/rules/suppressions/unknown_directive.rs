//! `unknown-directive`: comments for aalint that do nothing.

use crate::lint::{Check, Cx, FileView, Sink};
use crate::source::TextRange;
use crate::syntax::{DirectiveFault, directive_fault};

/// What the registry runs.
pub const CHECK: Check = Check::File(check);

fn check(file: &FileView<'_>, _: &Cx<'_>, sink: &mut Sink<'_>) {
    for comment in &file.file.ast.comments {
        let Some((fault, start, end)) = directive_fault(file.slice(*comment)) else {
            continue;
        };
        let range: TextRange = comment.part(start, end);
        let text = file.slice(range);
        let (message, help) = match fault {
            DirectiveFault::Word => (
                format!("aalint knows no directive `{text}`, so the comment has no effect"),
                "write `# aalint: ignore(RULE) REASON`, `# aalint: ignore-file(RULE) REASON` or `# aalint: assert RULE,`",
            ),
            DirectiveFault::List => (
                format!("`{text}` names no rule in parentheses, so the comment silences nothing"),
                "write `# aalint: ignore(RULE) REASON`",
            ),
            DirectiveFault::Prefix => (
                format!(
                    "the directive `{text}` has no effect, because it does not begin with `aalint:`"
                ),
                "begin the comment with `# aalint:`, in lower case and with the colon",
            ),
        };
        sink.report(sink.at(file.span(range), message).help(help));
    }
}
