//! `pivot-root-slash`: directories of `pivot_root` rules without a slash at the end.

use crate::diagnostic::Applicability;
use crate::lint::{Check, Cx, FileView, Sink, written_rules};
use crate::source::TextRange;
use crate::syntax::ast::{Body, Word};
use crate::syntax::text;

/// What the registry runs.
pub const CHECK: Check = Check::File(check);

fn check(file: &FileView<'_>, _: &Cx<'_>, sink: &mut Sink<'_>) {
    for rule in written_rules(&file.file.ast.items) {
        let Body::PivotRoot(body) = &rule.body else {
            continue;
        };
        if let Some(word) = body.source {
            look(word, file, sink);
        }
        for condition in &body.conditions {
            for word in &condition.values {
                look(*word, file, sink);
            }
        }
    }
}

fn look(word: Word, file: &FileView<'_>, sink: &mut Sink<'_>) {
    let written = file.slice(word.0);
    let value = text::value(written);
    let is_path = value.starts_with(['/', '@']);
    // A pattern or a variable at the end may bring the slash.
    if !is_path || !value.ends_with(|c: char| c.is_alphanumeric() || matches!(c, '-' | '_' | '.')) {
        return;
    }
    let end = match written.ends_with('"') {
        true => word.0.end.saturating_sub(1),
        false => word.0.end,
    };
    let finding = sink
        .at(file.span(word.0), format!("the directory `{value}` is written without `/` at its end"))
        .note("`pivot_root` takes directories, and the kernel puts a `/` behind the path of a directory before it looks for a rule")
        .replace(
            Applicability::Unsafe,
            "write `/` at the end",
            file.span(TextRange::at(end)),
            "/",
        );
    sink.report(finding);
}
