//! `deny-shadows-allow`: allow rules for one path, and deny rules that match it.

use crate::glob::{Pattern, literal, literal_prefix};
use crate::lang::permissions::{APPEND, FilePerms, WRITE};
use crate::lint::{Check, Cx, Sink};
use crate::policy::{Fact, ProfileView};
use crate::syntax::ast::{Body, Mode, Owner};

/// What the registry runs.
pub const CHECK: Check = Check::Profile(check);

fn check(profile: &ProfileView<'_>, cx: &Cx<'_>, sink: &mut Sink<'_>) {
    let denies: Vec<(&Fact<'_>, String, FilePerms)> = cx
        .file_facts(profile)
        .filter(|(_, fact, _)| fact.mode == Mode::Deny)
        .filter_map(|(_, fact, rule)| {
            Some((fact, cx.expand(profile, fact, rule.path)?, rule.perms))
        })
        .collect();
    let denied_capabilities: Vec<&Fact<'_>> = profile
        .own_facts(cx.digests)
        .filter(|fact| fact.mode == Mode::Deny)
        .collect();
    for fact in profile
        .own_facts(cx.digests)
        .filter(|fact| fact.mode == Mode::Allow)
    {
        match &fact.rule.body {
            Body::File(rule) if !denies.is_empty() => {
                let Some(path) = cx
                    .expand(profile, fact, rule.path)
                    .as_deref()
                    .and_then(literal)
                else {
                    continue;
                };
                for (deny, pattern, perms) in &denies {
                    let taken = taken(rule.perms, *perms);
                    let is_stronger =
                        deny.priority >= fact.priority && owners_meet(fact.owner, deny.owner);
                    let may_match = literal_prefix(pattern).starts_with(&path)
                        || path.starts_with(literal_prefix(pattern))
                        || pattern.contains("//");
                    if taken == 0
                        || !is_stronger
                        || !may_match
                        || !Pattern::new(pattern).is_some_and(|p| p.matches(&path))
                    {
                        continue;
                    }
                    let all = taken == rule.perms.bits;
                    let lost = FilePerms {
                        bits: without_implied_append(taken),
                        exec_mode: None,
                    };
                    let what = if all {
                        "everything".to_owned()
                    } else {
                        format!("`{lost}`")
                    };
                    let finding = sink
                        .at(cx.span(fact), format!("a deny rule takes back {what} that this rule grants for `{path}`"))
                        .label(cx.span(deny), "deny always wins; order does not matter")
                        .note("the request is refused, and nothing is logged: an explicit deny is quiet")
                        .help("remove the allow rule, or narrow the deny rule so that it leaves this path out");
                    sink.report(finding);
                    break;
                }
            }
            Body::Capability(names) => capabilities(fact, names, &denied_capabilities, cx, sink),
            _ => {}
        }
    }
}

/// The permissions that both have. A denied `w` takes `a` as well.
const fn taken(granted: FilePerms, denied: FilePerms) -> u8 {
    granted.bits & denied.bits
}

const fn without_implied_append(bits: u8) -> u8 {
    if bits & WRITE != 0 {
        bits & !APPEND
    } else {
        bits
    }
}

const fn owners_meet(allow: Option<Owner>, deny: Option<Owner>) -> bool {
    !matches!(
        (allow, deny),
        (Some(Owner::Owner), Some(Owner::Other))
            | (Some(Owner::Other) | None, Some(Owner::Owner))
            | (None, Some(Owner::Other))
    )
}

fn capabilities(
    fact: &Fact<'_>,
    names: &[crate::syntax::ast::Word],
    denies: &[&Fact<'_>],
    cx: &Cx<'_>,
    sink: &mut Sink<'_>,
) {
    for name in names {
        let name = name.0.in_file(fact.file);
        let text = cx.slice(name);
        for deny in denies {
            let Body::Capability(denied) = &deny.rule.body else {
                continue;
            };
            let hit = denied
                .iter()
                .find(|word| cx.slice(word.0.in_file(deny.file)) == text);
            if let Some(hit) = hit {
                let finding = sink
                    .at(
                        name,
                        format!("a deny rule takes back the capability `{text}`"),
                    )
                    .label(
                        hit.0.in_file(deny.file),
                        "deny always wins; order does not matter",
                    )
                    .help("remove one of the two rules");
                sink.report(finding);
                return;
            }
        }
    }
}
