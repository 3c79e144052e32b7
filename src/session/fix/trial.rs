//! Edits of a round, tried: together first, and in halves where that fails.

use std::collections::BTreeMap;

use rustc_hash::{FxHashMap, FxHashSet};

use super::bench::{Bench, Side, Texts};
use super::candidate::{Candidate, Key, spliced};
use super::components::Components;
use super::proof::Proof;
use super::{WithheldEdit, WithheldReason};
use crate::lint::Rule;
use crate::session::check::Report;
use crate::source::TextRange;

/// How often edits of one round are tried. Each time is a check of all that is checked; a policy of which more than this many
/// tries fail has edits that were never measured.
pub(super) const MAX_TRIES: usize = 200;

/// What came of the edits of a round.
pub(super) struct Trial<'f> {
    found: &'f [Candidate],
    components: Components,
    made: Vec<usize>,
    refused: Vec<(usize, WithheldReason)>,
    /// What is found with those that were made.
    pub(super) report: Report,
}

impl<'f> Trial<'f> {
    /// Tries edits. Those that are proved are accepted by the bench.
    pub(super) fn of(
        found: &'f [Candidate],
        bench: &mut Bench<'_>,
        before: &Report,
        rules: &[Rule],
    ) -> Self {
        let components = Components::of(found, bench);
        let mut trial = Self {
            found,
            components,
            made: Vec::new(),
            refused: Vec::new(),
            report: Report::default(),
        };
        let mut waiting: FxHashMap<usize, Vec<Vec<usize>>> = FxHashMap::default();
        for (at, candidate) in found.iter().enumerate() {
            let component = trial.components.of_candidate(candidate);
            let parts = waiting.entry(component).or_insert_with(|| vec![Vec::new()]);
            if let Some(part) = parts.first_mut() {
                part.push(at);
            }
        }
        // What is tried and what is accepted may differ at the end, and then what is accepted is tried once more.
        let mut is_exact = false;
        for _ in 0..MAX_TRIES {
            let parts: BTreeMap<usize, Vec<usize>> = waiting
                .iter_mut()
                .filter_map(|(component, parts)| Some((*component, parts.pop()?)))
                .collect();
            if parts.is_empty() {
                break;
            }
            let tried: Vec<usize> = parts.values().flatten().chain(&trial.made).copied().collect();
            let failures = trial.attempt(&tried, bench, before, rules);
            is_exact = failures.is_empty();
            for (component, part) in parts {
                let Some(why) = failures.get(&component) else {
                    trial.made.extend(part);
                    continue;
                };
                let (first, second) = part.split_at(part.len() / 2);
                match (first, second) {
                    ([], [one]) => trial.refused.push((*one, why.clone())),
                    _ => {
                        let parts = waiting.entry(component).or_default();
                        parts.extend([second.to_vec(), first.to_vec()]);
                    }
                }
            }
        }
        let untried = waiting.into_values().flatten().flatten();
        let untried = untried.map(|at| (at, WithheldReason::Untried));
        trial.refused.extend(untried);
        trial.finish(is_exact, bench, before, rules);
        trial
    }

    /// Accepts what is proved.
    fn finish(&mut self, is_exact: bool, bench: &mut Bench<'_>, before: &Report, rules: &[Rule]) {
        if !is_exact && !self.made.is_empty() {
            let made = self.made.clone();
            let failures = self.attempt(&made, bench, before, rules);
            let is_proved = |at: &usize| {
                let candidate = self.found.get(*at);
                let component = candidate.map(|one| self.components.of_candidate(one));
                component.and_then(|component| failures.get(&component)).cloned()
            };
            let refused: Vec<_> = made.iter().filter_map(|at| Some((*at, is_proved(at)?))).collect();
            self.made.retain(|at| is_proved(at).is_none());
            self.refused.extend(refused);
            if !failures.is_empty() {
                // Sets of files are apart, so the others stand; what is found must be what is found with them.
                let texts = self.texts(&self.made, bench);
                bench.set(Side::Tried, texts);
                self.report = bench.check(rules);
            }
        }
        let texts = self.texts(&self.made, bench);
        bench.set(Side::Tried, texts.clone());
        bench.set(Side::Accepted, texts);
    }

    /// Tries these edits; gives the sets of files for which that fails, and why.
    fn attempt(
        &mut self,
        tried: &[usize],
        bench: &mut Bench<'_>,
        before: &Report,
        rules: &[Rule],
    ) -> FxHashMap<usize, WithheldReason> {
        let texts = self.texts(tried, bench);
        bench.set(Side::Tried, texts);
        let after = bench.check(rules);
        let tried: Vec<&Candidate> = tried.iter().filter_map(|at| self.found.get(*at)).collect();
        let proof = Proof {
            bench,
            components: &self.components,
            tried: &tried,
            before,
            after: &after,
        };
        let failures = proof.failures();
        self.report = after;
        failures
    }

    /// The texts with these edits.
    fn texts(&self, made: &[usize], bench: &Bench<'_>) -> Texts {
        let mut edits: BTreeMap<&str, Vec<(TextRange, &str)>> = BTreeMap::new();
        for candidate in made.iter().filter_map(|at| self.found.get(*at)) {
            for (path, range, text) in &candidate.key {
                edits.entry(path).or_default().push((*range, text));
            }
        }
        let mut texts = bench.accepted().clone();
        for (path, edits) in edits {
            texts.insert(path.to_owned(), spliced(&bench.text(path), &edits));
        }
        texts
    }

    /// The edits that were made.
    pub(super) fn made(&self) -> impl Iterator<Item = &'f Candidate> + Clone {
        let found = self.found;
        self.made.iter().filter_map(move |at| found.get(*at))
    }

    /// Notes which edits cannot be made, and forgets those of files around which something changed. Gives how many were made.
    pub(super) fn enter(&self, withheld: &mut BTreeMap<Key, WithheldEdit>) -> usize {
        let changed: FxHashSet<usize> = self
            .made()
            .map(|made| self.components.of_candidate(made))
            .collect();
        withheld.retain(|_, edit| {
            let component = self.components.of_path(&edit.place.path);
            component.is_none_or(|component| !changed.contains(&component))
        });
        for (at, why) in &self.refused {
            let Some(candidate) = self.found.get(*at) else {
                continue;
            };
            if changed.contains(&self.components.of_candidate(candidate)) {
                continue;
            }
            withheld.insert(
                candidate.key.clone(),
                WithheldEdit {
                    place: candidate.place.clone(),
                    rule: candidate.rule(),
                    title: candidate.title.clone(),
                    why: why.clone(),
                },
            );
        }
        self.made.len()
    }
}
