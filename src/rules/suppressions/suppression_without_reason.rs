//! `suppression-without-reason`: comments that do not say why.

use crate::lint::{Check, Cx, Sink, SuppressionView};

/// What the registry runs.
pub const CHECK: Check = Check::Suppression(check);

fn check(view: &SuppressionView<'_>, _: &Cx<'_>, sink: &mut Sink<'_>) {
    let suppression = view.suppression;
    if !suppression.has_reason && !suppression.is_foreign {
        let finding = sink
            .at(
                suppression.span,
                "the comment gives no reason for silencing the rule",
            )
            .help("write the reason after the parenthesis");
        sink.report(finding);
    }
}
