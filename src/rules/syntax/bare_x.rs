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
            .at(file.span(fault.range), format!("`{text}` allows exec without an exec mode"))
            .mark("no exec mode")
            .help("write `ix` to keep this profile, `Px` for the program's own, `Cx` for a child profile, or `Ux` for none");
        sink.report(finding);
    }
}
