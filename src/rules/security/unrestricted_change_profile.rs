//! `unrestricted-change-profile`: changing to any profile, or to none.

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
        let Body::ChangeProfile(change) = &fact.rule.body else {
            continue;
        };
        let target = match change.target {
            None => "**".to_owned(),
            Some(word) => match cx.expand(profile, fact, word) {
                Some(target) => target,
                None => continue,
            },
        };
        let message = match target.as_str() {
            "*" | "**" | "{,**}" | "{**,}" => "the process may change to any profile",
            "unconfined" => "the process may leave confinement",
            _ => continue,
        };
        let finding = sink
            .at(cx.span(fact), message)
            .help("name the profiles that it may change to");
        sink.report(finding);
    }
}
