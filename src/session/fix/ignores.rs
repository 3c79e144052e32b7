//! Comments that ignore findings, as edits.

use std::collections::BTreeMap;

use super::candidate::{EditCandidate, EditKey};
use super::model::WithheldEdit;
use crate::diagnostic::{Applicability, Diagnostic, Fix};
use crate::session::check::Report;
use crate::session::ignoring::IgnoredPlace;
use crate::source::{FileId, ResolvedSpan};

/// One edit for the findings of each line: a comment that names their rules, with the reason. Of the ways in which that can be written,
/// the first that is not withheld.
pub(super) fn ignores(
    report: &Report,
    is_checked: &dyn Fn(FileId) -> bool,
    reason: &str,
    withheld: &BTreeMap<EditKey, WithheldEdit>,
) -> Vec<EditCandidate> {
    let store = &report.store;
    let mut lines: BTreeMap<(FileId, u32), Vec<&Diagnostic>> = BTreeMap::new();
    for finding in &report.findings {
        let Some(place) = finding.place().filter(|place| is_checked(place.file)) else {
            continue;
        };
        let line = store.sources.get(place.file).line_range(place.range.start);
        let of_line = lines.entry((place.file, line.start)).or_default();
        of_line.push(finding);
    }
    let mut found = Vec::new();
    for ((file, _), findings) in lines {
        let source = store.sources.get(file);
        let (Some(loaded), Some(place)) =
            (store.file(file), findings.first().and_then(|f| f.place()))
        else {
            continue;
        };
        let mut names: Vec<&str> = findings.iter().map(|finding| finding.rule.name).collect();
        names.sort_unstable();
        names.dedup();
        let ignored = IgnoredPlace {
            file,
            source,
            ast: &loaded.file.ast,
            offset: place.range.start,
        };
        let names = names.join(", ");
        let ways = ignored.ways(&names, Some(reason));
        let mut candidates = ways.into_iter().map(|edit| {
            let fix = Fix {
                title: format!("ignore {names}"),
                edits: vec![edit],
                applicability: Applicability::Safe,
            };
            let place = ResolvedSpan::of(place, &store.sources);
            EditCandidate {
                is_safe: false,
                is_ignore: true,
                is_of_syntax: false,
                ..EditCandidate::of(&findings, &fix, place, report)
            }
        });
        found.extend(candidates.find(|one| !withheld.contains_key(&one.key)));
    }
    found
}
