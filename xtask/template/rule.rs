//! `sample-name`: say here what the rule looks for.

use crate::lint::{Check, Cx, Sink};
use crate::policy::ProfileView;

/// What the registry runs.
pub const CHECK: Check = Check::Profile(check);

// The sample reports one path, so that the page holds from the beginning. Put the question of the rule in its place.
fn check(profile: &ProfileView<'_>, cx: &Cx<'_>, sink: &mut Sink<'_>) {
    for (_, fact, rule) in cx.file_facts(profile) {
        let path = cx.value(fact.file, rule.path);
        if path == "/sample-name" {
            let finding = sink
                .at(cx.span(fact), format!("this rule names `{path}`"))
                .note("say here why it matters")
                .help("say here what to do");
            sink.report(finding);
        }
    }
}
