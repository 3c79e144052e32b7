//! `bare-x`: exec permission without an exec mode.

use crate::lint::{Check, Cx, FileView, Sink};
use crate::syntax::fault::FaultKind;

/// What the registry runs.
pub const CHECK: Check = Check::File(check);

fn check(file: &FileView<'_>, _: &Cx<'_>, sink: &mut Sink<'_>) {
    for fault in file
        .file
        .faults
        .iter()
        .filter(|fault| fault.kind == FaultKind::BareX)
    {
        let text = file.slice(fault.range);
        let finding = sink
            .at(file.span(fault.range), format!("`{text}` grants exec without an exec mode"))
            .mark("how does the program run?")
            .help("`ix` keeps this profile, `Px` changes to the program's own, `Cx` to a child profile, `Ux` to none");
        sink.report(finding);
    }
}
