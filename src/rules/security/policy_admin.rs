//! `policy-admin`: files through which policy is changed.

use std::sync::LazyLock;

use crate::access::{Targets, is_among_much};
use crate::lang::files::POLICY_ADMIN;
use crate::lang::permissions::{APPEND, WRITE};
use crate::lint::{Check, Cx, Pledge, Sink, closed};
use crate::policy::ProfileView;

/// What the registry runs.
pub const CHECK: Check = Check::Profile(check);

/// What verify asks the kernel about.
pub const PLEDGE: Pledge = Pledge {
    is_for_containers: false,
    promises: || closed(POLICY_ADMIN, "w"),
};

static TARGETS: LazyLock<Targets> =
    LazyLock::new(|| Targets::new(POLICY_ADMIN.iter().map(|file| (file.pattern, file.example))));

fn check(profile: &ProfileView<'_>, cx: &Cx<'_>, sink: &mut Sink<'_>) {
    const WANTED: u8 = WRITE | APPEND;
    let effective = cx.effective(profile);
    let opened = effective.opened(profile, cx.digests, &TARGETS, WANTED, |entry, path| {
        !is_among_much(entry, path)
    });
    for rule in &opened {
        let Some(((_, fact), file)) = rule.first(profile, cx.digests) else {
            continue;
        };
        let reason = POLICY_ADMIN
            .get(file.number)
            .map_or("", |known| known.reason);
        let finding = sink
            .at(cx.span(fact), format!("`{}` can be written", file.text()))
            .mark(format!("it {reason}"))
            .help("remove the rule, unless the program's task is to load policy");
        sink.report(finding);
    }
}
