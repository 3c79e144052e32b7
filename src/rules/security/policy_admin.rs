//! `policy-admin`: files through which policy is changed.

use crate::lang::permissions::{APPEND, WRITE};
use crate::lang::sensitive::POLICY_ADMIN;
use crate::lint::{Check, Cx, Sink};
use crate::policy::ProfileView;

/// What the registry runs.
pub const CHECK: Check = Check::Profile(check);

fn check(profile: &ProfileView<'_>, cx: &Cx<'_>, sink: &mut Sink<'_>) {
    for hit in super::opened::opened(
        profile,
        cx,
        POLICY_ADMIN,
        WRITE | APPEND,
        &["/sys/kernel/security", "/etc/apparmor"],
    ) {
        let finding = sink
            .at(
                cx.span(hit.fact),
                format!("`{}` can be written", hit.danger.path),
            )
            .mark(format!("it {}", hit.danger.reason))
            .help("remove the rule, unless the program's task is to load policy");
        sink.report(finding);
    }
}
