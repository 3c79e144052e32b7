//! `ineffective-owner`: `owner` beside a rule that allows the same for the files of every user.

use std::ops::ControlFlow;

use crate::access::{Class, Effective, EntryRef, bits};
use crate::lint::{Check, Cx, Sink};
use crate::policy::{Fact, ProfileView, RuleId};
use crate::syntax::ast::{Mode, Owner};

/// What the registry runs.
pub const CHECK: Check = Check::Profile(check);

/// How many more rules a finding shows.
const MORE_SHOWN: usize = 3;

fn check(profile: &ProfileView<'_>, cx: &Cx<'_>, sink: &mut Sink<'_>) {
    if !profile.own_facts(cx.summaries).any(is_meant) {
        return;
    }
    let effective = cx.effective(profile);
    let mut last: Option<(RuleId, bool)> = None;
    let mut found: Vec<Void<'_, '_>> = Vec::new();
    for entry in effective.own_entries(profile, Class::File) {
        let Some((_, fact)) = entry.origin(profile, cx.summaries) else {
            continue;
        };
        if !is_meant(fact) || cx.is_conditional(fact) || entry.entry.nfa.has_nul() {
            continue;
        }
        let cause = cause(entry, profile, &effective);
        // All that the rule compiles to must be so.
        match &mut last {
            Some((rule, is_void)) if *rule == entry.rule() => {
                if *is_void && cause.is_none() {
                    *is_void = false;
                    found.pop();
                }
            }
            _ => {
                last = Some((entry.rule(), cause.is_some()));
                found.extend(cause.map(|cause| Void { fact, entry, cause }));
            }
        }
    }
    // One rule makes `owner` void in many.
    while let Some(first) = found.first() {
        let cause = first.cause.rule();
        let is_alike = |other: &Void<'_, '_>| other.cause.rule() == cause;
        let (alike, rest) = found.into_iter().partition::<Vec<_>, _>(is_alike);
        report(&alike, profile, cx, sink);
        found = rest;
    }
}

/// A rule whose `owner` restricts nothing.
struct Void<'f, 'e> {
    fact: &'f Fact<'f>,
    /// An entry of it.
    entry: EntryRef<'e>,
    /// What allows the same without `owner`.
    cause: EntryRef<'e>,
}

fn is_meant(fact: &Fact<'_>) -> bool {
    fact.owner == Some(Owner::Owner) && fact.mode == Mode::Allow
}

/// A rule that allows for the files of others what an entry allows for those of the owner; `None` if something of it is
/// allowed for the owner alone.
fn cause<'e>(
    entry: EntryRef<'e>,
    profile: &ProfileView<'_>,
    effective: &'e Effective,
) -> Option<EntryRef<'e>> {
    let mask = (entry.entry.mask & bits::HALF) << bits::OTHER;
    // Who includes a rule cannot narrow it. A rule of another priority or with another exec does not do the same.
    let is_cause = |found: &&EntryRef<'_>| {
        found.rule() != entry.rule()
            && profile.is_own(found.segment)
            && found.entry.mask & mask == mask
            && entry.entry.is_helped_by(found.entry)
    };
    // Of most rules an example shows that they restrict something.
    let example = entry.entry.nfa.example();
    if mask == 0 || effective.decide(Class::File, &example).allow & mask != mask {
        return None;
    }
    let mut cause = None;
    let (mut is_void, mut is_first) = (true, true);
    let domain = Class::File.domain(&entry.entry.nfa);
    let visited = effective.visit(
        Class::File,
        &[&entry.entry.nfa],
        domain,
        |verdict, matching, _| {
            // One rule for everything, or nothing simple could be said of it.
            let here = matching.iter().find(is_cause).copied();
            if is_first {
                cause = here;
                is_first = false;
            }
            let is_same = match (cause, here) {
                (Some(cause), Some(_)) => matching.iter().any(|found| found.rule() == cause.rule()),
                _ => false,
            };
            is_void = is_same && verdict.allow & mask == mask;
            if is_void {
                ControlFlow::Continue(())
            } else {
                ControlFlow::Break(())
            }
        },
    );
    (visited.is_ok() && is_void).then_some(cause)?
}

fn report(alike: &[Void<'_, '_>], profile: &ProfileView<'_>, cx: &Cx<'_>, sink: &mut Sink<'_>) {
    let place = |fact: &Fact<'_>| {
        let owner = fact.rule.qualifiers.owner;
        owner.map_or_else(|| cx.span(fact), |(_, range)| range.in_file(fact.file))
    };
    let Some((first, more)) = alike.split_first() else {
        return;
    };
    let Some((_, other)) = first.cause.origin(profile, cx.summaries) else {
        return;
    };
    let (example, mask) = (first.entry.entry.nfa.example(), first.entry.entry.mask);
    let others = (mask & bits::HALF) << bits::OTHER;
    let mut finding = sink
        .at(
            place(first.fact),
            format!(
                "`owner` restricts nothing here: `{}` allows the same for the files of every user",
                cx.brief(other)
            ),
        )
        .claims(cx.claims_of(profile, Class::File, &example, others))
        .label(cx.span(other), "allows the same without `owner`")
        .note("rules that allow add up, so the one without `owner` decides");
    for void in more.iter().take(MORE_SHOWN) {
        finding = finding.label(place(void.fact), "it restricts nothing here either");
    }
    finding = match more.len() {
        0 => finding.help("remove this rule, or narrow the other one"),
        1 => finding
            .note("the same holds for 1 more rule of this profile")
            .help("remove these rules, or narrow the other one"),
        count => finding
            .note(format!(
                "the same holds for {count} more rules of this profile"
            ))
            .help("remove these rules, or narrow the other one"),
    };
    sink.report(finding);
}
