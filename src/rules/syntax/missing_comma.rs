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
            .mark("add a comma here")
            .note("the parser refuses the file and names the next line")
            .replace(Applicability::Safe, "add the comma", span, ",");
        sink.report(finding);
    }
}
