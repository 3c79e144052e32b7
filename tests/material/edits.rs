//! Every edit that a finding offers, applied: the finding is gone, and no other one comes.
//!
//! A sample of the corpus is edited on every run; AALINT_CLAIMS=full edits all of it.

use std::collections::BTreeMap;

use crate::claims::{all_rules, files};
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

/// How many findings each rule has. An edit can change the words of another finding: that is not a new one.
type Counts = BTreeMap<&'static str, usize>;

fn counts(findings: &[Diagnostic]) -> Counts {
    let mut counts = Counts::new();
    for finding in findings {
        *counts.entry(finding.rule.name).or_default() += 1;
    }
    counts
}

#[derive(Default)]
struct Tally {
    applied: BTreeMap<&'static str, usize>,
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
        let mut of_rule: BTreeMap<&str, usize> = BTreeMap::new();
        for finding in &report.findings {
            let rule = finding.rule.name;
            let fix = finding.fix.as_ref();
            let fix = fix.filter(|fix| fix.applicability != Applicability::Display);
            let (Some(fix), Some(place)) = (fix, finding.place()) else {
                continue;
            };
            if report.store.sources.get(place.file).path != path {
                continue;
            }
            let Some(text) = edited(fix, place.file, &report.store.sources) else {
                continue;
            };
            let count = of_rule.entry(rule).or_default();
            *count += 1;
            if *count > MAX_OF_RULE {
                continue;
            }
            *self.applied.entry(rule).or_default() += 1;
            let vfs = Edited { path, text };
            let after = counts(&session::check(&vfs, &options, rules::all()).findings);
            self.judge(path, finding, &before, &after);
        }
    }

    fn judge(&mut self, path: &str, finding: &Diagnostic, before: &Counts, after: &Counts) {
        let rule = finding.rule.name;
        let place = format!("{path}: {rule}: {}", finding.message);
        let count = |counts: &Counts, rule: &str| counts.get(rule).copied().unwrap_or(0);
        if count(after, rule) >= count(before, rule) {
            self.wrong
                .push(format!("{place}\n  is still there after its edit"));
        }
        for new in after
            .keys()
            .filter(|new| count(after, new) > count(before, new))
        {
            // A finding may say what has to be done next.
            let mut notes = finding.notes.iter();
            if !notes.any(|note| note.contains(&format!("`{new}`"))) {
                self.wrong.push(format!("{place}\n  its edit brings {new}"));
            }
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
