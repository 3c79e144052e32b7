//! `missing-comma`: a rule without its comma.

use crate::diagnostic::Applicability;
use crate::lint::{Check, Cx, FileView, Sink};
use crate::syntax::fault::FaultKind;

/// What the registry runs.
pub const CHECK: Check = Check::File(check);

fn check(file: &FileView<'_>, _: &Cx<'_>, sink: &mut Sink<'_>) {
    for fault in file
        .file
        .faults
        .iter()
        .filter(|fault| fault.kind == FaultKind::MissingComma)
    {
        let span = file.span(fault.range);
        let finding = sink
            .at(span, "a rule does not end with a comma")
            .mark("a comma belongs here")
            .note("the parser would complain about the line behind it")
            .replace(Applicability::Safe, "add the comma", span, ",");
        sink.report(finding);
    }
}
