//! `redundant-deny`: deny rules for what nothing grants.

use std::collections::BTreeMap;

use crate::access::{Class, Effective, EntryRef, ProfileMode, bits};
use crate::diagnostic::Applicability;
use crate::lang::permissions::MMAP;
use crate::lint::{Check, Cx, Sink};
use crate::policy::{Fact, ProfileView, RuleId};
use crate::source::TextRange;
use crate::syntax::ast::{Body, Mode};

/// What the registry runs.
pub const CHECK: Check = Check::WholeProfile(check);

fn check(profile: &ProfileView<'_>, cx: &Cx<'_>, sink: &mut Sink<'_>) {
    let source = cx.store.sources.get(profile.file);
    let mode = ProfileMode::of(profile, &source.text);
    let is_open = matches!(
        mode,
        ProfileMode::DefaultAllow | ProfileMode::Unconfined | ProfileMode::Prompt
    );
    // Who includes a file does not edit it.
    if is_open || !cx.targets.contains_key(&profile.file) {
        return;
    }
    let effective = cx.effective(profile);
    if effective.is_uncertain() {
        return;
    }
    // Each rule that denies, and whether something of it is granted.
    let mut denies: BTreeMap<RuleId, (EntryRef<'_>, bool)> = BTreeMap::new();
    for class in Class::ALL {
        let own = effective.denies(class);
        for deny in own.filter(|deny| profile.is_own(deny.segment)) {
            let (_, is_granted) = denies.entry(deny.rule()).or_insert((deny, false));
            *is_granted =
                *is_granted || effective.budget.left() == 0 || grants(&effective, class, deny);
        }
    }
    let is_container = cx.container(profile).is_some();
    for (deny, is_granted) in denies.into_values() {
        if let Some((_, fact)) = deny.origin(profile, cx.summaries)
            && !is_granted
            && !fact.is_audit
            && !(is_container && is_asked_for(fact, cx))
        {
            report(fact, mode, cx, sink);
        }
    }
}

/// Whether `missing-sys-admin-denial` asks for a rule in a container's profile.
fn is_asked_for(deny: &Fact<'_>, cx: &Cx<'_>) -> bool {
    let Body::Capability(words) = &deny.rule.body else {
        return false;
    };
    let mut words = words.iter();
    words.any(|word| cx.value(deny.file, *word) == "sys_admin")
}

/// Whether some rule grants something that an entry denies. What takes too long to find out counts as
/// granted.
fn grants(effective: &Effective, class: Class, deny: EntryRef<'_>) -> bool {
    let nfa = &*deny.entry.nfa;
    let grants = |found: &EntryRef<'_>| {
        found.entry.effect != Mode::Deny && granted(class, found) & deny.entry.mask != 0
    };
    // Most deny rules take something away, and an example shows it.
    let at_example = effective.matching(class, &nfa.example());
    if at_example.iter().any(grants) || effective.budget.left() == 0 {
        return true;
    }
    if nfa.as_literal().is_some() {
        return false;
    }
    let candidates = effective.about(class, deny.entry.mask, &[nfa]);
    let cost = candidates.len() as u64;
    let left = effective.budget.left();
    effective.budget.spend(cost);
    let mut granting = candidates.iter().filter(|found| grants(found));
    left < cost || granting.any(|found| nfa.intersects(&found.entry.nfa))
}

/// What an entry grants: `m` comes with an exec that may stay in the profile.
fn granted(class: Class, found: &EntryRef<'_>) -> u32 {
    let entry = found.entry;
    let implies = entry.exec.as_ref().is_some_and(|exec| exec.may_inherit());
    match class {
        Class::File if implies => entry.mask | bits::both(MMAP),
        _ => entry.mask,
    }
}

fn report(deny: &Fact<'_>, mode: ProfileMode, cx: &Cx<'_>, sink: &mut Sink<'_>) {
    let message = match &deny.rule.body {
        Body::File(rule) => {
            let path = cx.slice(rule.path.0.in_file(deny.file));
            format!("no rule allows what this rule denies for `{path}`")
        }
        _ => format!("no rule allows what `{}` denies", cx.brief(deny)),
    };
    let refused = match mode {
        ProfileMode::Complain => {
            "once the profile is enforced, the kernel denies it without this rule"
        }
        _ => "the kernel denies it without this rule",
    };
    let finding = sink
        .at(cx.span(deny), message)
        .note(format!("{refused}; the rule keeps attempts out of the log, and overrides what a later include allows"))
        .help("remove the rule, or write `audit deny` so that the kernel logs attempts");
    sink.report(match deny.rule.qualifiers.mode {
        Some((Mode::Deny, place)) => finding.replace(
            Applicability::Unsafe,
            "write `audit deny`",
            TextRange::at(place.start).in_file(deny.file),
            "audit ",
        ),
        _ => finding,
    });
}
