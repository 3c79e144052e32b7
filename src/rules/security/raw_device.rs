//! `raw-device`: devices below every file permission.

use crate::lang::permissions::{APPEND, READ, WRITE};
use crate::lang::sensitive::RAW_DEVICES;
use crate::lint::{Check, Cx, Sink};
use crate::policy::ProfileView;

/// What the registry runs.
pub const CHECK: Check = Check::Profile(check);

fn check(profile: &ProfileView<'_>, cx: &Cx<'_>, sink: &mut Sink<'_>) {
    for hit in super::opened::opened(profile, cx, RAW_DEVICES, READ | WRITE | APPEND, &["/dev/"]) {
        let finding = sink
            .at(cx.span(hit.fact), format!("the device `{}` is open", hit.danger.path))
            .mark(format!("it {}", hit.danger.reason))
            .note("rules for files mean nothing to who reads or writes the disk or the memory beneath them")
            .help("remove the rule, or name the devices that the program needs");
        sink.report(finding);
    }
}
