//! `retired-name`: names of rules and keys that have been replaced.

use crate::diagnostic::{Applicability, Diagnostic, Edit};
use crate::lint::{Check, Cx, RetiredName, Sink, retired_name};
use crate::source::Span;

/// What the registry runs.
pub const CHECK: Check = Check::Policy(check);

fn check(cx: &Cx<'_>, sink: &mut Sink<'_>) {
    let suppressions = cx.suppressions.iter().flat_map(|(_, of_file)| &of_file.all);
    // The names of another tool are its own affair.
    for suppression in suppressions.filter(|suppression| !suppression.is_foreign) {
        for (name, range) in &suppression.names {
            if let Some(retired) = retired_name(name, cx.rules.iter().copied()) {
                let span = range.in_file(suppression.span.file);
                let edit = Edit {
                    span,
                    text: retired.now.to_owned(),
                };
                let title = format!("write `{}`", retired.now);
                let finding = found(&retired, span, sink);
                sink.report(finding.fix(Applicability::Safe, title, vec![edit]));
            }
        }
    }
    let Some(config) = cx.others.first() else {
        return;
    };
    for (range, retired) in cx.retired_names {
        let finding = found(retired, range.in_file(*config), sink);
        sink.report(finding);
    }
}

fn found(retired: &RetiredName, span: Span, sink: &Sink<'_>) -> Diagnostic {
    let RetiredName { text, now } = retired;
    sink.at(span, format!("`{text}` is now called `{now}`"))
        .note("the old name still works")
        .help(format!("write `{now}`"))
}
