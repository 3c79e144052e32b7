//! `container-nnp-transition`: a transition that the kernel refuses, because a container sets no_new_privs.

use crate::access::{Class, Exec};
use crate::lang::permissions::ExecKind;
use crate::lint::{Check, Cx, Sink};
use crate::policy::ProfileView;
use crate::syntax::ast::{Body, Mode};

/// What the registry runs.
pub const CHECK: Check = Check::Profile(check);

fn check(profile: &ProfileView<'_>, cx: &Cx<'_>, sink: &mut Sink<'_>) {
    let views = cx.views_of(profile);
    let Some(view) = views.iter().find(|view| view.has_no_new_privileges) else {
        return;
    };
    let effective = cx.effective(profile);
    for own in effective.own_rules(profile) {
        let Some(fact) = own.fact(profile, cx.summaries) else {
            continue;
        };
        if fact.mode != Mode::Allow || !matches!(fact.rule.body, Body::File(_)) {
            continue;
        }
        let files = own
            .entries
            .iter()
            .filter(|(class, _)| *class == Class::File);
        let mut execs = files.filter_map(|(_, found)| found.entry.exec.as_ref());
        if !execs.any(leads_away) {
            continue;
        }
        let finding = sink
            .at(
                cx.span(fact),
                format!("`{}` cannot execute this: {} runs with no_new_privs", profile.full_name, view.who),
            )
            .note("under no_new_privs the kernel refuses every exec that goes to another profile, or to none; it allows `ix` and stacking")
            .help("use `ix`, or stack a profile with `px -> &NAME`; or run the container without `no-new-privileges`, which is `allowPrivilegeEscalation: false` in Kubernetes");
        sink.report(finding);
    }
}

/// Whether an exec goes to another profile or to none for sure (security/apparmor/domain.c, `apparmor_bprm_creds_for_exec`): with a
/// fallback to `ix` it stays if no profile attaches.
fn leads_away(exec: &Exec) -> bool {
    let is_stacked = exec
        .target
        .as_deref()
        .is_some_and(|target| target.starts_with('&'));
    let may_stay = matches!(
        exec.mode.kind,
        ExecKind::Inherit | ExecKind::ProfileOrInherit | ExecKind::ChildOrInherit
    );
    !is_stacked && !may_stay
}
