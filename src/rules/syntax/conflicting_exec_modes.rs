//! `conflicting-exec-modes`: one path, two exec modes.

use std::borrow::Cow;

use rustc_hash::FxHashMap;

use crate::lint::{Check, Cx, Sink};
use crate::policy::{Fact, ProfileView};
use crate::source::Span;
use crate::syntax::ast::{Body, FileRule, Mode, Owner, Safety};
use crate::syntax::text;

/// What the registry runs.
pub const CHECK: Check = Check::Profile(check);

struct Seen<'p> {
    fact: &'p Fact<'p>,
    rule: &'p FileRule,
    via: &'p [Span],
}

fn check(profile: &ProfileView<'_>, cx: &Cx<'_>, sink: &mut Sink<'_>) {
    changes(profile, cx, sink);
    let execs = execs(profile, cx);
    // Only paths with the same last component can be the same; few need their variables put in.
    let mut groups: FxHashMap<Cow<'_, str>, Vec<usize>> = FxHashMap::default();
    for (index, exec) in execs.iter().enumerate() {
        let written = cx.slice(exec.rule.path.0.in_file(exec.fact.file));
        let last = written.rsplit('/').next().unwrap_or_default();
        let last = if last.contains("@{") {
            let path = cx
                .expand(profile, exec.fact, exec.rule.path)
                .unwrap_or_default();
            Cow::Owned(path.rsplit('/').next().unwrap_or_default().to_owned())
        } else {
            Cow::Borrowed(last.trim_end_matches('"'))
        };
        groups.entry(last).or_default().push(index);
    }
    let mut found = Vec::new();
    for group in groups.values().filter(|group| group.len() > 1) {
        same_path(group, &execs, profile, cx, &mut found);
    }
    found.sort_unstable();
    for (first, second) in found {
        if let (Some(first), Some(second)) = (execs.get(first), execs.get(second)) {
            report(first, second, cx, sink);
        }
    }
}

/// Adds the pairs of `group` that conflict.
fn same_path(
    group: &[usize],
    execs: &[Seen<'_>],
    profile: &ProfileView<'_>,
    cx: &Cx<'_>,
    found: &mut Vec<(usize, usize)>,
) {
    // By expanded path and priority.
    let mut seen: FxHashMap<(String, i32), Vec<usize>> = FxHashMap::default();
    for index in group {
        let Some(here) = execs.get(*index) else {
            continue;
        };
        let Some(path) = cx.expand(profile, here.fact, here.rule.path) else {
            continue;
        };
        let others = seen.entry((path, here.fact.priority)).or_default();
        let other = others.iter().find(|other| {
            execs
                .get(**other)
                .is_some_and(|other| is_conflict(other, here, cx))
        });
        if let Some(other) = other {
            found.push((*other, *index));
        }
        // Of rules that lead to the same place one is enough to compare with.
        let is_known = others
            .iter()
            .filter_map(|other| execs.get(*other))
            .any(|other| {
                other.fact.owner == here.fact.owner && leads(other, cx) == leads(here, cx)
            });
        if !is_known {
            others.push(*index);
        }
    }
}

/// The rules of a profile that grant an exec.
fn execs<'p>(profile: &'p ProfileView<'_>, cx: &'p Cx<'_>) -> Vec<Seen<'p>> {
    let mut found = Vec::new();
    for segment in &profile.segments {
        let facts = segment.facts(cx.digests);
        let execs = cx
            .digests
            .file(segment.file)
            .filter(|_| segment.is_whole_file())
            .map(|digest| &digest.execs);
        let facts: Vec<&Fact<'_>> = match execs {
            Some(indices) => indices
                .iter()
                .filter_map(|index| facts.get(*index as usize))
                .collect(),
            None => facts.iter().collect(),
        };
        for fact in facts {
            let Body::File(rule) = &fact.rule.body else {
                continue;
            };
            if fact.mode == Mode::Deny || rule.perms.exec_mode.is_none() {
                continue;
            }
            found.push(Seen {
                fact,
                rule,
                via: &segment.via,
            });
        }
    }
    found
}

/// `change_profile` rules for one program and target, of which one keeps the environment.
fn changes(profile: &ProfileView<'_>, cx: &Cx<'_>, sink: &mut Sink<'_>) {
    let mut seen: FxHashMap<(String, Option<String>), (&Fact<'_>, bool)> = FxHashMap::default();
    for fact in profile
        .own_facts(cx.digests)
        .filter(|fact| fact.mode != Mode::Deny)
    {
        let Body::ChangeProfile(change) = &fact.rule.body else {
            continue;
        };
        let Some(exec) = change.exec.and_then(|exec| cx.expand(profile, fact, exec)) else {
            continue;
        };
        let target = change
            .target
            .and_then(|target| cx.expand(profile, fact, target));
        let is_unsafe = matches!(change.safety, Some((Safety::Unsafe, _)));
        match seen.get(&(exec.clone(), target.clone())) {
            Some((first, before)) if *before != is_unsafe => {
                let finding = sink
                    .at(
                        cx.span(fact),
                        format!("the change at the exec of `{exec}` is both safe and unsafe"),
                    )
                    .label(cx.span(first), "the other one")
                    .help("make both the same, or remove one");
                sink.report(finding);
            }
            Some(_) => {}
            None => {
                seen.insert((exec, target), (fact, is_unsafe));
            }
        }
    }
}

/// Whether both are about the same files and lead elsewhere.
fn is_conflict(left: &Seen<'_>, right: &Seen<'_>, cx: &Cx<'_>) -> bool {
    let is_apart = matches!(
        (left.fact.owner, right.fact.owner),
        (Some(Owner::Owner), Some(Owner::Other)) | (Some(Owner::Other), Some(Owner::Owner))
    );
    let may_be_dropped = |seen: &Seen<'_>| {
        cx.store
            .file(seen.fact.file)
            .is_some_and(|loaded| loaded.file.is_conditional(seen.fact.rule.range))
    };
    !is_apart
        && !may_be_dropped(left)
        && !may_be_dropped(right)
        && leads(left, cx) != leads(right, cx)
}

/// Where an exec leads: kind, whether the environment is kept, and the target.
fn leads(
    seen: &Seen<'_>,
    cx: &Cx<'_>,
) -> Option<(crate::lang::permissions::ExecKind, bool, Option<String>)> {
    let mode = seen.rule.perms.exec_mode?;
    let is_unsafe = match seen.rule.safety {
        Some((Safety::Unsafe, _)) => true,
        Some((Safety::Safe, _)) => false,
        None => mode.is_unsafe,
    };
    let target = seen
        .rule
        .target
        .map(|target| text::value(cx.slice(target.0.in_file(seen.fact.file))).into_owned());
    Some((mode.kind, is_unsafe, target))
}

fn report(first: &Seen<'_>, second: &Seen<'_>, cx: &Cx<'_>, sink: &mut Sink<'_>) {
    let (one, other) = (cx.span(first.fact), cx.span(second.fact));
    let path = cx.slice(second.rule.path.0.in_file(second.fact.file));
    let mut finding = sink
        .at(other, format!("`{path}` is executed in two different modes"))
        .mark(format!("`{}` here", modes(second, cx)))
        .label(one, format!("`{}` here", modes(first, cx)))
        .note("the parser refuses the whole profile; it does not matter which of the rules comes first")
        .help("make both the same, remove one, or give one a higher `priority`");
    finding.via = second.via.to_vec();
    sink.report(finding);
}

fn modes(seen: &Seen<'_>, cx: &Cx<'_>) -> String {
    let perms = cx.slice(seen.rule.perms_range.in_file(seen.fact.file));
    match seen.rule.target {
        Some(target) => format!("{perms} -> {}", cx.slice(target.0.in_file(seen.fact.file))),
        None => perms.to_owned(),
    }
}
