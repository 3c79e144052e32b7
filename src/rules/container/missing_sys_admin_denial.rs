//! `missing-sys-admin-denial`: CAP_SYS_ADMIN in a container.

use crate::access::{Class, perms};
use crate::lang::capabilities;
use crate::lint::{Check, Cx, ImpliedIntents, Sink};
use crate::policy::ProfileView;
use crate::syntax::ast::Mode;

/// What the registry runs.
pub const CHECK: Check = Check::Profile(check);

/// What verify asks the kernel about.
pub const IMPLIED_INTENTS: ImpliedIntents = ImpliedIntents {
    is_for_containers: true,
    promises: || vec!["deny capability sys_admin".to_owned()],
};

fn check(profile: &ProfileView<'_>, cx: &Cx<'_>, sink: &mut Sink<'_>) {
    if cx.container(profile).is_none() {
        return;
    }
    let Some(number) = capabilities::number("sys_admin") else {
        return;
    };
    let effective = cx.effective(profile);
    let class = Class::Capability;
    let verdict = effective.decide(class, &[number]);
    if verdict.deny & perms::USE != 0 || effective.may_deny_more(class, profile, cx.summaries) {
        return;
    }
    let name = &profile.full_name;
    if verdict.allow & perms::USE == 0 {
        let finding = sink
            .at(
                profile.name_span(),
                format!("`{name}` does not deny CAP_SYS_ADMIN"),
            )
            .note(
                "it is refused now, and will be granted by the first include or rule that adds it",
            )
            .help("add `deny capability sys_admin,`: deny always wins");
        sink.report(finding);
        return;
    }
    let mut finding = sink.at(
        profile.name_span(),
        format!("`{name}` grants CAP_SYS_ADMIN"),
    );
    for granting in effective.matching(class, &[number]) {
        let origin = granting.origin(profile, cx.summaries);
        if let Some((_, fact)) = origin.filter(|(_, fact)| fact.mode == Mode::Allow) {
            finding = finding.label(cx.span(fact), "granted here");
        }
    }
    let finding = finding
        .note("with it a container can mount, enter namespaces and leave its own")
        .help("add `deny capability sys_admin,`: deny always wins");
    sink.report(finding);
}
