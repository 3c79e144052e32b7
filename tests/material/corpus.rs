//! Real profiles: no error where the real parser finds none, one where it finds one.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::process::Command;

use crate::common::laws::{checks, holds};
use crate::common::mutations::mutated;
use crate::common::{Missing, aalint, files_below, needed, root, text};
use aalint::diagnostic::Severity;
use aalint::format::{Layout, format};
use aalint::host::Disk;
use aalint::policy::Search;
use aalint::session::{self, CommandLine, Input, InputKind, Options, Report};

fn check(paths: impl Iterator<Item = String>, directories: Vec<String>) -> Report {
    let options = Options {
        inputs: paths
            .map(|path| Input {
                path,
                kind: InputKind::Policy,
            })
            .collect(),
        search: Search {
            directories,
            has_no_base: false,
        },
        cli: CommandLine {
            select: vec!["AA1".to_owned()],
            ..CommandLine::default()
        },
        ..Options::default()
    };
    session::check(&Disk, &options, aalint::rules::all())
}

/// The checked files with an error, each with its first one.
fn with_errors(report: &Report) -> BTreeMap<String, String> {
    let mut found = BTreeMap::new();
    for finding in report
        .findings
        .iter()
        .filter(|finding| finding.severity == Severity::Error)
    {
        let place = finding.place().unwrap();
        let source = report.store.sources.get(place.file);
        let line = source.position(place.range.start).line;
        found.entry(source.path.clone()).or_insert(format!(
            "{line}: {}: {}",
            finding.rule.name, finding.message
        ));
    }
    found
}

pub fn agrees_with_the_parser_on_real_profiles() -> Result<(), Missing> {
    let directory = needed("corpus")?;
    let manifest =
        String::from_utf8_lossy(&fs::read(directory.join("manifest.tsv")).unwrap()).into_owned();
    // By source: the base directory, and each path with the parser's verdict.
    let mut sources: BTreeMap<String, (String, Vec<(String, bool)>)> = BTreeMap::new();
    for line in manifest.lines().skip(1) {
        let columns: Vec<&str> = line.split('\t').collect();
        let [source, path, base, accepted, ..] = columns.as_slice() else {
            continue;
        };
        let full = |path: &str| directory.join(path).to_string_lossy().into_owned();
        let entry = sources
            .entry((*source).to_owned())
            .or_insert_with(|| (full(base), Vec::new()));
        entry.1.push((full(path), *accepted == "yes"));
    }
    let mut wrong = Vec::new();
    let (mut accepted, mut refused) = ((0, 0), (0, 0));
    for (source, (base, files)) in &sources {
        let report = check(
            files.iter().map(|(path, _)| path.clone()),
            vec![base.clone()],
        );
        assert!(report.failures.is_empty(), "{:?}", report.failures);
        let errors = with_errors(&report);
        for (path, is_accepted) in files {
            let error = errors.get(path);
            let counter = if *is_accepted {
                &mut accepted
            } else {
                &mut refused
            };
            counter.1 += 1;
            if error.is_none() == *is_accepted {
                counter.0 += 1;
            } else {
                wrong.push(format!(
                    "{path}: {}",
                    error.map_or("no error", String::as_str)
                ));
            }
        }
        let known: BTreeSet<&String> = files.iter().map(|(path, _)| path).collect();
        let stray = errors.keys().filter(|path| !known.contains(path)).count();
        println!(
            "corpus, {source}: {} files, {} with errors, {stray} errors elsewhere",
            files.len(),
            errors.len()
        );
    }
    for line in wrong.iter().take(40) {
        println!("differs: {line}");
    }
    println!(
        "corpus, accepted by the parser: {} of {} without error",
        accepted.0, accepted.1
    );
    println!(
        "corpus, refused by the parser: {} of {} with error",
        refused.0, refused.1
    );
    assert!(accepted.1 > 2000 && refused.1 > 0);
    assert!(wrong.is_empty());
    Ok(())
}

pub fn source_tree_of_apparmor_d_is_usable() -> Result<(), Missing> {
    let directory = needed("corpus/apparmor.d-raw")?;
    let path = |name: &str| directory.join(name).to_string_lossy().into_owned();
    let files = aalint::host::walk(&[path("own")]).files;
    let profiles: Vec<String> = files
        .into_iter()
        .map(|file| file.path)
        .filter(|path| {
            matches!(
                session::classify(path, &fs::read_to_string(path).unwrap_or_default()),
                Some(InputKind::Policy)
            )
        })
        .collect();
    let count = profiles.len();
    let report = check(profiles.into_iter(), vec![path("own"), path("base")]);
    let errors: Vec<_> = report
        .findings
        .iter()
        .filter(|finding| finding.severity == Severity::Error)
        .collect();
    for (path, error) in with_errors(&report).iter().take(40) {
        println!("apparmor.d-raw: {path}: {error}");
    }
    println!(
        "apparmor.d-raw: {count} files, {} profiles, {} errors",
        report.profiles,
        errors.len()
    );
    assert!(report.profiles > 1500);
    assert!(errors.len() <= 5, "more than a handful of errors");
    Ok(())
}

pub fn mutated_real_profiles() -> Result<(), Missing> {
    let directory = needed("corpus/debian13-apparmor-4.1/own")?;
    let files = files_below(&directory);
    assert!(files.len() > 50);
    let mut random = proptest::test_runner::TestRng::deterministic_rng(
        proptest::test_runner::RngAlgorithm::ChaCha,
    );
    let mut tried = 0;
    for path in files.iter().step_by(3) {
        let Ok(text) = fs::read_to_string(path) else {
            continue;
        };
        holds(&text);
        for _ in 0..6 {
            let mutated = mutated(&text, &mut random);
            holds(&mutated);
            checks(&mutated);
            tried += 1;
        }
    }
    println!("{tried} mutated profiles");
    assert!(tried > 100);
    Ok(())
}

pub fn the_same_bytes_at_any_number_of_threads() -> Result<(), Missing> {
    let corpus = needed("corpus")?;
    let run = |threads: &str| {
        Command::new(env!("CARGO_BIN_EXE_aalint"))
            .args([
                "check",
                "--isolated",
                "--pedantic",
                "--audit",
                "--base",
                "apparmor.d-built-forky/base",
                "--format",
                "json",
                "apparmor.d-built-forky/own",
            ])
            .current_dir(&corpus)
            .env("RAYON_NUM_THREADS", threads)
            .output()
            .unwrap()
            .stdout
    };
    let one = run("1");
    assert!(one.len() > 10_000);
    for threads in ["2", "7"] {
        assert!(
            run(threads) == one,
            "{threads} threads give other bytes than one"
        );
    }
    Ok(())
}

/// How many files of real trees the default layout changes, and what it may not change.
pub fn few_real_files_are_laid_out_anew() -> Result<(), Missing> {
    let most = [
        ("apparmor.d-raw", 6.0),
        ("upstream-6.0", 17.0),
        ("upstream-6.0-extras", 25.0),
        ("debian13-apparmor-4.1", 11.0),
    ];
    for (tree, most) in most {
        let directory = needed("corpus")?.join(tree);
        let (mut files, mut changed) = (0_u32, 0_u32);
        for path in files_below(&directory) {
            let Ok(text) = fs::read_to_string(&path) else {
                continue;
            };
            let name = path.to_string_lossy();
            if session::classify(&name, &text) != Some(InputKind::Policy) {
                continue;
            }
            let formatted = format(&text, &Layout::default(), None);
            let formatted = formatted.unwrap_or_else(|fault| panic!("{name}: {fault:?}"));
            files += 1;
            changed += u32::from(formatted != text);
        }
        let share = f64::from(changed) / f64::from(files) * 100.0;
        println!(
            "fmt changes {changed} of {files} files of {tree}: {share:.1} %, at most {most} %"
        );
        assert!(files > 100 && share <= most, "{tree}: {share:.1} %");
    }
    Ok(())
}

/// A tree that was laid out decides as it did.
pub fn a_layout_decides_nothing() -> Result<(), Missing> {
    let old = needed("corpus")?.join("debian13-apparmor-4.1");
    let new = tempfile::tempdir().unwrap();
    let copied = Command::new("cp")
        .arg("-rL")
        .arg(&old)
        .arg(new.path())
        .status();
    assert!(copied.unwrap().success());
    let new = new.path().join("debian13-apparmor-4.1");
    let chmod = Command::new("chmod").args(["-R", "u+w"]).arg(&new).status();
    assert!(chmod.unwrap().success());
    let [old, new] = [&old, &new].map(|path| path.to_str().unwrap());
    let laid_out = aalint(&root(), &["fmt", "--isolated", new]);
    let said = text(&laid_out.stdout);
    assert!(
        said.contains(" reformatted, "),
        "{said}{}",
        text(&laid_out.stderr)
    );
    let diff = aalint(
        &root(),
        &["diff", "--isolated", "--format", "json", old, new],
    );
    let diff: serde_json::Value = serde_json::from_slice(&diff.stdout).unwrap();
    let summary = &diff["summary"];
    assert_eq!(summary["equal"], summary["profiles"], "{summary}");
    assert!(summary["equal"].as_u64().unwrap() > 100, "{summary}");
    let again = aalint(&root(), &["fmt", "--isolated", "--check", new]);
    assert_eq!(again.status.code(), Some(0), "{}", text(&again.stdout));
    Ok(())
}
