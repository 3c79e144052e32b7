//! Ends rounds whose edits undo each other.

use std::collections::{BTreeMap, BTreeSet, HashSet};

use super::bench::Texts;

/// How many rounds of edits there are.
pub(super) const MAX_ROUNDS: usize = 100;

/// How many times as long as after the first round the texts may become. An edit that was measured at most doubles a line.
const MAX_GROWTH: usize = 8;

/// Where texts have been.
#[derive(Default)]
pub(super) struct Guard {
    seen: HashSet<Texts>,
    first: usize,
    rounds: Vec<BTreeMap<&'static str, usize>>,
}

impl Guard {
    /// Takes up the texts after a round and the rules whose edits were made in it. Says whether the edits lead nowhere.
    pub(super) fn is_futile(
        &mut self,
        texts: &Texts,
        rules: impl Iterator<Item = &'static str>,
    ) -> bool {
        let mut counts = BTreeMap::new();
        for rule in rules {
            *counts.entry(rule).or_default() += 1;
        }
        self.rounds.push(counts);
        let length: usize = texts.values().map(String::len).sum();
        if self.rounds.len() == 1 {
            self.first = length;
        }
        let is_new = self.seen.insert(texts.clone());
        !is_new || length > (self.first + 4096) * MAX_GROWTH
    }

    /// Whether there were as many rounds as there may be.
    pub(super) const fn is_at_end(&self) -> bool {
        self.rounds.len() >= MAX_ROUNDS
    }

    /// The rules whose edits were made in the last rounds.
    pub(super) fn fighting(&self) -> Vec<&'static str> {
        let last = self.rounds.iter().rev().take(8);
        let names: BTreeSet<&'static str> = last.flat_map(BTreeMap::keys).copied().collect();
        names.into_iter().collect()
    }
}
