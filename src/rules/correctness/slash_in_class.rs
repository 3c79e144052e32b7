//! `slash-in-class`: classes that mean "any other letter" in allow rules, and let a path go on in a directory.

use std::ops::ControlFlow;

use crate::access::{Class, Effective, Entry, EntryRef, bits, combine};
use crate::diagnostic::{Applicability, Claim};
use crate::glob::{InputDomain, Nfa, alternatives};
use crate::lint::{Check, Cx, Sink};
use crate::policy::{Fact, ProfileView};
use crate::source::Span;
use crate::syntax::ast::{Body, Mode};

/// What the registry runs.
pub const CHECK: Check = Check::Profile(check);

/// Most alternatives of one pattern that are looked at.
const MAX_ALTERNATIVES: usize = 32;

fn check(profile: &ProfileView<'_>, cx: &Cx<'_>, sink: &mut Sink<'_>) {
    // What could not be read may allow the same, or deny it.
    if !cx.targets.contains_key(&profile.file) || !profile.is_whole() {
        return;
    }
    for fact in profile
        .own_facts(cx.summaries)
        .filter(|fact| fact.mode == Mode::Allow)
    {
        let Body::File(rule) = &fact.rule.body else {
            continue;
        };
        let place = rule.path.0.in_file(fact.file);
        if !cx.slice(place).contains("[^") {
            continue;
        }
        let path = cx.expand(profile, fact, rule.path);
        let all = path.and_then(|path| alternatives(&path, MAX_ALTERNATIVES));
        for one in all.unwrap_or_default() {
            let Some((class, strict)) = strict(&one) else {
                continue;
            };
            let Some(witness) = gained(&one, &strict, fact, profile, cx) else {
                continue;
            };
            let bits = bits::both(rule.perms.bits);
            let claims = cx.claims_of(profile, Class::File, witness.as_bytes(), bits);
            let finding = sink
                .at(
                    place,
                    format!("`{class}` matches `/` as well, so the rule allows `{witness}`"),
                )
                .note("only a negated class and `**` match a slash; `*` and `?` do not")
                .help(format!("write `{}/]`", class.trim_end_matches(']')))
                .claims(claims.into_iter().filter(Claim::is_allowed));
            sink.report(match only_end(cx.slice(place), &class) {
                Some(end) => finding.replace(
                    Applicability::Unsafe,
                    format!("write `{}/]`", class.trim_end_matches(']')),
                    Span {
                        range: place.range.part(end, end),
                        ..place
                    },
                    "/",
                ),
                None => finding,
            });
            break;
        }
    }
}

/// Where the class ends, before its bracket, if it stands in the text once.
fn only_end(text: &str, class: &str) -> Option<usize> {
    let (before, behind) = text.split_once(class)?;
    let end = before.len().checked_add(class.len())?.checked_sub(1)?;
    (!behind.contains(class)).then_some(end)
}

/// The first negated class that can match `/`, and the pattern in which none can.
fn strict(pattern: &str) -> Option<(String, String)> {
    let mut strict = String::with_capacity(pattern.len() + 4);
    let mut first = None;
    let mut rest = pattern;
    while let Some((before, class)) = rest.split_once("[^") {
        let (inner, behind) = class.split_once(']')?;
        strict.push_str(before);
        let is_open = !inner.contains('/') && !before.ends_with('/') && !before.is_empty();
        if is_open {
            first.get_or_insert_with(|| format!("[^{inner}]"));
        }
        strict.push_str("[^");
        strict.push_str(inner);
        strict.push_str(if is_open { "/]" } else { "]" });
        rest = behind;
    }
    strict.push_str(rest);
    first.map(|class| (class, strict))
}

/// A path that only the looser pattern matches, and that no other rule grants.
fn gained(
    pattern: &str,
    strict: &str,
    fact: &Fact<'_>,
    profile: &ProfileView<'_>,
    cx: &Cx<'_>,
) -> Option<String> {
    let (wanted, strict) = (Nfa::path(pattern).ok()?, Nfa::path(strict).ok()?);
    let effective: &Effective = &cx.effective(profile);
    let mut found = None;
    let is_own = |entry: &EntryRef<'_>| {
        let origin = entry.origin(profile, cx.summaries);
        origin.is_some_and(|(_, of)| cx.span(of) == cx.span(fact))
    };
    let result = effective.visit_outside(
        Class::File,
        &[&wanted],
        &[&strict],
        InputDomain::Paths,
        |verdict, matching, trace| {
            let rest = matching.iter().filter(|entry| !is_own(entry));
            let rest: Vec<&Entry> = rest.map(|found| found.entry).collect();
            if verdict.allow & !combine(&rest).allow == 0 {
                return ControlFlow::Continue(());
            }
            found = Some(String::from_utf8_lossy(&trace.text()).into_owned());
            ControlFlow::Break(())
        },
    );
    result.ok()?;
    found
}
