//! `versioned-python`: paths that hold one version of Python.

use crate::lint::{Check, Cx, Sink};
use crate::policy::ProfileView;

/// What the registry runs.
pub const CHECK: Check = Check::Profile(check);

fn check(profile: &ProfileView<'_>, cx: &Cx<'_>, sink: &mut Sink<'_>) {
    for (_, fact, rule) in cx.file_facts(profile) {
        let path = cx.value(fact.file, rule.path);
        let Some((_, rest)) = path.split_once("/python3.") else {
            continue;
        };
        let minor: String = rest.chars().take_while(char::is_ascii_digit).collect();
        // A pattern, as in `python3.[0-9]*`, has no digit here.
        if minor.is_empty() {
            continue;
        }
        let finding = sink
            .at(
                cx.span(fact),
                format!("`{path}` matches only Python 3.{minor}"),
            )
            .note("the rule matches nothing after an upgrade to the next version of Python")
            .help(format!("write `python3.[0-9]*` for `python3.{minor}`"));
        sink.report(finding);
    }
}
