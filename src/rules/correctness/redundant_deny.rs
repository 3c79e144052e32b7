//! `redundant-deny`: deny rules for what nothing grants.

use crate::access::{Class, Effective, EntryRef, bits};
use crate::lang::permissions::MMAP;
use crate::lint::{Check, Cx, Sink};
use crate::policy::{Fact, ProfileView};
use crate::syntax::ast::{Body, Mode};

/// What the registry runs.
pub const CHECK: Check = Check::Profile(check);

fn check(profile: &ProfileView<'_>, cx: &Cx<'_>, sink: &mut Sink<'_>) {
    let effective = cx.effective(profile);
    // Each rule that denies, and whether something of it is granted.
    let mut denies: Vec<((usize, u32), EntryRef<'_>, bool)> = Vec::new();
    for class in Class::ALL {
        for deny in effective
            .denies(class)
            .filter(|deny| profile.is_own(deny.segment))
        {
            let rule = deny.rule();
            let known = denies.iter_mut().find(|(known, _, _)| *known == rule);
            match known {
                Some((_, _, is_granted)) => *is_granted |= grants(&effective, class, deny),
                None => denies.push((rule, deny, grants(&effective, class, deny))),
            }
        }
    }
    if denies.is_empty() || effective.is_uncertain() || cx.is_open(profile) {
        return;
    }
    denies.sort_by_key(|(rule, _, _)| *rule);
    for (_, deny, is_granted) in denies {
        if let Some((_, fact)) = deny.origin(profile, cx.digests)
            && !is_granted
            && !fact.is_audit
        {
            report(fact, cx, sink);
        }
    }
}

/// Whether some rule grants something that an entry denies. What takes too long to find out counts as
/// granted.
fn grants(effective: &Effective, class: Class, deny: EntryRef<'_>) -> bool {
    let program = &*deny.entry.program;
    let literal = program.as_literal();
    let is_met = |found: &EntryRef<'_>| match &literal {
        Some(text) => found.entry.program.matches(text),
        None => program.meets(&found.entry.program),
    };
    let candidates = effective.meeting(class, &[program]);
    let mut granting = candidates
        .iter()
        .filter(|found| found.entry.effect != Mode::Deny)
        .filter(|found| granted(class, found) & deny.entry.mask != 0);
    granting.any(is_met)
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

fn report(deny: &Fact<'_>, cx: &Cx<'_>, sink: &mut Sink<'_>) {
    let message = match &deny.rule.body {
        Body::File(rule) => {
            let path = cx.slice(rule.path.0.in_file(deny.file));
            format!("nothing grants what this rule denies for `{path}`")
        }
        _ => format!("nothing grants what `{}` denies", cx.brief(deny)),
    };
    let finding = sink
        .at(cx.span(deny), message)
        .note("it is refused anyway; the rule keeps attempts out of the log, and will override abstractions that are included later")
        .help("remove the rule, or write `audit deny` so that attempts are logged");
    sink.report(finding);
}
