//! `mergeable-rules`: rules for one path that differ in their permissions alone.

use rustc_hash::FxHashMap;

use crate::diagnostic::{Applicability, Edit};
use crate::lang::permissions::FilePerms;
use crate::lint::{Check, Cx, Sink};
use crate::policy::{Fact, ProfileView};
use crate::syntax::ast::{Body, FileRule, Mode, Owner};

/// What the registry runs.
pub const CHECK: Check = Check::Profile(check);

/// Most further rules that a finding marks.
const MAX_LABELS: usize = 3;

/// What rules must share: the path, and all qualifiers.
type Key<'k> = (&'k str, Mode, Option<Owner>, bool, i32);

fn check(profile: &ProfileView<'_>, cx: &Cx<'_>, sink: &mut Sink<'_>) {
    // Who includes a file does not edit it.
    if !cx.targets.contains_key(&profile.file) {
        return;
    }
    let mut first: FxHashMap<Key<'_>, usize> = FxHashMap::default();
    let mut groups: Vec<Vec<(&Fact<'_>, &FileRule)>> = Vec::new();
    for fact in profile.own_facts(cx.summaries) {
        let Body::File(rule) = &fact.rule.body else {
            continue;
        };
        if rule.target.is_some() || rule.safety.is_some() || rule.subset.is_some() {
            continue;
        }
        let path = cx.slice(rule.path.0.in_file(fact.file));
        let key = (path, fact.mode, fact.owner, fact.is_audit, fact.priority);
        let number = *first.entry(key).or_insert_with(|| {
            groups.push(Vec::new());
            groups.len() - 1
        });
        if let Some(group) = groups.get_mut(number) {
            group.push((fact, rule));
        }
    }
    for group in groups.iter().filter(|group| group.len() > 1) {
        if let Some(perms) = merged(group)
            && !group.iter().any(|(fact, _)| cx.is_conditional(fact))
        {
            report(group, perms, cx, sink);
        }
    }
}

/// The permissions of all; `None` if some contradict each other, or one rule has them all already.
fn merged(group: &[(&Fact<'_>, &FileRule)]) -> Option<FilePerms> {
    let mut all = FilePerms::default();
    for (_, rule) in group {
        if let Some(mode) = rule.perms.exec_mode
            && *all.exec_mode.get_or_insert(mode) != mode
        {
            return None;
        }
        all.bits |= rule.perms.bits;
    }
    let is_needed = |(_, rule): &(&Fact<'_>, &FileRule)| rule.perms.bits != all.bits;
    group.iter().all(is_needed).then_some(all)
}

fn report(group: &[(&Fact<'_>, &FileRule)], perms: FilePerms, cx: &Cx<'_>, sink: &mut Sink<'_>) {
    let Some(((first, rule), rest)) = group.split_first() else {
        return;
    };
    let Some((second, _)) = rest.first() else {
        return;
    };
    let path = cx.slice(rule.path.0.in_file(first.file));
    let mut edits = vec![Edit {
        span: rule.perms_range.in_file(first.file),
        text: perms.in_usual_order(),
    }];
    edits.extend(rest.iter().map(|(fact, _)| Edit {
        span: cx.removal(fact),
        text: String::new(),
    }));
    let mut finding = sink
        .at(
            cx.span(second),
            format!("{} rules give permissions for `{path}`", group.len()),
        )
        .label(cx.span(first), "the first rule")
        .note("a reader who finds one of the rules may take it for all that is allowed");
    for (fact, _) in rest.iter().skip(1).take(MAX_LABELS) {
        finding = finding.label(cx.span(fact), "another rule");
    }
    let letters = perms.in_usual_order();
    let title = format!("write `{letters}` in the first rule and remove the others");
    sink.report(finding.fix(Applicability::Safe, title, edits));
}
