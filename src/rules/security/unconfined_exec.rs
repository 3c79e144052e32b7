//! `unconfined-exec`: execs that leave confinement.

use crate::diagnostic::Severity;
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
        let finding = if is_target || mode.kind == ExecKind::Unconfined {
            sink.at(place, format!("`{path}` is executed without confinement"))
                .note("whatever this profile forbids, that program may do")
        } else if mode.kind.may_be_unconfined() {
            sink.at(
                place,
                format!(
                    "`{path}` is executed without confinement unless a profile is loaded for it"
                ),
            )
            .severity(Severity::Info)
            .note("nothing warns when that profile is missing")
        } else {
            continue;
        };
        let finding = finding.help("give the program a profile (`Px`), a child profile (`Cx`), or let it inherit this one (`ix`)");
        let finding = if mode.is_unsafe && !is_target {
            finding.note("the lower-case mode also passes LD_PRELOAD and the like on to it")
        } else {
            finding
        };
        sink.report(finding);
    }
}
