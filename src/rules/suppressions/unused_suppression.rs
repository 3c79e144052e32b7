//! `unused-suppression`: comments that silence nothing.

use crate::lint::{Check, Cx, Sink, SuppressionView};

/// What the registry runs.
pub const CHECK: Check = Check::Suppression(check);

fn check(view: &SuppressionView<'_>, _: &Cx<'_>, sink: &mut Sink<'_>) {
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
            sink.report(finding);
        }
    }
}
