//! `conflicting-exec-modes`: one path, two exec modes.

use rustc_hash::FxHashMap;

use crate::access::{Class, Effective, Entry, EntryRef, Exec, Verdict, bits};
use crate::glob::InputDomain;
use crate::lang::targets::Version;
use crate::lint::{Check, Cx, Sink};
use crate::policy::{Fact, InBlock, ProfileView, RuleId};
use crate::syntax::ast::{Body, ChangeProfile, Mode, Safety};

/// What the registry runs.
pub const CHECK: Check = Check::Profile(check);

fn check(profile: &ProfileView<'_>, cx: &Cx<'_>, sink: &mut Sink<'_>) {
    let effective = cx.effective(profile);
    changes(&effective, profile, cx, sink);
    let groups = groups(&effective);
    let mut found: Vec<Pair<'_>> = Vec::new();
    for (number, group) in groups.iter().enumerate() {
        for other in groups.iter().skip(number + 1) {
            for (left, right) in pairs(group, other) {
                let is_known = |pair: &Pair<'_>| pair.of_rules() == rules(left, right);
                if found.iter().any(is_known)
                    || cx.may_be_dropped(left, profile)
                    || cx.may_be_dropped(right, profile)
                {
                    continue;
                }
                // A rule that prompts, and of which the parser forgets that in a block.
                let is_allowed = |entry: EntryRef<'_>| {
                    let origin = entry.origin(profile, cx.summaries);
                    origin.is_some_and(|(_, fact)| fact.in_block == InBlock::Inverted(Mode::Allow))
                };
                let is_inverted = is_allowed(left) || is_allowed(right);
                if let Some(witness) = conflict(&effective, left, right, is_inverted) {
                    found.push(Pair {
                        left,
                        right,
                        witness,
                    });
                }
            }
        }
    }
    found.sort_by_key(Pair::of_rules);
    for pair in &found {
        report(pair, profile, cx, sink);
    }
}

/// Two entries that conflict, the one written first first.
struct Pair<'e> {
    left: EntryRef<'e>,
    right: EntryRef<'e>,
    /// A path that both match.
    witness: Vec<u8>,
}

fn rules(left: EntryRef<'_>, right: EntryRef<'_>) -> (RuleId, RuleId) {
    let (left, right) = (left.rule(), right.rule());
    (left.min(right), left.max(right))
}

impl Pair<'_> {
    fn of_rules(&self) -> (RuleId, RuleId) {
        rules(self.left, self.right)
    }
}

/// The entries that grant an exec, by where it leads.
fn groups(effective: &Effective) -> Vec<Vec<EntryRef<'_>>> {
    let mut groups: FxHashMap<&Exec, usize> = FxHashMap::default();
    let mut found: Vec<Vec<EntryRef<'_>>> = Vec::new();
    for entry in effective.entries(Class::File) {
        let Some(exec) = &entry.entry.exec else {
            continue;
        };
        let group = *groups.entry(exec).or_insert_with(|| {
            found.push(Vec::new());
            found.len() - 1
        });
        if let Some(group) = found.get_mut(group) {
            group.push(entry);
        }
    }
    found
}

/// The pairs of entries that could conflict: of one priority, about the same users, both with
/// wildcards or both without, and with prefixes that agree.
fn pairs<'e>(
    group: &'e [EntryRef<'e>],
    other: &'e [EntryRef<'e>],
) -> impl Iterator<Item = (EntryRef<'e>, EntryRef<'e>)> {
    group.iter().flat_map(move |left| {
        let intersects = move |right: &&EntryRef<'e>| {
            let (left, right) = (left.entry, right.entry);
            left.priority == right.priority
                && (shares_users(left, right) || is_merged(left, right))
                && left.nfa.is_exact == right.nfa.is_exact
                && left.nfa.may_intersect(&right.nfa)
        };
        other
            .iter()
            .filter(intersects)
            .map(move |right| (*left, *right))
    })
}

const fn shares_users(left: &Entry, right: &Entry) -> bool {
    left.mask & right.mask & bits::EXECS != 0
}

/// Rules with the same text the parser puts together before it looks at their owners.
fn is_merged(left: &Entry, right: &Entry) -> bool {
    left.nfa == right.nfa && (left.audit != 0) == (right.audit != 0)
}

/// A path at which the two conflict, and no rule of a higher priority settles it. What is too complex
/// to find out is not claimed.
fn conflict(
    effective: &Effective,
    left: EntryRef<'_>,
    right: EntryRef<'_>,
    is_inverted: bool,
) -> Option<Vec<u8>> {
    let wanted = [&*left.entry.nfa, &*right.entry.nfa];
    if !wanted[0].intersects(wanted[1]) {
        return None;
    }
    // The parser looks at all texts, but a path that can be is the better example.
    [InputDomain::Paths, InputDomain::Texts]
        .into_iter()
        .find_map(|domain| {
            // Most pairs have nothing in common, and of those that have, most conflict at once.
            let witness = effective.budget.common(&wanted, &[], domain).ok()??;
            let is_merged = is_merged(left.entry, right.entry);
            if is_merged
                || is_inverted
                || effective.decide(Class::File, &witness).conflict.is_some()
            {
                return Some(witness);
            }
            let is_conflict = |verdict: &Verdict, _: &[EntryRef<'_>]| verdict.conflict.is_some();
            let found = effective.find(Class::File, &wanted, domain, is_conflict);
            Some(found.ok()??.witness)
        })
}

/// `change_profile` rules of which one keeps the environment and the other does not, where both match the same program
/// and label.
fn changes(effective: &Effective, profile: &ProfileView<'_>, cx: &Cx<'_>, sink: &mut Sink<'_>) {
    let entries: Vec<EntryRef<'_>> = effective
        .entries(Class::ChangeProfile)
        .filter(|entry| entry.entry.exec.is_some())
        .collect();
    let mut found: Vec<(RuleId, RuleId)> = merged_changes(profile, cx);
    for (number, left) in entries.iter().enumerate() {
        for right in entries.iter().skip(number + 1) {
            let numbers = rules(*left, *right);
            if left.entry.exec == right.entry.exec || found.contains(&numbers) {
                continue;
            }
            let (one, other) = (&left.entry.nfa, &right.entry.nfa);
            if one.is_exact == other.is_exact && one.intersects(other) {
                found.push(numbers);
            }
        }
    }
    found.sort_unstable();
    found.dedup();
    for (first, second) in found {
        let fact = |rule: RuleId| profile.rule(rule, cx.summaries);
        if let (Some((_, first)), Some((segment, second))) = (fact(first), fact(second)) {
            let exec = change(second).and_then(|change| cx.expand(profile, second, change.exec?));
            let mut finding = sink
                .at(
                    cx.span(second),
                    format!(
                        "the change at the exec of `{}` is both safe and unsafe",
                        exec.unwrap_or_default()
                    ),
                )
                .label(cx.span(first), "the other one")
                .help("make both the same, or remove one");
            finding.via = segment.via.to_vec();
            sink.report(finding);
        }
    }
}

const fn change<'f>(fact: &Fact<'f>) -> Option<&'f ChangeProfile> {
    match &fact.rule.body {
        Body::ChangeProfile(change) => Some(change),
        _ => None,
    }
}

/// Those that the parser puts together before it compiles them, which it does with denying ones as well: the program and
/// the label are the same. 5.0.2 does not look at the first character of the label.
fn merged_changes(profile: &ProfileView<'_>, cx: &Cx<'_>) -> Vec<(RuleId, RuleId)> {
    let ignores_first = cx.summaries.parser() == Version(5, 0);
    let mut seen: FxHashMap<(String, String, bool), (RuleId, bool)> = FxHashMap::default();
    let mut found = Vec::new();
    for (place, segment) in profile.segments.iter().enumerate() {
        for (number, fact) in (0..).zip(segment.facts(cx.summaries)) {
            let Some(change) = change(fact) else { continue };
            let text = |word| cx.expand(profile, fact, word);
            let (exec, target) = (change.exec.and_then(text), change.target.map(text));
            let (Some(exec), Some(mut target)) =
                (exec, target.unwrap_or_else(|| Some("**".to_owned())))
            else {
                continue;
            };
            if ignores_first && !target.is_empty() {
                target = target.chars().skip(1).collect();
            }
            let is_unsafe = matches!(change.safety, Some((Safety::Unsafe, _)));
            let key = (exec, target, fact.mode == Mode::Deny);
            let rule = RuleId {
                segment: place,
                number,
            };
            let (first, before) = *seen.entry(key).or_insert((rule, is_unsafe));
            if before != is_unsafe {
                found.push((first, rule));
            }
        }
    }
    found
}

fn report(pair: &Pair<'_>, profile: &ProfileView<'_>, cx: &Cx<'_>, sink: &mut Sink<'_>) {
    let origins = [pair.left, pair.right].map(|entry| entry.origin(profile, cx.summaries));
    let [Some((_, first)), Some((via, second))] = origins else {
        return;
    };
    let witness = String::from_utf8_lossy(&pair.witness);
    let mut finding = sink
        .at(
            cx.span(second),
            format!("`{witness}` is executed in two different modes"),
        )
        .mark(format!("`{}` here", modes(second, cx)))
        .label(cx.span(first), format!("`{}` here", modes(first, cx)))
        .note("the parser refuses the whole profile; it does not matter which of the rules comes first")
        .help("make both the same, remove or narrow one, or give one a higher `priority`");
    finding.via = via.to_vec();
    sink.report(finding);
}

fn modes(fact: &Fact<'_>, cx: &Cx<'_>) -> String {
    let Body::File(rule) = &fact.rule.body else {
        return "ix".to_owned();
    };
    let perms = cx.slice(rule.perms_range.in_file(fact.file));
    match rule.target {
        Some(target) => format!("{perms} -> {}", cx.slice(target.0.in_file(fact.file))),
        None => perms.to_owned(),
    }
}
