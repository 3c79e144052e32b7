//! `raw-device`: devices below every file permission.

use std::sync::LazyLock;

use crate::lang::files::RAW_DEVICES;
use crate::lang::permissions::{APPEND, READ, WRITE};
use crate::lint::{Check, Cx, ImpliedIntents, Sink, Watched, deny_all, verbs};
use crate::policy::ProfileView;

/// What the registry runs.
pub const CHECK: Check = Check::Profile(check);

/// What verify asks the kernel about.
pub const IMPLIED_INTENTS: ImpliedIntents = ImpliedIntents {
    is_for_containers: false,
    promises: || deny_all(RAW_DEVICES, "rw"),
};

static WATCHED: LazyLock<Watched> =
    LazyLock::new(|| Watched::new(RAW_DEVICES, READ | WRITE | APPEND));

fn check(profile: &ProfileView<'_>, cx: &Cx<'_>, sink: &mut Sink<'_>) {
    for exposure in WATCHED.exposures(profile, cx) {
        let help = if exposure.is_named {
            "remove the rule if the program can do without"
        } else {
            "name the devices that the program needs"
        };
        let finding = exposure
            .finding(verbs(exposure.permissions), sink)
            .note("rules for files mean nothing to who reads or writes the disk or the memory beneath them")
            .help(help);
        sink.report(finding);
    }
}
