//! The edits that a round tries.

use std::collections::BTreeMap;

use rustc_hash::{FxHashMap, FxHashSet};

use super::candidate::{EditCandidate, EditKey};
use super::ignores::ignores;
use super::model::{Edits, FixJob, WithheldEdit};
use crate::diagnostic::Applicability;
use crate::session::check::Report;
use crate::source::{FileId, ResolvedSpan, Source, TextRange};

/// Whether a text is all of a file, as it is on the disk.
const fn is_whole(source: &Source) -> bool {
    source.part.is_none() && source.problems.is_empty()
}

/// The edits that can be tried together, in the order of their places: of those that overlap, the one that begins first. Edits that
/// cannot be made are left out.
pub(super) fn candidates(
    report: &Report,
    job: &FixJob<'_>,
    is_unsafe: bool,
    withheld: &BTreeMap<EditKey, WithheldEdit>,
) -> Vec<EditCandidate> {
    let sources = &report.store.sources;
    let checked: FxHashSet<FileId> = report.checked.iter().copied().collect();
    let is_checked = |file: FileId| {
        let source = sources.get(file);
        checked.contains(&file) && is_whole(source) && (job.may_write)(&source.path)
    };
    let mut all: Vec<EditCandidate> = match job.edits {
        Edits::Ignores(reason) => ignores(report, &is_checked, reason, withheld),
        _ => {
            let findings = report.findings.iter();
            let offered = findings.filter_map(|finding| {
                let fix = finding.fix.as_ref()?;
                let is_wanted = match fix.applicability {
                    Applicability::Safe => !is_unsafe,
                    Applicability::Unsafe => is_unsafe,
                    Applicability::Display => false,
                };
                let is_ours = fix.edits.iter().all(|edit| is_checked(edit.span.file));
                let place = ResolvedSpan::of(finding.place()?, sources);
                (is_wanted && is_ours && !fix.edits.is_empty())
                    .then(|| EditCandidate::of(&[finding], fix, place, report))
            });
            offered.collect()
        }
    };
    all.retain(|candidate| !withheld.contains_key(&candidate.key));
    all.sort_by(|a, b| a.key.cmp(&b.key));
    // The same edit of two findings removes both.
    let mut distinct: Vec<EditCandidate> = Vec::new();
    for candidate in all {
        match distinct.last_mut() {
            Some(last) if last.key == candidate.key => last.gone.extend(candidate.gone),
            _ => distinct.push(candidate),
        }
    }
    let mut taken = Taken::default();
    distinct.retain(|candidate| taken.takes(&candidate.key));
    distinct
}

/// Places that edits of a round change: of each file where they begin, and where they end.
#[derive(Default)]
struct Taken(FxHashMap<String, BTreeMap<u32, u32>>);

impl Taken {
    /// Whether no place of an edit is taken; then they are.
    fn takes(&mut self, key: &EditKey) -> bool {
        let is_free = |(path, range, _): &(String, TextRange, String)| {
            let Some(taken) = self.0.get(path) else {
                return true;
            };
            let before = taken.range(..=range.start).next_back();
            let behind = taken.range(range.start..).next();
            // Two insertions at one place, or one at the end of what is replaced, have no order.
            let is_apart = |(start, end): (&u32, &u32)| {
                let is_insertion = range.start == range.end || start == end;
                match is_insertion {
                    true => range.end < *start || *end < range.start,
                    false => range.end <= *start || *end <= range.start,
                }
            };
            before.is_none_or(is_apart) && behind.is_none_or(is_apart)
        };
        let fits = key.iter().all(is_free);
        if fits {
            for (path, range, _) in key {
                let taken = self.0.entry(path.clone()).or_default();
                taken.insert(range.start, range.end);
            }
        }
        fits
    }
}
