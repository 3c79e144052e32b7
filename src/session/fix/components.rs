//! Files that must be judged together: those that one profile is made of.

use rustc_hash::FxHashMap;

use super::bench::EditBench;
use super::candidate::EditCandidate;
use crate::session::reach::IncludeReach;
use crate::source::Snapshot;

/// Sets of files, each with the files that profiles made of them are in. What is edited in one changes nothing in another.
#[derive(Debug, Default)]
pub(super) struct Components {
    of_path: FxHashMap<String, usize>,
}

impl Components {
    /// Those of the files that `found` are about.
    pub(super) fn of(found: &[EditCandidate], bench: &EditBench<'_>) -> Self {
        let mut sets = Sets::default();
        for candidate in found {
            let first = candidate.place.path.as_str();
            for path in candidate.paths() {
                sets.join(first, path);
            }
        }
        let edited: Vec<String> = sets.numbers.keys().cloned().collect();
        for pair in bench.pairs() {
            let store = pair.accepted.store();
            let reach = IncludeReach::of(store);
            for path in &edited {
                let reached = reach.including(path);
                let units = pair.accepted.units().iter();
                for unit in units.filter(|unit| reached.contains(&unit.file)) {
                    sets.join(path, &store.sources.get(unit.file).path);
                }
            }
        }
        Self {
            of_path: sets.roots(),
        }
    }

    /// The number of the set that a file is in.
    pub(super) fn of_path(&self, path: &str) -> Option<usize> {
        self.of_path.get(&*Snapshot::key(path)).copied()
    }

    /// The number of the set that an edit is about.
    pub(super) fn of_candidate(&self, candidate: &EditCandidate) -> usize {
        self.of_path(&candidate.place.path).unwrap_or_default()
    }
}

/// Disjoint sets of paths.
#[derive(Default)]
struct Sets {
    numbers: FxHashMap<String, usize>,
    parents: Vec<usize>,
}

impl Sets {
    fn number(&mut self, path: &str) -> usize {
        let key = Snapshot::key(path);
        if let Some(number) = self.numbers.get(&*key) {
            return *number;
        }
        let number = self.parents.len();
        self.parents.push(number);
        self.numbers.insert(key.into_owned(), number);
        number
    }

    fn root(&mut self, mut at: usize) -> usize {
        while let Some(parent) = self.parents.get(at).copied().filter(|parent| *parent != at) {
            let above = self.parents.get(parent).copied().unwrap_or(parent);
            if let Some(slot) = self.parents.get_mut(at) {
                *slot = above;
            }
            at = parent;
        }
        at
    }

    fn join(&mut self, one: &str, other: &str) {
        let (one, other) = (self.number(one), self.number(other));
        let (one, other) = (self.root(one), self.root(other));
        if let Some(slot) = self.parents.get_mut(one) {
            *slot = other;
        }
    }

    fn roots(mut self) -> FxHashMap<String, usize> {
        let numbers = std::mem::take(&mut self.numbers);
        let roots = numbers.into_iter().map(|(path, number)| {
            let root = self.root(number);
            (path, root)
        });
        roots.collect()
    }
}
