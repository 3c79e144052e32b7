//! What cannot be read may bring anything: without an include, findings may only go, apart from those that say that it is missing.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;

use rayon::prelude::*;

use crate::common::{Missing, needed};
use aalint::host::Disk;
use aalint::policy::Search;
use aalint::session::{self, CommandLine, Input, InputKind, Options, Report};
use aalint::source::{DirEntry, EntryKind, Vfs, VfsError};

/// Rules that speak of the include itself, or of what follows at once: the file does not load.
const ABOUT_THE_INCLUDE: &[&str] = &["missing-include", "undefined-variable"];

/// The disk without one path.
struct Without<'p>(&'p str);

impl Without<'_> {
    fn hides(&self, path: &str) -> bool {
        path.strip_prefix(self.0)
            .is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
    }
}

impl Vfs for Without<'_> {
    fn read(&self, path: &str) -> Result<Vec<u8>, VfsError> {
        if self.hides(path) {
            return Err(VfsError::NotFound);
        }
        Disk.read(path)
    }

    fn kind(&self, path: &str) -> Option<EntryKind> {
        Disk.kind(path).filter(|_| !self.hides(path))
    }

    fn list(&self, path: &str) -> Result<Vec<DirEntry>, VfsError> {
        if self.hides(path) {
            return Err(VfsError::NotFound);
        }
        Disk.list(path)
    }
}

fn check(vfs: &dyn Vfs, path: &str, base: &str) -> Report {
    let options = Options {
        inputs: vec![Input {
            path: path.to_owned(),
            kind: InputKind::Policy,
        }],
        search: Search {
            directories: vec![base.to_owned()],
            has_no_base: false,
        },
        cli: CommandLine {
            pedantic: true,
            audit: true,
            ..CommandLine::default()
        },
        ..Options::default()
    };
    session::check(vfs, &options, aalint::rules::all())
}

/// The findings, by rule, line in the profile, and message.
fn findings(report: &Report, path: &str) -> BTreeSet<(String, u32, String)> {
    let own = report.findings.iter().filter_map(|finding| {
        let place = finding.place()?;
        let source = report.store.sources.get(place.file);
        let line = source.position(place.range.start).line;
        (source.path == path).then(|| (finding.rule.name.to_owned(), line, finding.message.clone()))
    });
    own.collect()
}

/// What appears in a profile when one of the files that it includes is not there.
fn appears(path: &str, base: &str) -> (usize, Vec<String>) {
    let whole = check(&Disk, path, base);
    let before = findings(&whole, path);
    let included: Vec<String> = whole
        .store
        .iter()
        .map(|(id, _)| whole.store.sources.get(id).path.clone())
        .filter(|other| other != path)
        .collect();
    let mut new = Vec::new();
    for gone in &included {
        let after = findings(&check(&Without(gone), path, base), path);
        for (rule, line, message) in after.difference(&before) {
            if !ABOUT_THE_INCLUDE.contains(&rule.as_str()) {
                new.push(format!("{path}:{line}: {rule}: {message} (without {gone})"));
            }
        }
    }
    (included.len(), new)
}

pub fn nothing_is_said_to_be_missing_that_an_include_may_bring() -> Result<(), Missing> {
    let directory = needed("corpus")?;
    let manifest =
        String::from_utf8_lossy(&fs::read(directory.join("manifest.tsv")).unwrap()).into_owned();
    let is_full = std::env::var("AALINT_INCLUDES").is_ok_and(|value| value == "full");
    let step = if is_full { 1 } else { 60 };
    let lines = manifest
        .lines()
        .skip(1)
        .map(|line| line.split('\t').collect::<Vec<_>>());
    let profiles: Vec<(String, String)> = lines
        .filter_map(|columns| {
            let [_, path, base, accepted, ..] = columns.as_slice() else {
                return None;
            };
            let full = |path: &str| directory.join(path).to_string_lossy().into_owned();
            (*accepted == "yes").then(|| (full(path), full(base)))
        })
        .step_by(step)
        .collect();
    let all: Vec<(usize, Vec<String>)> = profiles
        .par_iter()
        .map(|(path, base)| appears(path, base))
        .collect();
    let removed: usize = all.iter().map(|(count, _)| count).sum();
    let new: Vec<&String> = all.iter().flat_map(|(_, new)| new).collect();
    let mut by_rule: BTreeMap<&str, usize> = BTreeMap::new();
    for line in &new {
        *by_rule.entry(line.split(": ").nth(1).unwrap()).or_default() += 1;
    }
    println!(
        "{} profiles, {removed} includes removed, {} findings appeared: {by_rule:?}",
        profiles.len(),
        new.len()
    );
    for line in new.iter().take(60) {
        println!("{line}");
    }
    assert!(removed > 500, "{removed}");
    assert!(new.is_empty());
    Ok(())
}
