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
mod model;
mod proof;
mod round;
mod trial;

use std::collections::BTreeMap;

use super::options::Options;
use super::veil::Veil;
use crate::lint::Rule;
use crate::source::{HIDDEN, Overlay, Snapshot};
use bench::EditBench;
use candidate::{EditCandidate, EditKey};
use guard::Guard;
use round::candidates;
use trial::EditTrial;

pub use model::{Edits, FixJob, Fixed, FixedFile, WithheldEdit, WithheldReason};

/// Makes the edits of what `rules` find, in memory.
#[must_use]
pub fn fix(files: &Snapshot<'_>, options: &Options, rules: &[Rule], job: &FixJob<'_>) -> Fixed {
    let overlays = [Overlay::new(files), Overlay::new(files)];
    let mut bench = EditBench::open(&overlays, options);
    let mut fixed = Fixed {
        report: bench.check(rules),
        ..Fixed::default()
    };
    let mut guard = Guard::default();
    let mut withheld: BTreeMap<EditKey, WithheldEdit> = BTreeMap::new();
    let mut is_unsafe = false;
    loop {
        let found = candidates(&fixed.report, job, is_unsafe, &withheld);
        let trial = (!found.is_empty()).then(|| {
            bench.reach(found.iter().flat_map(EditCandidate::paths), job.around);
            EditTrial::of(&found, &mut bench, &fixed.report, rules)
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
        if guard.is_at_end() {
            fixed.is_cut_short = true;
            break;
        }
    }
    fixed.withheld = withheld.into_values().collect();
    conceal(&mut fixed);
    fixed
        .withheld
        .sort_by(|a, b| (&a.place, a.rule).cmp(&(&b.place, b.rule)));
    fixed.files = bench.files();
    fixed
}

/// Leaves out the names of profiles in files that are not to be shown.
fn conceal(fixed: &mut Fixed) {
    let Some(veil) = Veil::over(&[&fixed.report.store.sources], None) else {
        return;
    };
    for edit in &mut fixed.withheld {
        if let WithheldReason::Decisions(name) | WithheldReason::TooComplex(name) = &mut edit.why
            && veil.is_over(name)
        {
            HIDDEN.clone_into(name);
        }
    }
}
