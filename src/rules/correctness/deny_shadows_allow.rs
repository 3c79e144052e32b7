//! `deny-shadows-allow`: allow rules for one path, and deny rules that match it.

use rustc_hash::FxHashMap;

use crate::glob::{PrefixIndex, Program, literal};
use crate::lang::permissions::{APPEND, FilePerms, WRITE};
use crate::lint::{Check, Cx, Sink};
use crate::policy::{Fact, ProfileView};
use crate::source::Span;
use crate::syntax::ast::{Body, Mode, Owner, Word};

/// Most pairs of patterns that are compared in one profile; what is behind them is not looked at.
const MAX_COMPARISONS: usize = 200_000;

/// What the registry runs.
pub const CHECK: Check = Check::Profile(check);

fn check(profile: &ProfileView<'_>, cx: &Cx<'_>, sink: &mut Sink<'_>) {
    let denies: Vec<_> = cx
        .file_facts(profile)
        .filter(|(_, fact, _)| fact.mode == Mode::Deny)
        .filter_map(|(_, fact, rule)| {
            let path = cx.expand(profile, fact, rule.path)?;
            let pattern = Program::path(&path).ok();
            Some((path, (fact, pattern, rule.perms)))
        })
        .collect();
    let has_denies = !denies.is_empty();
    let denies = PrefixIndex::new(denies);
    let denied_capabilities = denied_capabilities(profile, cx);
    let mut comparisons = 0;
    for fact in profile
        .own_facts(cx.digests)
        .filter(|fact| fact.mode == Mode::Allow)
    {
        match &fact.rule.body {
            Body::File(rule) if has_denies => {
                let Some(path) = cx
                    .expand(profile, fact, rule.path)
                    .as_deref()
                    .and_then(literal)
                else {
                    continue;
                };
                for (deny, pattern, perms) in denies.meeting(&path) {
                    comparisons += 1;
                    if comparisons > MAX_COMPARISONS {
                        return;
                    }
                    let taken = taken(rule.perms, *perms);
                    let is_stronger =
                        deny.priority >= fact.priority && owners_meet(fact.owner, deny.owner);
                    if taken == 0
                        || !is_stronger
                        || !pattern.as_ref().is_some_and(|p| p.matches(path.as_bytes()))
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

/// The capabilities that the profile's own deny rules name, and where first.
fn denied_capabilities<'c>(profile: &ProfileView<'c>, cx: &Cx<'c>) -> FxHashMap<&'c str, Span> {
    let mut denied = FxHashMap::default();
    for fact in profile.own_facts(cx.digests) {
        if let (Mode::Deny, Body::Capability(names)) = (fact.mode, &fact.rule.body) {
            for name in names {
                let place = name.0.in_file(fact.file);
                denied.entry(cx.slice(place)).or_insert(place);
            }
        }
    }
    denied
}

fn capabilities(
    fact: &Fact<'_>,
    names: &[Word],
    denied: &FxHashMap<&str, Span>,
    cx: &Cx<'_>,
    sink: &mut Sink<'_>,
) {
    for name in names {
        let name = name.0.in_file(fact.file);
        let text = cx.slice(name);
        if let Some(deny) = denied.get(text) {
            let finding = sink
                .at(
                    name,
                    format!("a deny rule takes back the capability `{text}`"),
                )
                .label(*deny, "deny always wins; order does not matter")
                .help("remove one of the two rules");
            sink.report(finding);
        }
    }
}
