//! What apparmor_parser makes of file rules, against what aalint says of them.
//!
//! A sample is compared on every run; AALINT_ORACLE=full compares everything. See docs/oracles.md.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::time::Duration;

use crate::common::{Missing, needed};
use crate::oracle::case::{Case, by_name};
use crate::oracle::compare::{Disagreement, Sides, Tally, ask};
use crate::oracle::decode;
use crate::oracle::generate;
use crate::oracle::minimise;
use crate::oracle::random::Random;
use crate::oracle::run::{self, Features, Input, Outcome, Parser, Tree};
use crate::oracle::verdict::{
    compile, errors, in_memory, is_same_verdict, kind_of, may_minimise, verdict,
};
use aalint::host::Disk;
use aalint::lang::targets::Version;
use aalint::policy::Search;
use aalint::session::with_policy_of;
use rayon::prelude::*;

/// Longest time for a real profile.
const LIMIT: Duration = Duration::from_secs(120);

/// What a parser is to aalint.
const fn version(is_stable: bool) -> Version {
    if is_stable {
        Version(3, 0)
    } else {
        Version(5, 0)
    }
}

fn is_full() -> bool {
    std::env::var("AALINT_ORACLE").as_deref() == Ok("full")
}

/// A number that may be set from outside: the first one, or the second one in a full run.
fn number(variable: &str, usual: usize, full: usize) -> usize {
    match std::env::var(variable) {
        Ok(text) => text.parse().unwrap(),
        Err(_) if is_full() => full,
        Err(_) => usual,
    }
}

/// The parsers to compare with, and whether each is the older one.
fn parsers() -> Result<Vec<(&'static Parser, bool)>, Missing> {
    let parsers = run::needed()?;
    let both = [(&parsers.newer, false), (&parsers.stable, true)];
    let only = std::env::var("AALINT_ORACLE_PARSER").unwrap_or_default();
    let chosen: Vec<_> = both
        .into_iter()
        .filter(|(parser, _)| parser.version.starts_with(&only))
        .collect();
    assert!(!chosen.is_empty(), "no parser is called {only}");
    Ok(chosen)
}

fn features() -> Result<Features, Missing> {
    let path = needed("conformance/tst/features_files")?;
    Ok(Features::from_file(&path.join("features.all")))
}

/// The profiles of the corpus, by the directory of their includes.
fn corpus() -> Result<(PathBuf, BTreeMap<String, Vec<String>>), Missing> {
    let directory = needed("corpus")?;
    let manifest = std::fs::read(directory.join("manifest.tsv")).unwrap();
    let manifest = String::from_utf8_lossy(&manifest).into_owned();
    let mut by_base: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for line in manifest.lines().skip(1) {
        let columns: Vec<&str> = line.split('\t').collect();
        let of_base = by_base.entry(columns[2].to_owned()).or_default();
        of_base.push(columns[1].to_owned());
    }
    Ok((directory, by_base))
}

pub fn agrees_on_real_profiles() -> Result<(), Missing> {
    let ((directory, by_base), features) = (corpus()?, features()?);
    let step = number("AALINT_ORACLE_STEP", 9, 1);
    let questions = number("AALINT_ORACLE_QUESTIONS", 1500, 5000);
    let mut disagreements = 0;
    for (parser, is_stable) in parsers()? {
        let mut tally = Tally::default();
        for (base, paths) in &by_base {
            let base = directory.join(base);
            let tree = Tree::new(&base);
            let search = Search {
                directories: vec![base.to_string_lossy().into_owned()],
                has_no_base: false,
            };
            let of_path = |path: &String| {
                let full = directory.join(path);
                let text = std::fs::read(&full).unwrap();
                let input = Input {
                    text: &text,
                    base: Some(&tree),
                    features: &features,
                };
                let seed = path.bytes().fold(7, |seed: u64, byte| {
                    seed.wrapping_mul(31).wrapping_add(u64::from(byte))
                });
                let mut case = Case {
                    name: path.clone(),
                    is_stable,
                    questions,
                    random: Random::new(seed),
                    tally: Tally::default(),
                };
                match parser.compile(&input, LIMIT) {
                    Outcome::Compiled(bytes) => {
                        let full = full.to_string_lossy().into_owned();
                        let compiled = decode::decode(&bytes).unwrap();
                        with_policy_of(
                            version(is_stable),
                            &Disk,
                            &search,
                            &[full],
                            &[],
                            |policy| {
                                case.compare(&compiled, policy);
                            },
                        );
                    }
                    Outcome::Refused(message) => {
                        let kind = kind_of(&message);
                        case.tally
                            .leave_out(format!("refused by the parser: {kind}"));
                    }
                    Outcome::TimedOut => {
                        let seconds = LIMIT.as_secs();
                        let reason = format!("takes the parser over {seconds} s: {path}");
                        case.tally.leave_out(reason);
                    }
                }
                case.tally
            };
            let chosen: Vec<&String> = paths.iter().step_by(step).collect();
            let chosen = chosen.into_par_iter().map(of_path);
            tally = tally.add(chosen.reduce(Tally::default, Tally::add));
        }
        tally.print(&format!("real profiles, {}", parser.version));
        let files: usize = by_base
            .values()
            .map(|paths| paths.len().div_ceil(step))
            .sum();
        assert!(
            tally.profiles * 4 > files && tally.allowed > tally.questions / 100,
            "too little was compared: {} profiles of {files} files",
            tally.profiles
        );
        disagreements += tally.disagreement_count;
    }
    assert_eq!(disagreements, 0);
    Ok(())
}

pub fn agrees_on_generated_profiles() -> Result<(), Missing> {
    let features = features()?;
    let count = number("AALINT_ORACLE_PROFILES", 1_500, 12_000);
    let first = number("AALINT_ORACLE_SEED", 1, 1);
    let questions = number("AALINT_ORACLE_QUESTIONS", 500, 500);
    let mut disagreements = 0;
    for (parser, is_stable) in parsers()? {
        let of_seed = |seed: usize| {
            let mut random = Random::new(seed as u64);
            let made = generate::profile(&mut random, !is_stable);
            let mut case = Case {
                name: made.text,
                is_stable,
                questions,
                random,
                tally: Tally::default(),
            };
            compare_generated(parser, &features, &mut case);
            case.tally
        };
        let seeds = (first..first + count).into_par_iter();
        let tally = seeds.map(of_seed).reduce(Tally::default, Tally::add);
        tally.print(&format!("generated profiles, {}", parser.version));
        assert!(tally.profiles > count / 2 && tally.allowed > tally.questions / 20);
        disagreements += tally.disagreement_count;
        if !is_stable {
            disagreements += tally.verdicts.len();
        }
    }
    assert_eq!(disagreements, 0);
    Ok(())
}

fn compare_generated(parser: &Parser, features: &Features, case: &mut Case) {
    let text = case.name.clone();
    let outcome = compile(parser, features, &text);
    let errors = errors(&in_memory(&text));
    if let Outcome::Refused(message) = &outcome {
        case.tally
            .leave_out(format!("refused by the parser: {}", kind_of(message)));
    }
    match outcome {
        Outcome::TimedOut => case.tally.leave_out("takes the parser over 20 s"),
        outcome if !is_same_verdict(&outcome, &errors) => {
            if let Some(why) = known_verdict(&text, &errors) {
                case.tally.leave_out(why);
                return;
            }
            case.tally.leave_out("taken by one side only");
            let verdict = verdict(parser, features, &text);
            case.tally.verdicts.push(verdict);
        }
        Outcome::Refused(_) => {}
        Outcome::Compiled(bytes) => {
            let compiled = decode::decode(&bytes).unwrap();
            let vfs = in_memory(&text);
            with_policy_of(
                version(case.is_stable),
                &vfs,
                &Search::default(),
                &["profile".to_owned()],
                &[],
                |policy| {
                    case.compare(&compiled, policy);
                },
            );
        }
    }
    let is_stable = case.is_stable;
    if let Some(found) = case.tally.disagreements.first_mut()
        && may_minimise()
    {
        let differs =
            |text: &str, question: &[u8]| one(parser, is_stable, features, text, question);
        *found = minimise::minimise(found.clone(), &differs);
    }
    case.tally.disagreements.truncate(1);
}

/// What of a text the parser and aalint judge differently, as is known: not whether a request is
/// allowed, but whether the text is policy at all.
fn known_verdict(text: &str, errors: &[String]) -> Option<&'static str> {
    let mut behind_variables = text
        .split("@{")
        .skip(1)
        .filter_map(|rest| rest.split_once('}'));
    if behind_variables.any(|(_, behind)| behind.starts_with(['?', '+'])) {
        return Some(
            "one side only: a path begins with a variable and `?` or `+`, which 5.0.2 reads as an operator",
        );
    }
    // Refused by aalint for its brackets alone, or by the parser for a class that a wildcard breaks.
    let is_about_brackets =
        errors.iter().all(|error| error == "invalid-glob") && text.contains('[');
    is_about_brackets.then_some(
        "one side only: brackets that the parser balances once it has rewritten the pattern",
    )
}

/// How both answer one question, if they differ.
fn one(
    parser: &Parser,
    is_stable: bool,
    features: &Features,
    text: &str,
    question: &[u8],
) -> Option<Disagreement> {
    let Outcome::Compiled(bytes) = compile(parser, features, text) else {
        return None;
    };
    let compiled = decode::decode(&bytes).ok()?;
    let vfs = in_memory(text);
    let mut tally = Tally::default();
    with_policy_of(
        version(is_stable),
        &vfs,
        &Search::default(),
        &["profile".to_owned()],
        &[],
        |policy| {
            for profile in policy.profiles() {
                if let Some(theirs) = by_name(&compiled, &profile.full_name) {
                    let sides = Sides {
                        name: text,
                        theirs: theirs.files.as_ref(),
                        ours: &policy.effective(profile),
                        is_stable,
                        has_pairs: true,
                    };
                    ask(&sides, &[question.to_vec()], &mut tally);
                }
            }
        },
    );
    tally.disagreements.pop()
}
