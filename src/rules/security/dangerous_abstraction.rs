//! `dangerous-abstraction`: abstractions that grant too much.

use crate::lang::sensitive::ABSTRACTIONS;
use crate::lint::{Check, Cx, FileView, Sink};
use crate::policy::includes;

/// What the registry runs.
pub const CHECK: Check = Check::File(check);

fn check(file: &FileView<'_>, _: &Cx<'_>, sink: &mut Sink<'_>) {
    for include in includes(&file.file.ast.items) {
        let path = file.slice(include.path);
        let Some(known) = ABSTRACTIONS.iter().find(|known| known.path == path) else {
            continue;
        };
        let mut finding = sink
            .at(
                file.span(include.range),
                format!("`{path}` grants more than its name says"),
            )
            .note(format!("it {}", known.reason));
        finding = match known.instead {
            Some(instead) => finding.help(format!("use {instead}")),
            None => finding.help("write rules for what the program needs"),
        };
        sink.report(finding);
    }
}
