//! The edits that a round tries.

use std::collections::BTreeMap;

use rustc_hash::{FxHashMap, FxHashSet};

use super::ignores::ignores;
use super::{Edits, FixJob, WithheldEdit};
use crate::diagnostic::{Applicability, Diagnostic, Edit, Fix, apply_edits};
use crate::session::check::Report;
use crate::source::{FileId, ResolvedSpan, Source, TextRange};

/// An edit and where it is made, as long as nothing around it changes.
pub(super) type Key = Vec<(String, TextRange, String)>;

/// An edit that may be made.
#[derive(Clone, Debug)]
pub(super) struct Candidate {
    /// What identifies it.
    pub(super) key: Key,
    /// The place of the finding.
    pub(super) place: ResolvedSpan,
    /// The rules of the findings that must be gone, one for each.
    pub(super) gone: Vec<&'static str>,
    /// What it does, as an imperative.
    pub(super) title: String,
    /// Whether what policy compiles to must stay the same.
    pub(super) is_safe: bool,
    /// Whether it is a comment that ignores findings.
    pub(super) is_ignore: bool,
    /// Whether it mends text that the parser refuses.
    pub(super) is_of_syntax: bool,
    /// What the finding says of other rules.
    pub(super) notes: Vec<String>,
}

impl Candidate {
    /// The files that it is about.
    pub(super) fn paths(&self) -> impl Iterator<Item = &str> {
        let edited = self.key.iter().map(|(path, ..)| path.as_str());
        edited.chain([self.place.path.as_str()])
    }

    /// The rule of its first finding.
    pub(super) fn rule(&self) -> &'static str {
        self.gone.first().copied().unwrap_or_default()
    }

    /// Of findings at one place whose edits are these.
    pub(super) fn of(
        findings: &[&Diagnostic],
        fix: &Fix,
        place: ResolvedSpan,
        report: &Report,
    ) -> Self {
        let sources = &report.store.sources;
        let edits = fix.edits.iter().map(|edit| {
            let path = sources.get(edit.span.file).path.clone();
            (path, edit.span.range, edit.text.clone())
        });
        let mut key: Key = edits.collect();
        key.sort();
        let notes = findings.iter().flat_map(|finding| &finding.notes);
        let syntax = |finding: &&Diagnostic| finding.rule.group == "syntax";
        Self {
            key,
            place,
            gone: findings.iter().map(|finding| finding.rule.name).collect(),
            title: fix.title.clone(),
            is_safe: fix.applicability == Applicability::Safe,
            is_ignore: false,
            is_of_syntax: findings.iter().any(syntax),
            notes: notes.cloned().collect(),
        }
    }
}

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
    withheld: &BTreeMap<Key, WithheldEdit>,
) -> Vec<Candidate> {
    let sources = &report.store.sources;
    let checked: FxHashSet<FileId> = report.checked.iter().copied().collect();
    let is_checked = |file: FileId| {
        let source = sources.get(file);
        checked.contains(&file) && is_whole(source) && (job.may_write)(&source.path)
    };
    let mut all: Vec<Candidate> = match job.edits {
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
                    .then(|| Candidate::of(&[finding], fix, place, report))
            });
            offered.collect()
        }
    };
    all.retain(|candidate| !withheld.contains_key(&candidate.key));
    all.sort_by(|a, b| a.key.cmp(&b.key));
    // The same edit of two findings removes both.
    let mut distinct: Vec<Candidate> = Vec::new();
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
    fn takes(&mut self, key: &Key) -> bool {
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

/// The text of a file with edits in it that do not overlap.
pub(super) fn spliced(text: &str, edits: &[(TextRange, &str)]) -> String {
    let file = FileId(0);
    let edits: Vec<Edit> = edits
        .iter()
        .map(|(range, text)| Edit {
            span: range.in_file(file),
            text: (*text).to_owned(),
        })
        .collect();
    apply_edits(text, &edits.iter().collect::<Vec<_>>())
}
