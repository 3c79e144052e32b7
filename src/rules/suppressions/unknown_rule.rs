//! `unknown-rule`: names that no rule has.

use crate::lint::{Check, Cx, Sink, SuppressionView};

/// What the registry runs.
pub const CHECK: Check = Check::Suppression(check);

fn check(view: &SuppressionView<'_>, _: &Cx<'_>, sink: &mut Sink<'_>) {
    let suppression = view.suppression;
    if suppression.is_foreign {
        return;
    }
    for ((name, range), known) in suppression.names.iter().zip(&view.names) {
        if known.is_known {
            continue;
        }
        let names = view.rule_names.iter().copied();
        let suggestion = crate::lang::keywords::suggest(name, names);
        let help = suggestion.map_or_else(
            || "`aalint rules` lists the rules".to_owned(),
            |name| format!("did you mean `{name}`?"),
        );
        let finding = sink
            .at(
                range.in_file(suppression.span.file),
                format!("there is no rule `{name}`"),
            )
            .mark("silences nothing")
            .help(help);
        sink.report(finding);
    }
}
