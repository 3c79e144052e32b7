//! Which rules do all that another one does, and of these the fewest.

use crate::policy::RuleId;
use rustc_hash::FxHashSet;

use super::{Member, OwnRule};
use crate::access::{Class, Effective, Entry, EntryRef};

/// Most rules that are tried whether one of them says the same alone.
const MAX_TRIED: usize = 64;

/// Rules that do all that a rule does; `None` if there are none, or it cannot be told.
pub fn covers<'e>(
    rule: &OwnRule<'e>,
    effective: &'e Effective,
    member: &Member<'e>,
    is_left: &dyn Fn(&EntryRef<'e>) -> bool,
) -> Option<Vec<EntryRef<'e>>> {
    // Most rules are needed, and an example shows it.
    let mut at_example = Vec::with_capacity(rule.entries.len());
    for (class, entry) in &rule.entries {
        let example = entry.entry.nfa.example();
        let is_other = |other: &EntryRef<'e>| other.rule() != entry.rule();
        let helps = |other: &EntryRef<'e>| is_other(other) && entry.entry.is_helped_by(other.entry);
        let mut found = matching(effective, member, *class, &example, &helps);
        found.retain(is_left);
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
    let mut tried: FxHashSet<RuleId> = FxHashSet::default();
    for cover in &covers {
        if !tried.insert(cover.rule()) || tried.len() > MAX_TRIED {
            continue;
        }
        let does_it = |(class, entry): &(Class, EntryRef<'e>)| {
            let entry = entry.entry;
            let of_cover = effective
                .entries(*class)
                .filter(|other| other.rule() == cover.rule() && entry.is_helped_by(other.entry));
            let of_cover: Vec<&Entry> = of_cover.map(|other| other.entry).collect();
            let is_same = |other: &&&Entry| other.nfa == entry.nfa && entry.mask & !other.mask == 0;
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
    let is_same = |found: &&EntryRef<'e>| found.entry.nfa == entry.nfa;
    let mut whole = found.iter().filter(of_whole);
    if entry.nfa.as_literal().is_some() {
        let one = whole.next().map(|one| vec![*one]);
        return Some(one.unwrap_or_else(|| needed(effective, entry, found)));
    }
    if let Some(one) = whole.clone().find(is_same) {
        return Some(vec![*one]);
    }
    let other = entry.nfa.other_example();
    let alone = whole.find(|found| {
        found.entry.nfa.matches(&other) && effective.is_covered(entry, &[found.entry]) == Ok(true)
    });
    if let Some(one) = alone {
        return Some(vec![*one]);
    }
    let all = effective.about(class, entry.mask, &[&entry.nfa]);
    let helps = |other: &EntryRef<'e>| entry.is_helped_by(other.entry) && is_left(other);
    let all: Vec<EntryRef<'e>> = all.into_iter().filter(helps).collect();
    let at_other = all.iter().filter(|found| found.entry.nfa.matches(&other));
    let nfas: Vec<&Entry> = all.iter().map(|found| found.entry).collect();
    let is_covered = all.len() > 1
        && have_all(at_other.copied(), entry)
        && effective.is_covered(entry, &nfas) == Ok(true);
    is_covered.then(|| needed(effective, entry, all))
}

/// Of entries that cover an entry together those that are needed for that.
fn needed<'e>(
    effective: &'e Effective,
    entry: &Entry,
    mut all: Vec<EntryRef<'e>>,
) -> Vec<EntryRef<'e>> {
    all.retain(|found| found.entry.nfa.intersects(&entry.nfa));
    if all.len() > MAX_TRIED {
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

/// The entries that `wanted` is true of and that match a request. A long pattern takes long to match its
/// own example, so `wanted` is asked first.
fn matching<'e>(
    effective: &'e Effective,
    member: &Member<'e>,
    class: Class,
    text: &[u8],
    wanted: &dyn Fn(&EntryRef<'e>) -> bool,
) -> Vec<EntryRef<'e>> {
    if class == Class::File {
        return member.matching(text, wanted);
    }
    let begins = |other: &Entry| {
        let mut prefixes = other.nfa.prefixes().iter();
        prefixes.any(|prefix| text.starts_with(prefix))
    };
    let candidates: Vec<EntryRef<'e>> = effective.entries(class).collect();
    member.look_at(candidates.len());
    let candidates = candidates.into_iter();
    candidates
        .filter(|found| wanted(found) && begins(found.entry) && found.entry.nfa.matches(text))
        .collect()
}
