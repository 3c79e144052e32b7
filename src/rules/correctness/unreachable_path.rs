//! `unreachable-path`: paths that no request has.

use crate::lint::{Check, Cx, Sink};
use crate::policy::ProfileView;
use crate::syntax::ast::Body;

/// What the registry runs.
pub const CHECK: Check = Check::Profile(check);

fn check(profile: &ProfileView<'_>, cx: &Cx<'_>, sink: &mut Sink<'_>) {
    for fact in profile.own_facts(cx.summaries) {
        let Body::File(rule) = &fact.rule.body else {
            continue;
        };
        let path = cx.value(fact.file, rule.path);
        let component = path
            .split('/')
            .find(|component| matches!(*component, "." | ".."));
        if let Some(component) = component {
            let finding = sink
                .at(
                    rule.path.0.in_file(fact.file),
                    format!("`{path}` contains the component `{component}`"),
                )
                .note("the kernel asks for resolved paths, which have no `.` and no `..`, so the rule matches nothing")
                .help("write the path that it resolves to");
            sink.report(finding);
        }
    }
}
