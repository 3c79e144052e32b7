//! `unconfined-exec`: execs that leave confinement.

use crate::diagnostic::{Level, Severity};
use crate::lang::permissions::ExecKind;
use crate::lint::{Check, Cx, Sink};
use crate::policy::ProfileView;
use crate::syntax::ast::{Body, Mode};

/// What the registry runs.
pub const CHECK: Check = Check::Profile(check);

fn check(profile: &ProfileView<'_>, cx: &Cx<'_>, sink: &mut Sink<'_>) {
    for fact in profile
        .own_facts(cx.summaries)
        .filter(|fact| fact.mode == Mode::Allow)
    {
        let Body::File(rule) = &fact.rule.body else {
            continue;
        };
        let Some(mode) = rule.perms.exec_mode else {
            continue;
        };
        let path = cx.slice(rule.path.0.in_file(fact.file));
        let place = rule.perms_range.in_file(fact.file);
        let is_target = rule
            .target
            .is_some_and(|target| cx.value(fact.file, target) == "unconfined");
        let request = match is_target {
            true => format!("{path} {mode} -> unconfined"),
            false => format!("{path} {mode}"),
        };
        // A deny rule may take it away.
        let claim = cx.claim(profile, &request);
        if claim.as_ref().is_some_and(|claim| !claim.is_allowed()) {
            continue;
        }
        let finding = if is_target || mode.kind == ExecKind::Unconfined {
            sink.at(place, format!("`{path}` is executed without confinement"))
                .note("no profile restricts what that program does")
        } else if mode.kind.may_be_unconfined() {
            sink.at(
                place,
                format!("`{path}` is executed without confinement if no profile is loaded for it"),
            )
            .severity(Severity::Info)
            .level(Level::Pedantic)
            .note("nothing warns if that profile is missing")
        } else {
            continue;
        };
        let finding = finding.claims(claim).help(
            "give the program a profile (`Px`) or a child profile (`Cx`), or let it inherit this one (`ix`)",
        );
        let finding = if mode.is_unsafe && !is_target {
            finding.note(
                "the mode begins with a small letter, so the program also gets LD_PRELOAD and similar variables",
            )
        } else {
            finding
        };
        sink.report(finding);
    }
}
