//! The entries that many profiles share, found by the paths that they match.
//!
//! A profile with its includes has dozens of parts. Asking each of them about one path takes longer
//! than asking once for all profiles which parts of which file match it.

use std::cell::Cell;
use std::sync::Arc;

use rustc_hash::{FxHashMap, FxHashSet};

use crate::access::{Class, Effective, Entry, EntryRef, Part, Rules};
use crate::glob::PrefixIndex;

/// The entries for files of all parts that more than one profile has.
#[derive(Debug, Default)]
pub struct SharedEntries {
    parts: Vec<Arc<Rules>>,
    /// Numbers of the parts, by their places, which are compared and never followed.
    numbers: FxHashMap<usize, u32>,
    /// Part and number there, by number in the index.
    entries: Vec<(u32, u32)>,
    by_prefix: PrefixIndex,
}

fn place(rules: &Arc<Rules>) -> usize {
    Arc::as_ptr(rules) as usize
}

/// A profile seen against what is shared.
#[derive(Debug)]
pub struct Member<'e> {
    shared: &'e SharedEntries,
    /// The segments that it has the shared parts in, by their numbers.
    segments: Vec<Option<usize>>,
    others: Vec<&'e Part>,
    /// How many entries were looked at.
    looked: Cell<usize>,
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
        let files = shared.parts.iter().map(|rules| rules.entries(Class::File));
        let prefixes = files.flatten().map(|entry| entry.nfa.prefixes());
        shared.by_prefix = PrefixIndex::new((0..).zip(prefixes));
        shared
    }

    fn add(&mut self, place: usize, rules: &Arc<Rules>) {
        let number = u32::try_from(self.parts.len()).unwrap_or(u32::MAX);
        self.numbers.insert(place, number);
        self.parts.push(Arc::clone(rules));
        let count = u32::try_from(rules.entries(Class::File).len()).unwrap_or(u32::MAX);
        self.entries.extend((0..count).map(|at| (number, at)));
    }

    /// One of the profiles.
    #[must_use]
    pub fn member<'e>(&'e self, effective: &'e Effective) -> Member<'e> {
        let mut member = Member {
            shared: self,
            segments: vec![None; self.parts.len()],
            others: Vec::new(),
            looked: Cell::new(0),
        };
        for part in &effective.parts {
            match self.numbers.get(&place(&part.rules)) {
                Some(number) => {
                    if let Some(slot) = member.segments.get_mut(*number as usize) {
                        slot.get_or_insert(part.segment);
                    }
                }
                None => member.others.push(part),
            }
        }
        member
    }
}

impl<'e> Member<'e> {
    /// The entries for files that `wanted` is true of and that match `path`, in the order of the rules.
    #[must_use]
    pub fn matching(
        &self,
        path: &[u8],
        wanted: impl Fn(&EntryRef<'e>) -> bool,
    ) -> Vec<EntryRef<'e>> {
        let mut found: Vec<EntryRef<'e>> = Vec::new();
        let mut enter = |entry: &'e Entry, segment| {
            let candidate = EntryRef { entry, segment };
            if wanted(&candidate) && entry.nfa.matches(path) {
                found.push(candidate);
            }
        };
        let mut numbers = Vec::new();
        self.shared.by_prefix.matching(path, &mut numbers);
        self.look_at(numbers.len());
        numbers.retain(|number| self.segment(*number).is_some());
        for number in distinct(&mut numbers) {
            let Some((part, at)) = self.shared.entries.get(*number as usize) else {
                continue;
            };
            let rules = self.shared.parts.get(*part as usize);
            let entry = rules.and_then(|rules| rules.entries(Class::File).get(*at as usize));
            if let (Some(segment), Some(entry)) = (self.segment(*number), entry) {
                enter(entry, segment);
            }
        }
        for part in &self.others {
            let entries = part.rules.entries(Class::File);
            let mut numbers = part.rules.files_matching(path);
            self.look_at(numbers.len());
            let all = distinct(&mut numbers).iter();
            for entry in all.filter_map(|at| entries.get(*at as usize)) {
                enter(entry, part.segment);
            }
        }
        found.sort_by_key(EntryRef::rule);
        found
    }

    /// Counts entries that are looked at.
    pub fn look_at(&self, entries: usize) {
        self.looked.set(self.looked.get() + entries);
    }

    /// How many entries were looked at so far.
    #[must_use]
    pub const fn looked(&self) -> usize {
        self.looked.get()
    }

    /// The segment of a shared entry, if the profile has its part.
    fn segment(&self, entry: u32) -> Option<usize> {
        let (part, _) = self.shared.entries.get(entry as usize)?;
        self.segments.get(*part as usize).copied().flatten()
    }
}

/// Each once, in order.
fn distinct(numbers: &mut Vec<u32>) -> &[u32] {
    numbers.sort_unstable();
    numbers.dedup();
    numbers
}
