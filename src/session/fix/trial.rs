//! Edits of a round, tried: together first, and in halves where that fails.

use std::collections::BTreeMap;

use rustc_hash::FxHashSet;

use super::bench::{EditBench, EditState, Texts};
use super::candidate::{EditCandidate, EditKey, spliced};
use super::components::Components;
use super::model::{WithheldEdit, WithheldReason};
use super::proof::{EditProof, Failures};
use crate::lint::Rule;
use crate::session::check::Report;
use crate::source::TextRange;

/// How often edits of one round are tried. Each time is a check of all that is checked; a policy of which more than this many
/// tries fail has edits that were never measured.
pub(super) const MAX_TRIES: usize = 200;

/// Edits that are tried together, by set of files.
type Batch = Vec<(usize, Vec<usize>)>;

/// What came of the edits of a round.
pub(super) struct EditTrial<'f> {
    found: &'f [EditCandidate],
    components: Components,
    made: Vec<usize>,
    refused: Vec<(usize, WithheldReason)>,
    /// What is found with those that were made.
    pub(super) report: Report,
}

impl<'f> EditTrial<'f> {
    /// Tries edits. Those that are proved are accepted by the bench.
    pub(super) fn of(
        found: &'f [EditCandidate],
        bench: &mut EditBench<'_>,
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
        let mut parts: BTreeMap<usize, Vec<usize>> = BTreeMap::new();
        for (at, candidate) in found.iter().enumerate() {
            let set = trial.components.of_candidate(candidate);
            parts.entry(set).or_default().push(at);
        }
        let mut waiting: Vec<Batch> = vec![parts.into_iter().collect()];
        // What is tried and what is accepted may differ at the end, and then what is accepted is tried once more.
        let mut is_exact = false;
        for _ in 0..MAX_TRIES {
            let Some(batch) = waiting.pop() else {
                break;
            };
            let parts = batch.iter().flat_map(|(_, part)| part);
            let tried: Vec<usize> = parts.chain(&trial.made).copied().collect();
            let sets = batch.iter().map(|(set, _)| *set).collect();
            let failures = trial.attempt(&tried, &sets, (bench, before, rules));
            is_exact = failures.of_set.is_empty() && failures.of_all.is_none();
            trial.settle(batch, &failures, &mut waiting);
        }
        let untried = waiting.into_iter().flatten().flat_map(|(_, part)| part);
        let untried = untried.map(|at| (at, WithheldReason::Untried));
        trial.refused.extend(untried);
        trial.finish(is_exact, bench, before, rules);
        trial
    }

    /// Takes up what came of a batch. What failed waits in halves: those of all sets of files side by side, or where nothing tells which
    /// set it was, half of the sets.
    fn settle(&mut self, batch: Batch, failures: &Failures, waiting: &mut Vec<Batch>) {
        if failures.of_all.is_some() && batch.len() > 1 {
            let (first, second) = batch.split_at(batch.len() / 2);
            waiting.extend([second.to_vec(), first.to_vec()]);
            return;
        }
        let mut halves: [Batch; 2] = [Vec::new(), Vec::new()];
        for (set, part) in batch {
            let why = failures.of_set.get(&set).or(failures.of_all.as_ref());
            let Some(why) = why else {
                self.made.extend(part);
                continue;
            };
            if let [one] = part.as_slice() {
                self.refused.push((*one, why.clone()));
                continue;
            }
            let (first, second) = part.split_at(part.len() / 2);
            for (half, part) in halves.iter_mut().zip([second, first]) {
                half.push((set, part.to_vec()));
            }
        }
        waiting.extend(halves.into_iter().filter(|half| !half.is_empty()));
    }

    /// Accepts what is proved.
    fn finish(
        &mut self,
        is_exact: bool,
        bench: &mut EditBench<'_>,
        before: &Report,
        rules: &[Rule],
    ) {
        if !is_exact {
            let made = self.made.clone();
            // What the profiles compile to was compared when each set of files had these texts.
            let none = FxHashSet::default();
            let failures = self.attempt(&made, &none, (bench, before, rules));
            let mut stays = Vec::new();
            for at in made {
                let candidate = self.found.get(at);
                let set = candidate.map(|one| self.components.of_candidate(one));
                let why = set.and_then(|set| failures.of_set.get(&set));
                match why.or(failures.of_all.as_ref()) {
                    Some(why) => self.refused.push((at, why.clone())),
                    None => stays.push(at),
                }
            }
            if stays.len() < self.made.len() {
                self.made = stays;
                // Sets of files are apart, so the others stand.
                let texts = self.texts(&self.made, bench);
                bench.set(EditState::Tried, texts);
                self.report = bench.check(rules);
            }
        }
        let texts = self.texts(&self.made, bench);
        bench.set(EditState::Accepted, texts);
    }

    /// Tries these edits, and says where that fails. What profiles compile to is compared in `sets`.
    fn attempt(
        &mut self,
        tried: &[usize],
        sets: &FxHashSet<usize>,
        (bench, before, rules): (&mut EditBench<'_>, &Report, &[Rule]),
    ) -> Failures {
        let texts = self.texts(tried, bench);
        bench.set(EditState::Tried, texts);
        let after = bench.check(rules);
        let tried: Vec<&EditCandidate> =
            tried.iter().filter_map(|at| self.found.get(*at)).collect();
        let proof = EditProof {
            bench,
            components: &self.components,
            tried: &tried,
            sets,
            before,
            after: &after,
        };
        let failures = proof.failures();
        self.report = after;
        failures
    }

    /// The texts with these edits.
    fn texts(&self, made: &[usize], bench: &EditBench<'_>) -> Texts {
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
    pub(super) fn made(&self) -> impl Iterator<Item = &'f EditCandidate> + Clone {
        let found = self.found;
        self.made.iter().filter_map(move |at| found.get(*at))
    }

    /// Notes which edits cannot be made, and forgets those of files around which something changed. Gives how many were made.
    pub(super) fn enter(&self, withheld: &mut BTreeMap<EditKey, WithheldEdit>) -> usize {
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
