//! `raw-device`: devices below every file permission.

use std::sync::LazyLock;

use crate::access::{Targets, is_among_much};
use crate::lang::files::RAW_DEVICES;
use crate::lang::permissions::{APPEND, READ, WRITE};
use crate::lint::{Check, Cx, Pledge, Sink, closed, deeds, listed};
use crate::policy::ProfileView;

/// What the registry runs.
pub const CHECK: Check = Check::Profile(check);

/// What verify asks the kernel about.
pub const PLEDGE: Pledge = Pledge {
    is_for_containers: false,
    promises: || closed(RAW_DEVICES, "rw"),
};

static TARGETS: LazyLock<Targets> =
    LazyLock::new(|| Targets::new(RAW_DEVICES.iter().map(|file| (file.pattern, file.example))));

/// How many other devices a finding names.
const MOST: usize = 3;

fn check(profile: &ProfileView<'_>, cx: &Cx<'_>, sink: &mut Sink<'_>) {
    const WANTED: u8 = READ | WRITE | APPEND;
    let effective = cx.effective(profile);
    let opened = effective.opened(profile, cx.digests, &TARGETS, WANTED, |entry, path| {
        !is_among_much(entry, path)
    });
    for rule in &opened {
        let Some(((_, fact), file)) = rule.first(profile, cx.digests) else {
            continue;
        };
        let reason = RAW_DEVICES
            .get(file.number)
            .map_or("", |known| known.reason);
        let deeds = deeds(file.permissions());
        let mut finding = sink
            .at(
                cx.span(fact),
                format!("the device `{}` can be {deeds}", file.text()),
            )
            .mark(format!("it {reason}"));
        if rule.files.len() > 1 {
            finding = finding.note(format!("so can {}", listed(&rule.others(), MOST)));
        }
        let finding = finding
            .note("rules for files mean nothing to who reads or writes the disk or the memory beneath them")
            .help("remove the rule, or name the devices that the program needs");
        sink.report(finding);
    }
}
