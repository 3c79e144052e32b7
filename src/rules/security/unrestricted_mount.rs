//! `unrestricted-mount`: mount rules without source and mount point.

use crate::lint::{Check, Cx, Sink};
use crate::policy::ProfileView;
use crate::syntax::ast::{Body, Mode};

/// What the registry runs.
pub const CHECK: Check = Check::Profile(check);

fn check(profile: &ProfileView<'_>, cx: &Cx<'_>, sink: &mut Sink<'_>) {
    let is_denied = cx.facts(profile).any(|(_, fact)| {
        fact.mode == Mode::Deny
            && matches!(&fact.rule.body, Body::Mount(rule) if rule.source.is_none() && rule.target.is_none() && rule.conditions.is_empty())
    });
    for fact in profile
        .own_facts(cx.summaries)
        .filter(|fact| fact.mode == Mode::Allow && !is_denied)
    {
        let Body::Mount(rule) = &fact.rule.body else {
            continue;
        };
        let has_fstype = rule
            .conditions
            .iter()
            .any(|c| cx.slice(c.name.in_file(fact.file)).ends_with("fstype"));
        if rule.source.is_none() && rule.target.is_none() && !has_fstype {
            let finding = sink
                .at(cx.span(fact), "anything may be mounted anywhere")
                .note("a mount can put any file in the place of any other, and AppArmor decides by paths")
                .help("name the mount point and what is mounted: `mount fstype=tmpfs tmpfs -> /run/app/,`");
            sink.report(finding);
        }
    }
}
