//! `redundant-rule`: rules without which every request is decided alike.

use std::sync::Arc;

use rayon::prelude::*;
use rustc_hash::{FxHashMap, FxHashSet};

use crate::access::{Class, Effective, Entry, EntryRef, Meaning, Member, OwnRule, SharedEntries};
use crate::diagnostic::{Applicability, Diagnostic};
use crate::lint::{Check, Cx, Sink};
use crate::policy::{Fact, ProfileView};
use crate::source::Span;
use crate::syntax::ast::Mode;

/// What the registry runs.
pub const CHECK: Check = Check::Policy(check);

/// Most rules that a finding marks.
const MOST_LABELS: usize = 2;

/// Most rules that are tried whether one of them says the same alone.
const MOST_TRIED: usize = 64;

/// Most entries that are looked at in one profile; a second or two.
const MOST_LOOKS: usize = 20_000_000;

type RuleNumber = (usize, u32);

fn check(cx: &Cx<'_>, sink: &mut Sink<'_>) {
    let profiles: Vec<&ProfileView<'_>> = cx.units.iter().flat_map(|unit| &unit.profiles).collect();
    let all: Vec<(&ProfileView<'_>, Arc<Effective>)> = profiles
        .par_iter()
        .map(|profile| (*profile, cx.effective(profile)))
        .collect();
    let shared = SharedEntries::new(all.iter().map(|(_, effective)| &**effective));
    let found: Vec<Redundant> = all
        .par_iter()
        .flat_map_iter(|(profile, effective)| of_profile(profile, effective, &shared, cx))
        .collect();
    for one in found {
        sink.report(one.finding(sink));
    }
}

/// A rule that may go.
struct Redundant {
    place: Span,
    brief: String,
    is_deny: bool,
    /// The rules that say the same.
    covers: Vec<Span>,
    removal: Span,
}

impl Redundant {
    fn of<'f>(fact: &Fact<'_>, covers: impl Iterator<Item = &'f Fact<'f>>, cx: &Cx<'_>) -> Self {
        let mut covers: Vec<Span> = covers.map(|fact| cx.span(fact)).collect();
        covers.sort_unstable();
        covers.dedup();
        Self {
            place: cx.span(fact),
            brief: cx.brief(fact),
            is_deny: fact.mode == Mode::Deny,
            covers,
            removal: cx.removal(fact),
        }
    }

    fn finding(self, sink: &Sink<'_>) -> Diagnostic {
        let verb = if self.is_deny { "denied" } else { "granted" };
        let brief = self.brief;
        let message = format!("`{brief}` adds nothing: all of it is {verb} without it");
        let mut finding = sink.at(self.place, message);
        let more = self.covers.len().saturating_sub(MOST_LABELS);
        for (number, place) in (0..).zip(self.covers.into_iter().take(MOST_LABELS)) {
            let text = match (number, more) {
                (0, 0) => format!("{verb} here"),
                (0, 1) => format!("{verb} here, and by one more rule"),
                (0, more) => format!("{verb} here, and by {more} more rules"),
                _ => "and here".to_owned(),
            };
            finding = finding.label(place, text);
        }
        finding
            .note("without it every request is decided, logged and executed as it is with it")
            .replace(Applicability::Safe, "remove the rule", self.removal, "")
    }
}

fn of_profile(
    profile: &ProfileView<'_>,
    effective: &Effective,
    shared: &SharedEntries,
    cx: &Cx<'_>,
) -> Vec<Redundant> {
    // Without the file that would have to be edited there is nothing to say.
    if effective.is_uncertain() || !cx.targets.contains_key(&profile.file) {
        return Vec::new();
    }
    let member = shared.member(effective);
    let mut gone: FxHashSet<RuleNumber> = FxHashSet::default();
    let mut found = Vec::new();
    let fact_of = |entry: &EntryRef<'_>| entry.origin(profile, cx.digests).map(|(_, fact)| fact);
    let rules = effective.own_rules(profile);
    #[expect(
        clippy::mutable_key_type,
        reason = "what a program remembers of itself takes no part in comparing it"
    )]
    let mut firsts: FxHashMap<Vec<Meaning<'_>>, &OwnRule<'_>> = FxHashMap::default();
    for rule in &rules {
        let fact = rule.fact(profile, cx.digests);
        if fact.is_some_and(|fact| !cx.is_conditional(fact)) {
            firsts.entry(rule.meaning()).or_insert(rule);
        }
    }
    // From the last to the first, each without those that may go already: so all may go at once.
    for rule in rules.iter().rev() {
        if member.looked() > MOST_LOOKS {
            break;
        }
        let is_left = |other: &EntryRef<'_>| {
            other.rule() != rule.number
                && !gone.contains(&other.rule())
                && fact_of(other).is_none_or(|fact| !cx.is_conditional(fact))
        };
        let same = firsts.get(&rule.meaning());
        let same = same.filter(|first| first.number != rule.number);
        let covers = match same {
            Some(first) => Some(first.entries.iter().map(|(_, entry)| *entry).collect()),
            None => covers(rule, effective, &member, &is_left),
        };
        let Some(covers) = covers else {
            continue;
        };
        let fact = rule.fact(profile, cx.digests);
        let Some(fact) = fact.filter(|fact| !cx.is_conditional(fact)) else {
            continue;
        };
        gone.insert(rule.number);
        found.push(Redundant::of(fact, covers.iter().filter_map(fact_of), cx));
    }
    found.reverse();
    found
}

/// Rules that do all that a rule does; `None` if there are none, or it cannot be told.
fn covers<'e>(
    rule: &OwnRule<'e>,
    effective: &'e Effective,
    member: &Member<'e>,
    is_left: &dyn Fn(&EntryRef<'e>) -> bool,
) -> Option<Vec<EntryRef<'e>>> {
    // Most rules are needed, and an example shows it.
    let mut at_example = Vec::with_capacity(rule.entries.len());
    for (class, entry) in &rule.entries {
        let example = entry.entry.program.example();
        let found = helping(effective, member, *class, &example, entry.entry, is_left);
        if !have_all(found.iter().copied(), entry.entry) {
            return None;
        }
        at_example.push(found);
    }
    let mut covers = Vec::new();
    for ((class, entry), found) in rule.entries.iter().zip(at_example) {
        covers.extend(covering(effective, *class, entry.entry, found, is_left)?);
    }
    Some(fewest(rule, covers, effective))
}

/// Of the rules that cover a rule together one that does it alone, if there is one.
fn fewest<'e>(
    rule: &OwnRule<'e>,
    covers: Vec<EntryRef<'e>>,
    effective: &'e Effective,
) -> Vec<EntryRef<'e>> {
    let mut tried: FxHashSet<RuleNumber> = FxHashSet::default();
    for cover in &covers {
        if !tried.insert(cover.rule()) || tried.len() > MOST_TRIED {
            continue;
        }
        let does_it = |(class, entry): &(Class, EntryRef<'e>)| {
            let entry = entry.entry;
            let of_cover = effective
                .entries(*class)
                .filter(|other| other.rule() == cover.rule() && entry.is_helped_by(other.entry));
            let of_cover: Vec<&Entry> = of_cover.map(|other| other.entry).collect();
            let is_same =
                |other: &&&Entry| other.program == entry.program && entry.mask & !other.mask == 0;
            of_cover.iter().any(|other| is_same(&other))
                || !of_cover.is_empty() && effective.is_covered(entry, &of_cover) == Ok(true)
        };
        if rule.entries.iter().all(does_it) {
            return vec![*cover];
        }
    }
    covers
}

/// Whether these have all the bits of an entry.
fn have_all<'e>(found: impl Iterator<Item = EntryRef<'e>>, entry: &Entry) -> bool {
    let bits = found.fold(0, |bits, found| bits | found.entry.mask);
    entry.mask & !bits == 0
}

/// Of the entries that help at an example those that do all that an entry does wherever it matches: one
/// alone, or all together.
fn covering<'e>(
    effective: &'e Effective,
    class: Class,
    entry: &Entry,
    found: Vec<EntryRef<'e>>,
    is_left: &dyn Fn(&EntryRef<'e>) -> bool,
) -> Option<Vec<EntryRef<'e>>> {
    let of_whole = |found: &&EntryRef<'e>| entry.mask & !found.entry.mask == 0;
    let is_same = |found: &&EntryRef<'e>| found.entry.program == entry.program;
    let mut whole = found.iter().filter(of_whole);
    if entry.program.as_literal().is_some() {
        let one = whole.next().map(|one| vec![*one]);
        return Some(one.unwrap_or_else(|| needed(effective, entry, found)));
    }
    if let Some(one) = whole.clone().find(is_same) {
        return Some(vec![*one]);
    }
    let other = entry.program.other_example();
    let alone = whole.find(|found| {
        found.entry.program.matches(&other)
            && effective.is_covered(entry, &[found.entry]) == Ok(true)
    });
    if let Some(one) = alone {
        return Some(vec![*one]);
    }
    let all = effective.about(class, entry.mask, &[&entry.program]);
    let helps = |other: &EntryRef<'e>| entry.is_helped_by(other.entry) && is_left(other);
    let all: Vec<EntryRef<'e>> = all.into_iter().filter(helps).collect();
    let at_other = all
        .iter()
        .filter(|found| found.entry.program.matches(&other));
    let programs: Vec<&Entry> = all.iter().map(|found| found.entry).collect();
    let is_covered = all.len() > 1
        && have_all(at_other.copied(), entry)
        && effective.is_covered(entry, &programs) == Ok(true);
    is_covered.then(|| needed(effective, entry, all))
}

/// Of entries that cover an entry together those that are needed for that.
fn needed<'e>(
    effective: &'e Effective,
    entry: &Entry,
    mut all: Vec<EntryRef<'e>>,
) -> Vec<EntryRef<'e>> {
    all.retain(|found| found.entry.program.meets(&entry.program));
    if all.len() > MOST_TRIED {
        return all;
    }
    let mut at = 0;
    while at < all.len() {
        let others: Vec<&Entry> = (0..)
            .zip(&all)
            .filter(|(number, _)| *number != at)
            .map(|(_, found)| found.entry)
            .collect();
        if effective.is_covered(entry, &others) == Ok(true) {
            all.remove(at);
        } else {
            at += 1;
        }
    }
    all
}

/// The entries that match a request and help there to do what an entry does.
fn helping<'e>(
    effective: &'e Effective,
    member: &Member<'e>,
    class: Class,
    text: &[u8],
    entry: &Entry,
    is_left: &dyn Fn(&EntryRef<'e>) -> bool,
) -> Vec<EntryRef<'e>> {
    let mut found = if class == Class::File {
        member.matching(text, |other| entry.is_helped_by(other))
    } else {
        let begins = |other: &Entry| {
            let mut beginnings = other.program.beginnings().iter();
            beginnings.any(|beginning| text.starts_with(beginning))
        };
        let candidates: Vec<EntryRef<'e>> = effective.entries(class).collect();
        member.look_at(candidates.len());
        let candidates = candidates.into_iter();
        let helping = candidates.filter(|found| entry.is_helped_by(found.entry));
        let helping = helping.filter(|found| begins(found.entry));
        helping
            .filter(|found| found.entry.program.matches(text))
            .collect()
    };
    found.retain(is_left);
    found
}
