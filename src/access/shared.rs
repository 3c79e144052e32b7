//! The entries that many profiles share, found by the paths that they match.
//!
//! A profile with its includes has dozens of parts. Asking each of them about one path takes longer
//! than asking once for all profiles which parts of which file match it.

use std::sync::Arc;

use rustc_hash::{FxHashMap, FxHashSet};

use super::{Class, Effective, Entry, EntryRef, Part, Rules};
use crate::glob::PrefixTree;

/// The entries for files of all parts that more than one profile has.
#[derive(Debug, Default)]
pub struct SharedEntries {
    parts: Vec<Arc<Rules>>,
    /// Numbers of the parts, by their places, which are compared and never followed.
    numbers: FxHashMap<usize, u32>,
    /// Part and number there, by number in the tree.
    entries: Vec<(u32, u32)>,
    tree: PrefixTree,
}

fn place(rules: &Arc<Rules>) -> usize {
    Arc::as_ptr(rules) as usize
}

/// A profile seen against what is shared.
#[derive(Debug)]
pub struct Member<'e> {
    shared: &'e SharedEntries,
    /// Its shared parts, with the segments that they are in.
    segments: FxHashMap<u32, usize>,
    others: Vec<&'e Part>,
}

impl SharedEntries {
    /// What these profiles share.
    pub fn new<'a>(all: impl IntoIterator<Item = &'a Effective>) -> Self {
        let mut shared = Self::default();
        let mut once: FxHashSet<usize> = FxHashSet::default();
        for part in all.into_iter().flat_map(|effective| &effective.parts) {
            let place = place(&part.rules);
            if !once.insert(place) && !shared.numbers.contains_key(&place) {
                shared.add(place, &part.rules);
            }
        }
        shared
    }

    fn add(&mut self, place: usize, rules: &Arc<Rules>) {
        let number = u32::try_from(self.parts.len()).unwrap_or(u32::MAX);
        self.numbers.insert(place, number);
        self.parts.push(Arc::clone(rules));
        for (at, entry) in (0..).zip(rules.entries(Class::File)) {
            let value = u32::try_from(self.entries.len()).unwrap_or(u32::MAX);
            self.entries.push((number, at));
            self.tree.insert(entry.program.beginnings(), value);
        }
    }

    /// One of the profiles.
    #[must_use]
    pub fn member<'e>(&'e self, effective: &'e Effective) -> Member<'e> {
        let mut member = Member {
            shared: self,
            segments: FxHashMap::default(),
            others: Vec::new(),
        };
        for part in &effective.parts {
            match self.numbers.get(&place(&part.rules)) {
                Some(number) => {
                    member.segments.entry(*number).or_insert(part.segment);
                }
                None => member.others.push(part),
            }
        }
        member
    }
}

impl<'e> Member<'e> {
    /// The entries for files that `wanted` is true of and that match `path`.
    #[must_use]
    pub fn matching(
        &self,
        path: &[u8],
        wanted: impl Fn(&EntryRef<'e>) -> bool,
    ) -> Vec<EntryRef<'e>> {
        let mut numbers = Vec::new();
        self.shared.tree.matching(path, &mut numbers);
        numbers.sort_unstable();
        numbers.dedup();
        let mut found: Vec<EntryRef<'e>> = Vec::new();
        for number in numbers {
            let Some((part, at)) = self.shared.entries.get(number as usize) else {
                continue;
            };
            let rules = self.shared.parts.get(*part as usize);
            let entry = rules.and_then(|rules| rules.entries(Class::File).get(*at as usize));
            if let (Some(segment), Some(entry)) = (self.segments.get(part), entry) {
                found.push(EntryRef {
                    entry,
                    segment: *segment,
                });
            }
        }
        for part in &self.others {
            let entries = part.rules.entries(Class::File);
            let mut numbers = part.rules.files_matching(path);
            numbers.sort_unstable();
            numbers.dedup();
            let of_part = |entry: &'e Entry| EntryRef {
                entry,
                segment: part.segment,
            };
            let all = numbers.iter().filter_map(|at| entries.get(*at as usize));
            found.extend(all.map(of_part));
        }
        found.retain(|entry| wanted(entry) && entry.entry.program.matches(path));
        found
    }
}
