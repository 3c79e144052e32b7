//! `unrestricted-change-profile`: changing to any profile, or to none.

use crate::diagnostic::Claim;
use crate::lint::{Check, Cx, EveryFile, Sink};
use crate::policy::ProfileView;
use crate::syntax::ast::{Body, Mode};

/// What the registry runs.
pub const CHECK: Check = Check::Profile(check);

fn check(profile: &ProfileView<'_>, cx: &Cx<'_>, sink: &mut Sink<'_>) {
    let every_file = EveryFile::new(profile, cx);
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
        let is_any = matches!(target.as_str(), "*" | "**" | "{,**}" | "{**,}");
        if !is_any && target != "unconfined" {
            continue;
        }
        let unconfined = cx.claim(profile, "change_profile -> unconfined");
        let leaves = unconfined.as_ref().is_some_and(Claim::is_allowed);
        let message = match (is_any, leaves) {
            (true, true) => "the process may change to any profile, and to `unconfined`",
            (true, false) => "this rule allows a change to any profile",
            (false, true) => "the process may leave confinement",
            (false, false) => continue,
        };
        let finding = sink
            .at(cx.span(fact), message)
            .claims(unconfined)
            .help("name the profiles that the process needs to change to");
        sink.report(every_file.include(finding, fact));
    }
}
