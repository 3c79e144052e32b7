//! `comment-in-values`: a comment whose words apparmor_parser 3.0 takes for values.

use crate::diagnostic::Severity;
use crate::lang::targets::Version;
use crate::lint::{Check, Cx, FileView, Sink};
use crate::source::TextRange;
use crate::syntax::ast::Item;

/// What the registry runs.
pub const CHECK: Check = Check::File(check);

/// Parsers up to this one are known to do so (3.0.8), those from [`RIGHT`] on not to (4.1.0, 5.0.2).
const WRONG: Version = Version(3, 0);
const RIGHT: Version = Version(4, 1);

fn check(file: &FileView<'_>, cx: &Cx<'_>, sink: &mut Sink<'_>) {
    let parser = cx.target.and_then(|target| target.parser);
    if parser.is_some_and(|parser| parser >= RIGHT) {
        return;
    }
    let is_known = parser.is_some_and(|parser| parser <= WRONG);
    for item in &file.file.ast.items {
        let Item::Variable(variable) = item else {
            continue;
        };
        let comments = &file.file.ast.comments;
        let next = comments.partition_point(|comment| comment.start < variable.range.end);
        let next = comments.get(next);
        let Some(comment) = next.filter(|next| is_behind(file, variable.range, **next)) else {
            continue;
        };
        let text = file.slice(*comment).trim_start_matches('#');
        let path = text.split_whitespace().find(|word| word.starts_with('/'));
        if !is_known && path.is_none() {
            continue;
        }
        let name = file.slice(variable.written);
        let mut finding = sink
            .at(
                file.span(*comment),
                format!(
                    "with apparmor_parser 3.0 the words of this comment are values of `{name}`"
                ),
            )
            .label(file.span(variable.range), "the variable")
            .help("put the comment on a line of its own");
        if let Some(path) = path {
            finding = finding.note(format!(
                "rules that use the variable then match `{path}` as well"
            ));
        }
        if !is_known {
            finding = finding.severity(Severity::Info);
        }
        sink.report(finding);
    }
}

/// Whether a comment stands in the same line behind a statement.
fn is_behind(file: &FileView<'_>, statement: TextRange, comment: TextRange) -> bool {
    let between = file
        .source
        .text
        .get(statement.end as usize..comment.start as usize);
    between.is_some_and(|between| between.chars().all(|c| matches!(c, ' ' | '\t')))
}
