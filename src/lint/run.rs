//! Running rules.

use rayon::prelude::*;
use rustc_hash::{FxHashMap, FxHashSet};

use super::root_cause::fold_into_causes;
use super::silence::silence;
use super::{Check, Cx, FileRole, FileView, Rule, Sink};
use crate::diagnostic::{Diagnostic, Label, LabelStyle, Meta, Severity};
use crate::policy::IncludeTarget;
use crate::source::{FileId, Span};

/// What came of a run.
#[derive(Debug, Default)]
pub struct Findings {
    /// The findings, sorted by path, place and rule.
    pub findings: Vec<Diagnostic>,
    /// How many were silenced by comments.
    pub suppressed: usize,
    /// Those left out because they lie in files that AppArmor brings: the file of each.
    pub shipped: Vec<FileId>,
}

/// Runs `rules` over everything in `cx`, but for those that are on nowhere, as `is_on` says.
/// `wanted` says for each finding whether those of its rule are wanted at its place, and `shown` whether it is wanted
/// at its own level; they may change its severity.
pub fn run(
    rules: &[Rule],
    cx: &Cx<'_>,
    is_on: &dyn Fn(&Meta) -> bool,
    wanted: &(dyn Fn(&mut Diagnostic, &Cx<'_>) -> bool + Sync),
    shown: &dyn Fn(&mut Diagnostic) -> bool,
) -> Findings {
    let running: Vec<&Rule> = rules.iter().filter(|rule| is_on(rule.meta)).collect();
    let mut raw = file_findings(&running, cx);
    raw.append(&mut profile_findings(&running, cx));
    for rule in &running {
        if let Check::Policy(check) = rule.check {
            let mut sink = Sink::new(rule.meta, &mut raw);
            check(cx, &mut sink);
        }
    }
    let (own, of_shipped): (Vec<_>, Vec<_>) = raw
        .into_iter()
        .partition(|finding| !is_of_shipped(finding, cx));
    let raw: Vec<Diagnostic> = own
        .into_iter()
        .map(|finding| relocate_to_include(finding, cx))
        .collect();
    let mut raw = dedup_shared_includes(raw);
    raw.retain_mut(|finding| wanted(finding, cx));
    let (mut findings, suppressed) = silence(raw, rules, cx, wanted);
    findings.retain_mut(shown);
    findings.sort_by(|left, right| key(left, cx).cmp(&key(right, cx)));
    let mut findings = fold_into_causes(findings);
    findings.sort_by(|left, right| key(left, cx).cmp(&key(right, cx)));
    // Only those count that would be shown where somebody asks for them.
    let mut of_shipped = dedup_shared_includes(of_shipped);
    of_shipped.retain_mut(|finding| wanted(finding, cx));
    of_shipped.retain_mut(shown);
    let files = of_shipped.iter().filter_map(Diagnostic::place);
    Findings {
        findings,
        suppressed,
        shipped: files.map(|place| place.file).collect(),
    }
}

/// Whether a finding lies in a file that is not the user's to mend. What keeps policy from loading is told all the same.
fn is_of_shipped(finding: &Diagnostic, cx: &Cx<'_>) -> bool {
    let place = finding.place();
    finding.severity != Severity::Error
        && place.is_some_and(|place| cx.shipped.contains(&place.file))
}

fn key<'d>(finding: &'d Diagnostic, cx: &'d Cx<'_>) -> (&'d str, u32, &'static str, &'d str, u32) {
    let place = finding.place().unwrap_or(Span::start_of(FileId(0)));
    let path = cx.store.sources.get(place.file).path.as_str();
    (
        path,
        place.range.start,
        finding.rule.code,
        &finding.message,
        place.range.end,
    )
}

/// Files to look at as written: those checked, and for errors also what they include.
fn file_findings(rules: &[&Rule], cx: &Cx<'_>) -> Vec<Diagnostic> {
    let units: FxHashMap<FileId, &crate::policy::Unit<'_>> =
        cx.units.iter().map(|unit| (unit.file, unit)).collect();
    let files: Vec<FileId> = cx.store.iter().map(|(id, _)| id).collect();
    let look = |id: &FileId| {
        let mut found = Vec::new();
        let Some(loaded) = cx.store.file(*id) else {
            return found;
        };
        let source = cx.store.sources.get(*id);
        let target = cx.targets.get(id).copied();
        let role = target.unwrap_or_else(|| FileRole::of(&source.path, &loaded.file.ast, true));
        let view = FileView {
            id: *id,
            source,
            file: &loaded.file,
            role,
            unit: units.get(id).copied(),
        };
        let has_faults = !loaded.file.faults.is_empty() || !source.problems.is_empty();
        for rule in rules {
            let Check::File(check) = rule.check else {
                continue;
            };
            // What is only included is looked at for errors alone.
            let is_wanted = if rule.meta.group == "syntax" {
                has_faults || target == Some(FileRole::Profiles) || cx.target.is_some()
            } else {
                target.is_some()
            };
            if is_wanted {
                check(&view, cx, &mut Sink::new(rule.meta, &mut found));
            }
        }
        // Who includes a file cannot mend it: what does not keep the profile from loading is for
        // those who check the file itself.
        if target.is_none() {
            found.retain(|finding| finding.severity == Severity::Error);
        }
        found
    };
    if files.len() < 8 {
        files.iter().flat_map(look).collect()
    } else {
        files.par_iter().flat_map_iter(look).collect()
    }
}

fn profile_findings(rules: &[&Rule], cx: &Cx<'_>) -> Vec<Diagnostic> {
    let look = |unit: &crate::policy::Unit<'_>| {
        let mut found = Vec::new();
        for profile in &unit.profiles {
            let first = found.len();
            for rule in rules {
                let check = match rule.check {
                    Check::Profile(check) => check,
                    Check::WholeProfile(check) if profile.is_whole() => check,
                    _ => continue,
                };
                check(profile, cx, &mut Sink::new(rule.meta, &mut found));
            }
            // Of a profile that an included file defines, the way to it is the one that this unit took.
            for finding in found.iter_mut().skip(first) {
                let is_there = finding.place().map(|place| place.file) == Some(profile.file);
                if is_there && finding.via.is_empty() {
                    finding.via.extend_from_slice(&profile.via);
                }
            }
        }
        found
    };
    if cx.units.len() < 8 {
        cx.units.iter().flat_map(look).collect()
    } else {
        cx.units.par_iter().flat_map_iter(look).collect()
    }
}

/// A finding in a file that is only included is shown at the include in the file that is checked.
fn relocate_to_include(mut finding: Diagnostic, cx: &Cx<'_>) -> Diagnostic {
    let Some(place) = finding.place() else {
        return finding;
    };
    if cx.targets.contains_key(&place.file) || cx.others.contains(&place.file) {
        if finding
            .via
            .first()
            .is_some_and(|via| via.file == place.file)
        {
            finding.via.clear();
        }
        return finding;
    }
    if finding.via.is_empty() {
        finding.via = way_to(place.file, cx);
    }
    let Some(first) = finding.via.first().copied() else {
        return finding;
    };
    for label in &mut finding.labels {
        label.style = LabelStyle::Secondary;
    }
    finding.labels.insert(
        0,
        Label {
            span: first,
            style: LabelStyle::Primary,
            text: "included here".to_owned(),
        },
    );
    finding
}

/// The include statements that lead from the first file that is checked to `file`.
fn way_to(file: FileId, cx: &Cx<'_>) -> Vec<Span> {
    let mut starts: Vec<FileId> = cx.targets.keys().copied().collect();
    starts.sort_unstable();
    let mut seen: FxHashSet<FileId> = starts.iter().copied().collect();
    let mut open: std::collections::VecDeque<(FileId, Vec<Span>)> =
        starts.into_iter().map(|id| (id, Vec::new())).collect();
    while let Some((id, via)) = open.pop_front() {
        let Some(loaded) = cx.store.file(id) else {
            continue;
        };
        let statements = crate::policy::includes(&loaded.file.ast.items);
        for (include, target) in statements.into_iter().zip(&loaded.includes) {
            let IncludeTarget::Files(files) = target else {
                continue;
            };
            let mut via = via.clone();
            via.push(include.range.in_file(id));
            if files.contains(&file) {
                return via;
            }
            for next in files {
                if seen.insert(*next) {
                    open.push_back((*next, via.clone()));
                }
            }
        }
    }
    Vec::new()
}

/// Many profiles include the same file: what is wrong in it is said once.
fn dedup_shared_includes(findings: Vec<Diagnostic>) -> Vec<Diagnostic> {
    let mut seen: FxHashMap<(&'static str, String, Vec<Span>), usize> = FxHashMap::default();
    let mut kept: Vec<Diagnostic> = Vec::new();
    let mut more: FxHashMap<usize, usize> = FxHashMap::default();
    for finding in findings {
        if finding.via.is_empty() {
            kept.push(finding);
            continue;
        }
        let inner: Vec<Span> = finding
            .labels
            .iter()
            .skip(1)
            .map(|label| label.span)
            .collect();
        match seen.entry((finding.rule.code, finding.message.clone(), inner)) {
            std::collections::hash_map::Entry::Occupied(entry) => {
                *more.entry(*entry.get()).or_default() += 1
            }
            std::collections::hash_map::Entry::Vacant(entry) => {
                entry.insert(kept.len());
                kept.push(finding);
            }
        }
    }
    for (index, count) in more {
        if let Some(finding) = kept.get_mut(index) {
            let places = if count == 1 {
                "1 more place".to_owned()
            } else {
                format!("{count} more places")
            };
            finding
                .notes
                .push(format!("the same file is included in {places}"));
        }
    }
    kept
}
