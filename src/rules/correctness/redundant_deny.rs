//! `redundant-deny`: deny rules for what nothing grants.

use crate::glob::{Overlap, overlap};
use crate::lint::{Check, Cx, Sink};
use crate::policy::{Fact, ProfileView};
use crate::syntax::ast::{Body, FileRule, Mode, Word};

/// What the registry runs.
pub const CHECK: Check = Check::Profile(check);

fn check(profile: &ProfileView<'_>, cx: &Cx<'_>, sink: &mut Sink<'_>) {
    let denies: Vec<&Fact<'_>> = profile
        .own_facts(cx.digests)
        .filter(|fact| fact.mode == Mode::Deny && !fact.is_audit)
        .collect();
    let grants_everything = cx.facts(profile).any(|(_, fact)| {
        fact.mode != Mode::Deny && matches!(fact.rule.body, Body::AllFiles | Body::All)
    });
    let source = cx.store.sources.get(profile.file);
    let is_open = profile
        .flags(&source.text)
        .iter()
        .any(|flag| matches!(*flag, "default_allow" | "unconfined"));
    if denies.is_empty() || profile.unknown.is_some() || grants_everything || is_open {
        return;
    }
    for deny in denies {
        match &deny.rule.body {
            Body::File(rule) if is_file_redundant(deny, rule, profile, cx) => {
                let path = cx.slice(rule.path.0.in_file(deny.file));
                report(
                    deny,
                    &format!("nothing grants what this rule denies for `{path}`"),
                    cx,
                    sink,
                );
            }
            Body::Capability(names)
                if !names.is_empty()
                    && names
                        .iter()
                        .all(|name| !is_granted(*name, deny, profile, cx)) =>
            {
                let text = names
                    .iter()
                    .map(|name| cx.slice(name.0.in_file(deny.file)))
                    .collect::<Vec<_>>()
                    .join(" ");
                report(
                    deny,
                    &format!("nothing grants the capability `{text}` that this rule denies"),
                    cx,
                    sink,
                );
            }
            _ => {}
        }
    }
}

fn report(deny: &Fact<'_>, message: &str, cx: &Cx<'_>, sink: &mut Sink<'_>) {
    let finding = sink
        .at(cx.span(deny), message)
        .note("it is refused anyway; the rule keeps attempts out of the log, and will override abstractions that are included later")
        .help("remove the rule, or write `audit deny` so that attempts are logged");
    sink.report(finding);
}

fn is_file_redundant(
    deny: &Fact<'_>,
    rule: &FileRule,
    profile: &ProfileView<'_>,
    cx: &Cx<'_>,
) -> bool {
    let Some(denied) = cx.expand(profile, deny, rule.path) else {
        return false;
    };
    cx.facts(profile)
        .filter(|(_, fact)| fact.mode != Mode::Deny)
        .all(|(_, fact)| match &fact.rule.body {
            Body::File(allow) => {
                allow.perms.bits & rule.perms.bits == 0
                    || cx
                        .expand(profile, fact, allow.path)
                        .is_some_and(|path| overlap(&denied, &path) == Overlap::None)
            }
            // A link rule grants `l` on its first path.
            Body::Link(link) => {
                !rule.perms.has_link()
                    || cx
                        .expand(profile, fact, link.link)
                        .is_some_and(|path| overlap(&denied, &path) == Overlap::None)
            }
            _ => true,
        })
}

fn is_granted(name: Word, deny: &Fact<'_>, profile: &ProfileView<'_>, cx: &Cx<'_>) -> bool {
    let name = cx.slice(name.0.in_file(deny.file));
    cx.facts(profile)
        .filter(|(_, fact)| fact.mode != Mode::Deny)
        .any(|(_, fact)| match &fact.rule.body {
            Body::Capability(names) => {
                names.is_empty()
                    || names
                        .iter()
                        .any(|word| cx.slice(word.0.in_file(fact.file)) == name)
            }
            _ => false,
        })
}
