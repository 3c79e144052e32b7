//! `missing-sys-admin-denial`: CAP_SYS_ADMIN in a container.

use crate::lint::{Check, Cx, Sink};
use crate::policy::{Fact, ProfileView};
use crate::syntax::ast::{Body, Mode};

/// What the registry runs.
pub const CHECK: Check = Check::Profile(check);

fn check(profile: &ProfileView<'_>, cx: &Cx<'_>, sink: &mut Sink<'_>) {
    if cx.container(profile).is_none() {
        return;
    }
    let is_denied = cx
        .facts(profile)
        .any(|(_, fact)| fact.mode == Mode::Deny && is_about(fact, cx));
    if is_denied {
        return;
    }
    let grant = cx
        .facts(profile)
        .find(|(_, fact)| fact.mode == Mode::Allow && is_about(fact, cx));
    let name = &profile.full_name;
    let finding = match grant {
        Some((_, fact)) => sink
            .at(
                profile.name_span(),
                format!("`{name}` grants CAP_SYS_ADMIN"),
            )
            .label(cx.span(fact), "granted here")
            .note("with it a container can mount, enter namespaces and leave its own")
            .help("remove it from the rule, and add `deny capability sys_admin,`"),
        None => sink
            .at(
                profile.name_span(),
                format!("`{name}` does not deny CAP_SYS_ADMIN"),
            )
            .note(
                "it is refused now, and will be granted by the first include or rule that adds it",
            )
            .help("add `deny capability sys_admin,`: deny always wins"),
    };
    sink.report(finding);
}

fn is_about(fact: &Fact<'_>, cx: &Cx<'_>) -> bool {
    match &fact.rule.body {
        Body::All => true,
        Body::Capability(names) => {
            names.is_empty()
                || names
                    .iter()
                    .any(|name| cx.slice(name.0.in_file(fact.file)) == "sys_admin")
        }
        _ => false,
    }
}
