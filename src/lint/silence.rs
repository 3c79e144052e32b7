//! Applying the comments that silence findings, and judging these comments in turn.

use rustc_hash::{FxHashMap, FxHashSet};

use super::{
    Check, Cx, FileRole, Rule, Sink, SuppressedName, Suppression, SuppressionView, Suppressions,
};
use crate::diagnostic::Diagnostic;
use crate::policy::Store;
use crate::source::{FileId, Span, TextRange};

/// Says for a finding whether it is wanted; it may change its severity.
type Wanted<'w> = &'w (dyn Fn(&mut Diagnostic, &Cx<'_>) -> bool + Sync);

/// The names that silenced something: their comments' places, and their numbers there.
type Used = FxHashSet<(Span, usize)>;

/// What is left of `findings`, with those about the comments themselves, and how many were silenced.
pub(super) fn silence(
    mut findings: Vec<Diagnostic>,
    rules: &[Rule],
    cx: &Cx<'_>,
    wanted: Wanted<'_>,
) -> (Vec<Diagnostic>, usize) {
    let by_file = cx.suppressions;
    findings.sort_by_key(Diagnostic::place);
    let covering = covering(&findings, by_file);
    let mut used = Used::default();
    let mut kept = Vec::new();
    let mut silenced = 0;
    for (finding, suppressions) in findings.into_iter().zip(covering) {
        if is_silenced(&finding, &suppressions, &mut used) {
            silenced += 1;
        } else {
            kept.push(finding);
        }
    }
    kept.extend(about_suppressions(by_file, rules, cx, &used, wanted));
    (kept, silenced)
}

/// The comments of the files that are checked, by file; those of files without any are left out.
#[must_use]
pub fn suppressions(
    store: &Store,
    targets: &FxHashMap<FileId, FileRole>,
) -> Vec<(FileId, Suppressions)> {
    let mut targets: Vec<FileId> = targets.keys().copied().collect();
    targets.sort_unstable();
    let of_file = |id: FileId| {
        let loaded = store.file(id)?;
        let suppressions = Suppressions::of(id, store.sources.get(id), &loaded.file.ast);
        (!suppressions.all.is_empty()).then_some((id, suppressions))
    };
    targets.into_iter().filter_map(of_file).collect()
}

fn file_of(finding: &Diagnostic) -> Option<FileId> {
    finding.place().map(|place| place.file)
}

/// For each finding the comments that cover its place. Findings are sorted by place.
fn covering<'s>(
    findings: &[Diagnostic],
    by_file: &'s [(FileId, Suppressions)],
) -> Vec<Vec<&'s Suppression>> {
    let by_file: FxHashMap<FileId, &Suppressions> =
        by_file.iter().map(|(id, all)| (*id, all)).collect();
    let mut covering = Vec::with_capacity(findings.len());
    for same_file in findings.chunk_by(|left, right| file_of(left) == file_of(right)) {
        let suppressions = same_file
            .first()
            .and_then(file_of)
            .and_then(|file| by_file.get(&file));
        let Some(suppressions) = suppressions else {
            covering.resize(covering.len() + same_file.len(), Vec::new());
            continue;
        };
        let offsets: Vec<u32> = same_file
            .iter()
            .filter_map(Diagnostic::place)
            .map(|place| place.range.start)
            .collect();
        let covered = suppressions.covering(&offsets).into_iter();
        covering.extend(covered.map(|indices| {
            indices
                .into_iter()
                .filter_map(|index| suppressions.all.get(index))
                .collect()
        }));
    }
    covering
}

/// Whether one of the comments names the finding's rule; all names that do are used.
fn is_silenced(finding: &Diagnostic, suppressions: &[&Suppression], used: &mut Used) -> bool {
    let mut is_silenced = false;
    for suppression in suppressions {
        for (index, (name, _)) in suppression.names.iter().enumerate() {
            if finding.rule.is_called(name) {
                used.insert((suppression.span, index));
                is_silenced = true;
            }
        }
    }
    is_silenced
}

/// What the rules say about the comments, once it is known which of them silenced something.
fn about_suppressions(
    by_file: &[(FileId, Suppressions)],
    rules: &[Rule],
    cx: &Cx<'_>,
    used: &Used,
    wanted: Wanted<'_>,
) -> Vec<Diagnostic> {
    let rule_names: Vec<&'static str> = rules.iter().map(|rule| rule.meta.name).collect();
    let mut found = Vec::new();
    for suppression in by_file
        .iter()
        .flat_map(|(_, suppressions)| &suppressions.all)
    {
        let look = |(index, (name, _)): (usize, &(String, TextRange))| {
            let rule = rules.iter().find(|rule| rule.meta.is_called(name));
            // Whether a finding here would have been wanted.
            let has_run = rule.is_some_and(|rule| {
                wanted(&mut Diagnostic::new(rule.meta, suppression.span, ""), cx)
            });
            SuppressedName {
                is_known: rule.is_some(),
                has_run,
                is_used: used.contains(&(suppression.span, index)),
            }
        };
        let view = SuppressionView {
            suppression,
            rule_names: &rule_names,
            names: suppression.names.iter().enumerate().map(look).collect(),
        };
        for rule in rules {
            if let Check::Suppression(check) = rule.check {
                check(&view, cx, &mut Sink::new(rule.meta, &mut found));
            }
        }
    }
    found.retain_mut(|finding| wanted(finding, cx));
    found
}
