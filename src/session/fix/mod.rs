//! Edits that findings offer, made: each is proved before it counts.
//!
//! A round takes the edits that do not overlap, tries them together, and asks what became of the policy: the findings must be gone, no
//! other may have come, nothing may be read worse than before, and where an edit is called safe, every profile that the
//! changed files reach must compile to the same. Where that fails, the edits are tried in halves, apart for each set of files that share a profile,
//! until those are found that cannot be made. Rounds follow until no edit is left.

mod bench;
mod candidate;
mod components;
mod guard;
mod ignores;
mod proof;
mod trial;

use std::collections::BTreeMap;

use super::check::Report;
use super::options::Options;
use crate::lint::Rule;
use crate::source::{Overlay, ResolvedSpan, Snapshot};
use bench::Bench;
use candidate::{Candidate, Key, candidates};
use guard::Guard;
use trial::Trial;

/// Which edits are made.
#[derive(Copy, Clone, PartialEq, Eq, Debug)]
pub enum Edits<'r> {
    /// Those that leave what policy compiles to as it is.
    Safe,
    /// Also those that change it.
    Unsafe,
    /// None that a finding offers: a comment that ignores it, with this reason.
    Ignores(&'r str),
}

/// What is to be done, beside what is checked.
#[derive(Copy, Clone)]
pub struct FixJob<'j> {
    /// Which edits are made.
    pub edits: Edits<'j>,
    /// Whether a file may be changed.
    pub may_write: &'j dyn Fn(&str) -> bool,
    /// The paths of policy that is not checked, but may include this file: what it decides must stay the same as well.
    pub around: &'j dyn Fn(&str) -> Vec<String>,
}

/// A file with its edits.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct FixedFile {
    /// Its path, as it was named or found.
    pub path: String,
    /// Its text before the edits.
    pub before: String,
    /// Its text with them.
    pub after: String,
}

/// Why an edit is not made.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum WithheldReason {
    /// It would change what this profile decides, or how it is attached.
    Decisions(String),
    /// Whether it changes what this profile decides is too complex to find out.
    TooComplex(String),
    /// No profile that includes the file is known, so nothing shows what the edit changes.
    NoProfile,
    /// The text would be read worse than before.
    Faults,
    /// The finding would still be there.
    Stays,
    /// It would bring a finding of this rule.
    Brings(&'static str),
    /// A comment that ignores findings would then ignore one that it did not.
    Silences,
    /// A file could not be judged any more.
    Unjudged,
    /// More edits failed than are tried one by one.
    Untried,
}

/// An edit that was not made.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct WithheldEdit {
    /// Where its finding is.
    pub place: ResolvedSpan,
    /// The rule of the finding.
    pub rule: &'static str,
    /// What it would do, as an imperative.
    pub title: String,
    /// Why it is not made.
    pub why: WithheldReason,
}

/// What came of making edits.
#[derive(Debug, Default)]
pub struct Fixed {
    /// The files that are to be written, sorted by path.
    pub files: Vec<FixedFile>,
    /// How many findings of each rule the edits removed.
    pub applied: BTreeMap<&'static str, usize>,
    /// The edits that were not made, by place.
    pub withheld: Vec<WithheldEdit>,
    /// The rules whose edits undid each other or did not end; then nothing is to be written.
    pub fighting: Vec<&'static str>,
    /// What is found after the edits.
    pub report: Report,
}

/// Makes the edits of what `rules` find, in memory.
#[must_use]
pub fn fix(files: &Snapshot<'_>, options: &Options, rules: &[Rule], job: &FixJob<'_>) -> Fixed {
    let overlays = [Overlay::new(files), Overlay::new(files)];
    let mut bench = Bench::open(&overlays, options);
    let mut fixed = Fixed {
        report: bench.check(rules),
        ..Fixed::default()
    };
    let mut guard = Guard::default();
    let mut withheld: BTreeMap<Key, WithheldEdit> = BTreeMap::new();
    let mut is_unsafe = false;
    loop {
        let found = candidates(&fixed.report, job, is_unsafe, &withheld);
        let trial = (!found.is_empty()).then(|| {
            bench.reach(found.iter().flat_map(Candidate::paths), job.around);
            Trial::of(&found, &mut bench, &fixed.report, rules)
        });
        let Some(trial) = trial.filter(|trial| trial.enter(&mut withheld) > 0) else {
            // Edits that change policy wait until no other is left: together nobody could tell what each of them changes.
            if job.edits != Edits::Unsafe || is_unsafe {
                break;
            }
            is_unsafe = true;
            continue;
        };
        is_unsafe = false;
        let names = trial.made().flat_map(|made| &made.gone).copied();
        for name in names.clone() {
            *fixed.applied.entry(name).or_default() += 1;
        }
        if guard.is_futile(bench.accepted(), names) {
            fixed.fighting = guard.fighting();
            return fixed;
        }
        fixed.report = trial.report;
    }
    fixed.withheld = withheld.into_values().collect();
    fixed
        .withheld
        .sort_by(|a, b| (&a.place, a.rule).cmp(&(&b.place, b.rule)));
    fixed.files = bench.files();
    fixed
}
