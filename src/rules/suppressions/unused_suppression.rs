//! `unused-suppression`: comments that silence nothing.

use crate::diagnostic::Applicability;
use crate::lint::{Check, Cx, Sink, SuppressionView, whole_lines};
use crate::source::{Span, TextRange};

/// What the registry runs.
pub const CHECK: Check = Check::Suppression(check);

fn check(view: &SuppressionView<'_>, cx: &Cx<'_>, sink: &mut Sink<'_>) {
    let suppression = view.suppression;
    if suppression.is_foreign {
        return;
    }
    for ((name, range), known) in suppression.names.iter().zip(&view.names) {
        if known.has_run && !known.is_used {
            let finding = sink
                .at(
                    range.in_file(suppression.span.file),
                    format!("`{name}` finds nothing here"),
                )
                .note("the comment would silence the next finding, which may be a real one")
                .help("remove the name, or the comment");
            sink.report(match suppression.names.len() {
                1 => finding.replace(
                    Applicability::Safe,
                    "remove the comment",
                    comment(suppression.span, cx),
                    "",
                ),
                _ => finding,
            });
        }
    }
}

/// What to delete so that a comment is gone: its line, or the blanks before it as well.
fn comment(place: Span, cx: &Cx<'_>) -> Span {
    let source = cx.store.sources.get(place.file);
    let lines = whole_lines(source, place.range);
    if lines != place.range {
        return lines.in_file(place.file);
    }
    let line = source.line_range(place.range.start);
    let before = source.slice(TextRange::new(line.start, place.range.start));
    let kept = u32::try_from(before.trim_end().len()).unwrap_or(0);
    TextRange::new(line.start.saturating_add(kept), place.range.end).in_file(place.file)
}
