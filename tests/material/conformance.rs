//! AppArmor's own parser tests, judged by the rules AA1xx.
//!
//! Every test that expects a failure must get a finding of severity error, every one that expects
//! success none; hand-written and generated tests are scored apart.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use crate::common::{Missing, needed};
use aalint::diagnostic::Severity;
use aalint::host::Disk;
use aalint::policy::Search;
use aalint::session::{self, CommandLine, Input, InputKind, Options};
use aalint::source::{DirEntry, EntryKind, Vfs, VfsError};
use rayon::prelude::*;

/// Paths as the tests write them, below a directory.
struct Below(String);

impl Below {
    fn full(&self, path: &str) -> String {
        if path.starts_with('/') {
            path.to_owned()
        } else {
            format!("{}/{path}", self.0)
        }
    }
}

impl Vfs for Below {
    fn read(&self, path: &str) -> Result<Vec<u8>, VfsError> {
        Disk.read(&self.full(path))
    }

    fn kind(&self, path: &str) -> Option<EntryKind> {
        Disk.kind(&self.full(path))
    }

    fn list(&self, path: &str) -> Result<Vec<DirEntry>, VfsError> {
        Disk.list(&self.full(path))
    }
}

struct Case {
    path: String,
    must_fail: bool,
    is_generated: bool,
    message: String,
}

fn cases(directory: &Path) -> Vec<Case> {
    let manifest = fs::read(directory.join("manifest.tsv")).unwrap();
    let manifest = String::from_utf8_lossy(&manifest).into_owned();
    let mut cases = Vec::new();
    for line in manifest.lines().skip(1) {
        let columns: Vec<&str> = line.split('\t').collect();
        let [path, expected, todo, disabled, group, _, message, ..] = columns.as_slice() else {
            continue;
        };
        if *todo == "0" && *disabled == "0" {
            cases.push(Case {
                path: (*path).to_owned(),
                must_fail: *expected == "FAIL",
                is_generated: group.starts_with("generated"),
                message: (*message).to_owned(),
            });
        }
    }
    cases
}

pub fn agrees_with_the_parser() -> Result<(), Missing> {
    let directory = needed("conformance")?;
    let vfs = Below(directory.join("tst").to_string_lossy().into_owned());
    let cases = cases(&directory);
    assert!(cases.len() > 5000, "only {} usable tests", cases.len());
    let errors: Vec<Vec<String>> = cases.par_iter().map(|case| errors(&vfs, case)).collect();
    // Right and all, by kind of test and expectation.
    let mut score: BTreeMap<(&str, &str), (usize, usize)> = BTreeMap::new();
    let mut wrong = Vec::new();
    for (case, errors) in cases.iter().zip(&errors) {
        let fails = !errors.is_empty();
        let kind = if case.is_generated {
            "generated"
        } else {
            "hand-written"
        };
        let expected = if case.must_fail { "FAIL" } else { "PASS" };
        let entry = score.entry((kind, expected)).or_default();
        entry.1 += 1;
        if fails == case.must_fail {
            entry.0 += 1;
        } else {
            let why = if fails {
                errors.join("; ")
            } else {
                case.message.clone()
            };
            wrong.push(format!("{kind} {expected} {}: {why}", case.path));
        }
    }
    for line in &wrong {
        println!("differs: {line}");
    }
    for ((kind, expected), (right, all)) in &score {
        let share = *right as f64 * 100.0 / *all as f64;
        println!("conformance, {kind}, expected {expected}: {right} of {all} ({share:.2} %)");
    }
    assert_eq!(score.len(), 4);
    assert!(wrong.is_empty(), "{} tests differ", wrong.len());
    Ok(())
}

fn errors(vfs: &Below, case: &Case) -> Vec<String> {
    let options = Options {
        inputs: vec![Input {
            path: format!("simple_tests/{}", case.path),
            kind: InputKind::Policy,
        }],
        search: Search {
            directories: vec!["simple_tests".to_owned()],
            has_no_base: false,
        },
        cli: CommandLine {
            select: vec!["AA1".to_owned()],
            ..CommandLine::default()
        },
        ..Options::default()
    };
    let report = session::check(vfs, &options, aalint::rules::all());
    assert!(report.failures.is_empty(), "{:?}", report.failures);
    let found = report
        .findings
        .iter()
        .filter(|finding| finding.severity == Severity::Error);
    found
        .map(|finding| format!("{}: {}", finding.rule.name, finding.message))
        .collect()
}
