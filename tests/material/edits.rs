//! Every edit that a finding offers, and every help that says to add a rule, applied: the finding is gone, and no other one
//! comes. So no rule advises what another one, or the same, finds fault with.
//!
//! A sample of the corpus is edited on every run; AALINT_CLAIMS=full edits all of it.

use std::collections::BTreeMap;

use crate::claims::{all_rules, files};
use crate::common::advice::{Counts, added, brought, counts, with_rules};
use crate::common::{Missing, needed};
use aalint::diagnostic::{Applicability, Diagnostic, Edit, Fix, apply_edits};
use aalint::host::Disk;
use aalint::policy::Search;
use aalint::rules;
use aalint::session;
use aalint::source::{DirEntry, EntryKind, FileId, SourceMap, Vfs, VfsError};

/// Of each file the first edits of each rule: the others are of the same make.
const MAX_OF_RULE: usize = 3;

/// The disk with one file changed.
struct Edited<'e> {
    path: &'e str,
    text: String,
}

impl Vfs for Edited<'_> {
    fn read(&self, path: &str) -> Result<Vec<u8>, VfsError> {
        match path == self.path {
            true => Ok(self.text.clone().into_bytes()),
            false => Disk.read(path),
        }
    }

    fn kind(&self, path: &str) -> Option<EntryKind> {
        Disk.kind(path)
    }

    fn list(&self, path: &str) -> Result<Vec<DirEntry>, VfsError> {
        Disk.list(path)
    }

    fn real_path(&self, path: &str) -> Option<String> {
        Disk.real_path(path)
    }
}

#[derive(Default)]
struct Tally {
    applied: BTreeMap<(&'static str, &'static str), usize>,
    wrong: Vec<String>,
}

/// The file with the edits of a fix applied; `None` if they are about another file.
fn edited(fix: &Fix, file: FileId, sources: &SourceMap) -> Option<String> {
    if fix.edits.is_empty() || fix.edits.iter().any(|edit| edit.span.file != file) {
        return None;
    }
    let edits: Vec<&Edit> = fix.edits.iter().collect();
    Some(apply_edits(&sources.get(file).text, &edits))
}

impl Tally {
    fn file(&mut self, path: &str, search: &Search) {
        let options = all_rules(path, search);
        let report = session::check(&Disk, &options, rules::all());
        let before = counts(&report.findings);
        let mut of_rule: BTreeMap<(&str, &str), usize> = BTreeMap::new();
        for finding in &report.findings {
            let rule = finding.rule.name;
            let Some(place) = finding.place() else {
                continue;
            };
            let source = report.store.sources.get(place.file);
            if source.path != path {
                continue;
            }
            let fix = finding.fix.as_ref();
            let fix = fix.filter(|fix| fix.applicability != Applicability::Display);
            let edit = fix.and_then(|fix| edited(fix, place.file, &report.store.sources));
            let rules: Vec<String> = finding.help.iter().flat_map(|help| added(help)).collect();
            let help = match rules.is_empty() {
                true => None,
                false => with_rules(&source.text, place.range.start, &rules),
            };
            let ways = [("edit", edit), ("help", help)];
            for (what, text) in ways {
                let Some(text) = text else { continue };
                let count = of_rule.entry((rule, what)).or_default();
                *count += 1;
                if *count > MAX_OF_RULE {
                    continue;
                }
                *self.applied.entry((what, rule)).or_default() += 1;
                let vfs = Edited { path, text };
                let after = counts(&session::check(&vfs, &options, rules::all()).findings);
                self.judge(path, finding, what, &before, &after);
            }
        }
    }

    fn judge(
        &mut self,
        path: &str,
        finding: &Diagnostic,
        what: &str,
        before: &Counts,
        after: &Counts,
    ) {
        let rule = finding.rule.name;
        let place = format!("{path}: {rule}: {}", finding.message);
        let count = |counts: &Counts, rule: &str| counts.get(rule).copied().unwrap_or(0);
        if count(after, rule) >= count(before, rule) {
            self.wrong
                .push(format!("{place}\n  is still there after its {what}"));
        }
        for new in brought(finding, before, after) {
            self.wrong
                .push(format!("{place}\n  its {what} brings {new}"));
        }
    }
}

pub fn every_edit_makes_its_finding_go_away_and_brings_no_other() -> Result<(), Missing> {
    let directory = needed("corpus")?;
    let mut tally = Tally::default();
    for (path, search) in files(&directory) {
        tally.file(&path, &search);
    }
    let applied: usize = tally.applied.values().sum();
    println!("{applied} edits: {:?}", tally.applied);
    assert!(applied > 100, "{applied} edits are too few to say anything");
    assert!(
        tally.wrong.is_empty(),
        "{} edits do not do what they say:\n{}",
        tally.wrong.len(),
        tally.wrong.join("\n")
    );
    Ok(())
}
