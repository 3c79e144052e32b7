//! `redundant-rule`: rules without which every request is decided alike.

use std::sync::Arc;

use rayon::prelude::*;
use rustc_hash::FxHashSet;

use crate::access::{Class, Effective, Entry, EntryRef, Member, SharedEntries};
use crate::diagnostic::Applicability;
use crate::lint::{Check, Cx, Sink};
use crate::policy::{Fact, ProfileView};
use crate::source::Span;
use crate::syntax::ast::Mode;

/// What the registry runs.
pub const CHECK: Check = Check::Policy(check);

/// Most rules that a finding marks.
const MOST_LABELS: usize = 2;

type RuleNumber = (usize, u32);

fn check(cx: &Cx<'_>, sink: &mut Sink<'_>) {
    let of_unit = |unit: &crate::policy::Unit<'_>| unit.profiles.len();
    let count: usize = cx.units.iter().map(of_unit).sum();
    let mut all: Vec<(&ProfileView<'_>, Arc<Effective>)> = Vec::with_capacity(count);
    for unit in cx.units {
        all.extend(
            unit.profiles
                .iter()
                .map(|profile| (profile, cx.effective(profile))),
        );
    }
    let shared = SharedEntries::new(all.iter().map(|(_, effective)| &**effective));
    let found: Vec<Redundant> = all
        .par_iter()
        .flat_map_iter(|(profile, effective)| of_profile(profile, effective, &shared, cx))
        .collect();
    for one in found {
        let verb = if one.is_deny { "denied" } else { "granted" };
        let mut finding = sink.at(
            one.place,
            format!(
                "`{}` adds nothing: all of it is {verb} without it",
                one.brief
            ),
        );
        for (number, place) in (0..).zip(one.covers) {
            let text = if number == 0 {
                format!("{verb} here")
            } else {
                "and here".to_owned()
            };
            finding = finding.label(place, text);
        }
        let finding = finding
            .note("without it every request is decided, logged and executed as it is with it")
            .replace(Applicability::Safe, "remove the rule", one.removal, "");
        sink.report(finding);
    }
}

/// A rule that may go.
struct Redundant {
    place: Span,
    brief: String,
    is_deny: bool,
    covers: Vec<Span>,
    removal: Span,
}

/// A rule and all that it compiles to.
struct OwnRule<'e> {
    number: RuleNumber,
    entries: Vec<(Class, EntryRef<'e>)>,
}

fn of_profile(
    profile: &ProfileView<'_>,
    effective: &Effective,
    shared: &SharedEntries,
    cx: &Cx<'_>,
) -> Vec<Redundant> {
    if effective.is_uncertain() {
        return Vec::new();
    }
    let member = shared.member(effective);
    let mut gone: FxHashSet<RuleNumber> = FxHashSet::default();
    let mut found = Vec::new();
    let fact_of = |entry: &EntryRef<'_>| entry.origin(profile, cx.digests).map(|(_, fact)| fact);
    // From the last to the first, each without those that may go already: so all may go at once.
    for rule in own_rules(profile, effective).iter().rev() {
        let is_left = |entry: &EntryRef<'_>| {
            !gone.contains(&entry.rule())
                && fact_of(entry).is_none_or(|fact| !cx.is_conditional(fact))
        };
        let Some(covers) = rule.covers(effective, &member, &is_left) else {
            continue;
        };
        let fact = rule.entries.first().and_then(|(_, entry)| fact_of(entry));
        let Some(fact) = fact.filter(|fact| !cx.is_conditional(fact)) else {
            continue;
        };
        gone.insert(rule.number);
        found.push(redundant(fact, covers.iter().filter_map(fact_of), cx));
    }
    found.reverse();
    found
}

fn redundant<'f>(
    fact: &Fact<'_>,
    covers: impl Iterator<Item = &'f Fact<'f>>,
    cx: &Cx<'_>,
) -> Redundant {
    let mut covers: Vec<Span> = covers.map(|fact| cx.span(fact)).collect();
    covers.sort_unstable();
    covers.dedup();
    covers.truncate(MOST_LABELS);
    Redundant {
        place: cx.span(fact),
        brief: cx.brief(fact),
        is_deny: fact.mode == Mode::Deny,
        covers,
        removal: cx.removal(fact),
    }
}

/// The rules written in the profile, in the order of the text.
fn own_rules<'e>(profile: &'e ProfileView<'_>, effective: &'e Effective) -> Vec<OwnRule<'e>> {
    let mut entries: Vec<(Class, EntryRef<'e>)> = Vec::new();
    for class in Class::ALL {
        entries.extend(
            effective
                .own_entries(profile, class)
                .map(|entry| (class, entry)),
        );
    }
    entries.sort_by_key(|(_, entry)| entry.rule());
    let of_rule = |chunk: &[(Class, EntryRef<'e>)]| {
        chunk.first().map(|(_, entry)| OwnRule {
            number: entry.rule(),
            entries: chunk.to_vec(),
        })
    };
    let chunks = entries.chunk_by(|left, right| left.1.rule() == right.1.rule());
    chunks.filter_map(of_rule).collect()
}

impl<'e> OwnRule<'e> {
    /// Rules that do all that this one does; `None` if there are none, or it cannot be told.
    fn covers(
        &self,
        effective: &'e Effective,
        member: &Member<'e>,
        is_left: &dyn Fn(&EntryRef<'e>) -> bool,
    ) -> Option<Vec<EntryRef<'e>>> {
        let mut covers = Vec::new();
        // Most rules are needed, and an example shows it.
        for (class, entry) in &self.entries {
            let helps = |other: &EntryRef<'e>| {
                other.rule() != self.number
                    && entry.entry.is_helped_by(other.entry)
                    && is_left(other)
            };
            let found = matching(
                effective,
                member,
                *class,
                &entry.entry.program.example(),
                helps,
            );
            let bits = found.iter().fold(0, |bits, found| bits | found.entry.mask);
            if entry.entry.mask & !bits != 0 {
                return None;
            }
            covers.push(found);
        }
        for ((class, entry), found) in self.entries.iter().zip(&covers) {
            let helps = |other: &EntryRef<'e>| {
                other.rule() != self.number
                    && entry.entry.is_helped_by(other.entry)
                    && is_left(other)
            };
            if !is_covered(effective, *class, entry.entry, found, helps) {
                return None;
            }
        }
        Some(covers.concat())
    }
}

/// Whether entries that help do all that an entry does, one of those `found` alone or all together.
fn is_covered<'e>(
    effective: &'e Effective,
    class: Class,
    entry: &Entry,
    found: &[EntryRef<'e>],
    helps: impl Fn(&EntryRef<'e>) -> bool,
) -> bool {
    if entry.program.as_literal().is_some() {
        return true;
    }
    let whole = found
        .iter()
        .filter(|found| entry.mask & !found.entry.mask == 0);
    let whole: Vec<&Entry> = whole.map(|found| found.entry).collect();
    if whole.iter().any(|other| other.program == entry.program)
        || whole
            .iter()
            .any(|other| effective.is_covered(entry, &[other]) == Ok(true))
    {
        return true;
    }
    let all = effective.meeting(class, &[&entry.program]);
    let all: Vec<&Entry> = all
        .iter()
        .filter(|other| helps(other))
        .map(|other| other.entry)
        .collect();
    all.len() > 1 && effective.is_covered(entry, &all) == Ok(true)
}

/// The entries that help and match a request.
fn matching<'e>(
    effective: &'e Effective,
    member: &Member<'e>,
    class: Class,
    text: &[u8],
    helps: impl Fn(&EntryRef<'e>) -> bool,
) -> Vec<EntryRef<'e>> {
    if class == Class::File {
        return member.matching(text, helps);
    }
    let begins = |entry: &Entry| {
        let mut beginnings = entry.program.beginnings().iter();
        beginnings.any(|beginning| text.starts_with(beginning))
    };
    let candidates = effective
        .entries(class)
        .filter(|found| begins(found.entry) && helps(found));
    candidates
        .filter(|found| found.entry.program.matches(text))
        .collect()
}
