//! Whether edits do what they say, and nothing else.

use rayon::prelude::*;
use rustc_hash::{FxHashMap, FxHashSet};

use super::bench::EditBench;
use super::candidate::EditCandidate;
use super::components::Components;
use super::model::WithheldReason;
use crate::access::{CompiledImage, Detail, is_same_entries, is_same_policy};
use crate::diagnostic::Diagnostic;
use crate::glob::InputDomain;
use crate::policy::Unit;
use crate::session::check::Report;
use crate::session::policy::Policy;
use crate::session::workspace::Workspace;

/// Rules that find what has become superfluous. An edit that changes policy may make a rule so.
const COVERING: [&str; 2] = ["redundant-rule", "ineffective-owner"];

/// What was found before edits, and what is found with them.
pub(super) struct EditProof<'p, 'v> {
    pub(super) bench: &'p EditBench<'v>,
    pub(super) components: &'p Components,
    pub(super) tried: &'p [&'p EditCandidate],
    /// The sets of files that are not proved yet.
    pub(super) sets: &'p FxHashSet<usize>,
    pub(super) before: &'p Report,
    pub(super) after: &'p Report,
}

/// Where edits fail.
#[derive(Debug, Default)]
pub(super) struct Failures {
    /// By set of files.
    pub(super) of_set: FxHashMap<usize, WithheldReason>,
    /// In what no set is about: which edits do that is not known.
    pub(super) of_all: Option<WithheldReason>,
}

impl Failures {
    fn fail(&mut self, set: usize, why: WithheldReason) {
        self.of_set.entry(set).or_insert(why);
    }
}

/// How many findings of a rule there are, before and after.
type Counts = FxHashMap<(Option<usize>, &'static str), [usize; 2]>;

impl EditProof<'_, '_> {
    /// Where the edits fail, with the reason.
    pub(super) fn failures(&self) -> Failures {
        let mut failures = Failures::default();
        let are_ignores = self.tried.iter().all(|one| one.is_ignore);
        if self.after.failures.len() > self.before.failures.len() {
            failures.of_all = Some(WithheldReason::Unjudged);
        } else if !are_ignores && self.after.suppressed > self.before.suppressed {
            failures.of_all = Some(WithheldReason::Silences);
        } else {
            for set in self.worse_read(are_ignores) {
                failures.fail(set, WithheldReason::Faults);
            }
            self.findings(&mut failures);
            for (set, why) in self.decisions() {
                failures.fail(set, why);
            }
        }
        failures
    }

    /// Sets with a file that has more faults than before, or whose new comments are none.
    fn worse_read(&self, are_ignores: bool) -> Vec<usize> {
        let mut expected: FxHashMap<&str, usize> = FxHashMap::default();
        for candidate in self.tried {
            for (path, _, text) in &candidate.key {
                let comments = usize::from(candidate.is_ignore && text.contains('#'));
                *expected.entry(path).or_default() += comments;
            }
        }
        let Some(pair) = self.bench.pairs().first() else {
            return Vec::new();
        };
        let counts = |workspace: &Workspace<'_>, path: &str| {
            let store = workspace.store();
            let id = store.by_path(path)?;
            let file = &store.file(id)?.file;
            let faults = file.faults.len() + store.sources.get(id).problems.len();
            Some([faults, file.ast.comments.len()])
        };
        let is_worse = |path: &&str, comments: &usize| {
            let before = counts(&pair.accepted, path);
            let after = counts(pair.tried(), path);
            match (before, after) {
                (Some([faults, there]), Some([more_faults, now])) => {
                    faults < more_faults || are_ignores && there + comments != now
                }
                _ => true,
            }
        };
        let worse = expected
            .iter()
            .filter(|(path, comments)| is_worse(path, comments));
        worse
            .filter_map(|(path, _)| self.components.of_path(path))
            .collect()
    }

    /// Sets in which a finding is still there, or has come.
    fn findings(&self, failures: &mut Failures) {
        let mut counts = Counts::default();
        for (side, report) in [self.before, self.after].into_iter().enumerate() {
            for finding in &report.findings {
                let set = self.set_of(finding, report);
                let count = counts.entry((set, finding.rule.name)).or_default();
                if let Some(count) = count.get_mut(side) {
                    *count += 1;
                }
            }
        }
        let mut gone: FxHashMap<(usize, &str), usize> = FxHashMap::default();
        for candidate in self.tried {
            let set = self.components.of_candidate(candidate);
            for rule in &candidate.gone {
                *gone.entry((set, rule)).or_default() += 1;
            }
        }
        for ((set, rule), gone) in &gone {
            let counts = counts
                .iter()
                .find(|((of, name), _)| *of == Some(*set) && name == rule);
            if counts.is_some_and(|(_, [before, after])| after + gone > *before) {
                failures.fail(*set, WithheldReason::Stays);
            }
        }
        let mut totals: FxHashMap<&'static str, [usize; 2]> = FxHashMap::default();
        for ((_, rule), [before, after]) in &counts {
            let total = totals.entry(rule).or_default();
            total[0] += before;
            total[1] += after;
        }
        for ((set, rule), [before, after]) in counts {
            if before >= after {
                continue;
            }
            match set {
                Some(set) if !self.is_allowed(set, rule) => {
                    failures.fail(set, WithheldReason::Brings(rule));
                }
                Some(_) => {}
                // What is told once in a run may be told elsewhere now.
                None if totals
                    .get(rule)
                    .is_some_and(|[before, after]| before < after) =>
                {
                    let sets = self.tried.iter();
                    let mut sets = sets.map(|one| self.components.of_candidate(one));
                    if !sets.any(|set| self.is_allowed(set, rule)) {
                        failures.of_all = Some(WithheldReason::Brings(rule));
                    }
                }
                None => {}
            }
        }
    }

    /// The set of files that a finding is about: where it is, or else the first that it marks.
    fn set_of(&self, finding: &Diagnostic, report: &Report) -> Option<usize> {
        let marks = finding.labels.iter().map(|label| label.span);
        let mut places = finding.place().into_iter().chain(marks);
        places.find_map(|place| {
            let source = report.store.sources.get(place.file);
            self.components.of_path(&source.path)
        })
    }

    /// Whether edits in a set may bring a finding of a rule: one of them says so, or it is seen only now that the parser takes the
    /// text, or a rule is superfluous now that another one was changed. What was told as a mark of an ignored finding is told by itself
    /// then, and ignored in the next round.
    fn is_allowed(&self, set: usize, rule: &str) -> bool {
        let mut tried = self.tried.iter();
        tried.any(|candidate| {
            let quoted = format!("`{rule}`");
            self.components.of_candidate(candidate) == set
                && (candidate.is_ignore
                    || candidate.is_of_syntax
                    || !candidate.is_safe && COVERING.contains(&rule)
                    || candidate.notes.iter().any(|note| note.contains(&quoted)))
        })
    }

    /// Sets in which a profile does not compile to the same, as far as it must.
    fn decisions(&self) -> Vec<(usize, WithheldReason)> {
        let safe = self.tried.iter().filter(|one| one.is_safe || one.is_ignore);
        let sets = safe.map(|one| self.components.of_candidate(one));
        let sets: FxHashSet<usize> = sets.filter(|set| self.sets.contains(set)).collect();
        if sets.is_empty() {
            return Vec::new();
        }
        let mut shown: FxHashSet<usize> = FxHashSet::default();
        let mut failed = Vec::new();
        for pair in self.bench.pairs() {
            let policies = [pair.accepted.policy(), pair.tried().policy()];
            let units = self.units(&policies, &sets);
            let judged: Vec<_> = units
                .par_iter()
                .map(|(set, units)| (*set, changed(&policies, *units)))
                .collect();
            for ((set, units), (_, why)) in units.iter().zip(judged) {
                if !units[0].profiles.is_empty() {
                    shown.insert(*set);
                }
                failed.extend(why.map(|why| (*set, why)));
            }
        }
        for candidate in self.tried {
            let set = self.components.of_candidate(candidate);
            let is_part =
                candidate.is_safe && candidate.paths().any(|path| self.bench.is_part(path));
            if is_part && sets.contains(&set) && !shown.contains(&set) {
                failed.push((set, WithheldReason::NoProfile));
            }
        }
        failed
    }

    /// What the files of these sets load to, before and after.
    fn units<'u>(
        &self,
        policies: &[Policy<'u>; 2],
        sets: &FxHashSet<usize>,
    ) -> Vec<(usize, [&'u Unit<'u>; 2])> {
        let [before, after] = policies;
        let path =
            |policy: &Policy<'u>, unit: &Unit<'_>| policy.store.sources.get(unit.file).path.clone();
        let later: FxHashMap<String, &Unit<'u>> = after
            .units
            .iter()
            .map(|unit| (path(after, unit), unit))
            .collect();
        let units = before.units.iter().filter_map(|unit| {
            let path = path(before, unit);
            let set = self.components.of_path(&path)?;
            let later = later.get(&path)?;
            sets.contains(&set).then_some((set, [unit, *later]))
        });
        units.collect()
    }
}

/// Why two states of a file do not compile to the same, if they do not.
fn changed(
    [before, after]: &[Policy<'_>; 2],
    [old, new]: [&Unit<'_>; 2],
) -> Option<WithheldReason> {
    let name = || {
        let first = old.profiles.first().or(new.profiles.first());
        first.map_or_else(String::new, |profile| profile.full_name.clone())
    };
    if old.problems.len() < new.problems.len() {
        return Some(WithheldReason::Faults);
    }
    let images = [before.images_of(old), after.images_of(new)];
    let [of_old, of_new] = &images;
    if of_old.len() != of_new.len() {
        return Some(WithheldReason::Decisions(name()));
    }
    let is_whole = old.is_whole() && new.is_whole();
    for (one, other) in sorted(of_old).into_iter().zip(sorted(of_new)) {
        let pair = [std::slice::from_ref(one), std::slice::from_ref(other)];
        let same = is_same_policy(pair[0], pair[1], InputDomain::Bytes, Detail::Exact);
        match same {
            // Where an include is not known, its rules could make a difference between rules that make none by themselves.
            Ok(true) if is_whole || is_same_entries(&one.effective, &other.effective) => {}
            Ok(_) => return Some(WithheldReason::Decisions(one.shape.name.clone())),
            Err(_) => return Some(WithheldReason::TooComplex(one.shape.name.clone())),
        }
    }
    None
}

fn sorted(images: &[CompiledImage]) -> Vec<&CompiledImage> {
    let mut images: Vec<&CompiledImage> = images.iter().collect();
    images.sort_by(|a, b| a.shape.name.cmp(&b.shape.name));
    images
}
