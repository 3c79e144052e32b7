//! `missing-sys-admin-denial`: CAP_SYS_ADMIN in a container.

use crate::access::Class;
use crate::diagnostic::{Applicability, ClaimedDecision, Diagnostic, Level};
use crate::lang::capabilities;
use crate::lint::{Check, Cx, ImpliedIntents, Sink, profile_end};
use crate::policy::ProfileView;
use crate::syntax::ast::Mode;

/// What the registry runs.
pub const CHECK: Check = Check::Profile(check);

/// What verify asks the kernel about.
pub const IMPLIED_INTENTS: ImpliedIntents = ImpliedIntents {
    is_for_containers: true,
    promises: || vec!["deny capability sys_admin".to_owned()],
};

/// What the rule is about.
const REQUEST: &str = "capability sys_admin";

/// Mounts that show whether a container can mount something.
const MOUNTS: [&str; 2] = [
    "mount fstype=proc proc -> /mnt/",
    "mount options=(bind) /srv/ -> /mnt/",
];

fn check(profile: &ProfileView<'_>, cx: &Cx<'_>, sink: &mut Sink<'_>) {
    let Some(containment) = cx.container(profile) else {
        return;
    };
    let Some(claim) = cx.claim(profile, REQUEST) else {
        return;
    };
    let name = &profile.full_name;
    let condition = containment.condition();
    match claim.decision {
        ClaimedDecision::Denied => {}
        ClaimedDecision::Unmatched => {
            let finding = sink
                .at(
                    profile.name_span(),
                    format!("{condition}`{name}` does not deny CAP_SYS_ADMIN"),
                )
                .claims([claim])
                .note(
                    "no rule allows it today; any include or rule that is added later can allow it",
                )
                .help(advice(profile, cx));
            let finding = with_edit(finding, profile, cx);
            let finding = if containment.is_known() {
                finding
            } else {
                finding.level(Level::Pedantic)
            };
            sink.report(containment.limit(finding));
        }
        ClaimedDecision::Allowed => {
            let finding = sink
                .at(
                    profile.name_span(),
                    format!("{condition}`{name}` allows CAP_SYS_ADMIN"),
                )
                .claims([claim]);
            sink.report(containment.limit(granted(finding, profile, cx)));
        }
    }
}

/// Where it is granted, and what follows from it in this profile.
fn granted(mut finding: Diagnostic, profile: &ProfileView<'_>, cx: &Cx<'_>) -> Diagnostic {
    if let Some(number) = capabilities::number("sys_admin") {
        let effective = cx.effective(profile);
        for granting in effective.matching(Class::Capability, &[number]) {
            let origin = granting.origin(profile, cx.summaries);
            if let Some((_, fact)) = origin.filter(|(_, fact)| fact.mode == Mode::Allow) {
                finding = finding.label(cx.span(fact), "allowed here");
            }
        }
    }
    let mut mounts = MOUNTS.iter();
    let finding = match mounts.find_map(|request| cx.allowed(profile, request)) {
        Some(mount) => finding
            .note(format!(
                "the profile also allows `{}`, so the container can mount file systems",
                mount.request
            ))
            .claims([mount]),
        None => finding.note(
            "the kernel asks for this capability to enter namespaces and to set the host name, among many other things",
        ),
    };
    finding.help(advice(profile, cx))
}

/// The finding with an edit that adds the rule, if there is a line for it.
fn with_edit(finding: Diagnostic, profile: &ProfileView<'_>, cx: &Cx<'_>) -> Diagnostic {
    let rule = format!("{} capability sys_admin,", cx.advised_deny(profile));
    let source = cx.store.sources.get(profile.file);
    match profile_end(source, profile.ast) {
        Some((place, indent)) => finding.replace(
            Applicability::Unsafe,
            format!("add `{rule}`"),
            place.in_file(profile.file),
            format!("{indent}  {rule}\n"),
        ),
        None => finding,
    }
}

fn advice(profile: &ProfileView<'_>, cx: &Cx<'_>) -> String {
    let deny = cx.advised_deny(profile);
    format!("add `{deny} capability sys_admin,`: a deny rule overrides every allow rule")
}
