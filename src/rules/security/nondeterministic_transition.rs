//! `nondeterministic-transition`: execs that depend on what is loaded.

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
        if rule
            .perms
            .exec_mode
            .is_some_and(|mode| mode.kind == ExecKind::ProfileOrInherit)
        {
            let path = cx.slice(rule.path.0.in_file(fact.file));
            let finding = sink
                .at(
                    rule.perms_range.in_file(fact.file),
                    format!("`{path}` runs under its own profile if one is loaded, and under this one otherwise"),
                )
                .help("write `Px` if the program has a profile, or `ix` if it is to run under this one");
            sink.report(finding);
        }
    }
}
