//! Texts changed by chance, token by token: aalint finds an error (AA1xx) in those that apparmor_parser 5.0.2 refuses, and
//! in no others.
//!
//! The texts are AppArmor's own parser tests and pieces of real profiles. A sample is compared on every run;
//! AALINT_ORACLE=full compares 100,000.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicUsize, Ordering};

use crate::common::grammar::{INCLUDES, texts};
use crate::common::{Missing, needed};
use crate::oracle::grammar::judge::Judge;
use crate::oracle::grammar::kinds;
use crate::oracle::grammar::make;
use crate::oracle::grammar::material::Material;
use crate::oracle::grammar::mutate;
use crate::oracle::grammar::shrink::Difference;
use crate::oracle::run::{self, Features, Tree};
use rayon::prelude::*;

/// How many texts one process of the parser is given.
const BATCH: u64 = 250;
/// One text in this many is made from the slots of the rules; the others are changed ones.
const MADE_IN: u64 = 4;
/// How many differences of a group are shown.
const SHOWN: usize = 2;

fn number(variable: &str, usual: u64, full: u64) -> u64 {
    match std::env::var(variable) {
        Ok(text) => text.parse().unwrap(),
        Err(_) if std::env::var("AALINT_ORACLE").as_deref() == Ok("full") => full,
        Err(_) => usual,
    }
}

/// The features of the newest kernel that the parser knows: what a kernel does not mediate is not compiled, and so what is
/// wrong with a pattern of it does not show.
pub fn newest_features() -> Features {
    Features::from_file(&run::directory().join("unstable/etc/apparmor.d/abi/5.0"))
}

/// What the parser says of the small texts of `tests/common/grammar.rs`.
pub fn the_parser_judges_each_kind_as_the_table_says() -> Result<(), Missing> {
    let parsers = run::needed()?;
    let base = tempfile::tempdir().unwrap();
    for (path, content) in INCLUDES {
        let path = base.path().join(path);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, content).unwrap();
    }
    let judge = Judge {
        parser: &parsers.newer,
        base: &Tree::new(base.path()),
        directory: base.path(),
        features: &newest_features(),
    };
    let (texts, expected): (Vec<String>, Vec<bool>) = texts().into_iter().unzip();
    let verdicts = judge.verdicts_uncached(&texts);
    let wrong: Vec<&String> = texts
        .iter()
        .zip(expected)
        .zip(verdicts)
        .filter(|((_, is_taken), verdict)| *verdict != Some(*is_taken))
        .map(|((text, _), _)| text)
        .collect();
    assert!(wrong.is_empty(), "{wrong:#?}");
    Ok(())
}

pub fn what_the_parser_refuses_and_nothing_else_has_an_error() -> Result<(), Missing> {
    let (parsers, conformance, corpus) =
        (run::needed()?, needed("conformance")?, needed("corpus")?);
    let directory = conformance.join("tst/simple_tests").canonicalize().unwrap();
    let mut material = Material::read(&directory, &corpus);
    assert!(
        material.written.len() > 1000
            && material.generated.len() > 1000
            && material.real.len() > 1000
    );
    let base = Tree::new(&directory);
    let features = newest_features();
    let judge = Judge {
        parser: &parsers.newer,
        base: &base,
        directory: &directory,
        features: &features,
    };
    material.keep(|texts| taken(&judge, texts));
    let (first, count) = (
        number("AALINT_ORACLE_SEED", 1, 1),
        number("AALINT_ORACLE_TEXTS", 6_000, 100_000),
    );
    let starts: Vec<u64> = (first..first + count)
        .step_by(usize::try_from(BATCH).unwrap())
        .collect();
    let (refused, unanswered) = (AtomicUsize::new(0), AtomicUsize::new(0));
    let found: Vec<Difference> = starts
        .par_iter()
        .flat_map_iter(|start| {
            let numbers: Vec<u64> = (*start..(start + BATCH).min(first + count)).collect();
            let texts: Vec<String> = numbers
                .iter()
                .map(|number| match number % MADE_IN {
                    0 => make::text(*number),
                    _ => mutate::text(&material, *number),
                })
                .collect();
            let verdicts = judge.verdicts(&texts);
            let mut found = Vec::new();
            for ((number, text), is_taken) in numbers.iter().zip(&texts).zip(verdicts) {
                let Some(is_taken) = is_taken else {
                    unanswered.fetch_add(1, Ordering::Relaxed);
                    continue;
                };
                refused.fetch_add(usize::from(!is_taken), Ordering::Relaxed);
                if judge.aalint(text).is_none() != is_taken {
                    found.extend(Difference::of(&judge, *number, text));
                }
            }
            found
        })
        .collect();
    report(
        &judge,
        found,
        count,
        refused.into_inner(),
        unanswered.into_inner(),
    );
    Ok(())
}

/// Whether the parser takes each text.
fn taken(judge: &Judge<'_>, texts: &[String]) -> Vec<bool> {
    let verdicts = texts
        .par_chunks(usize::try_from(BATCH).unwrap())
        .flat_map_iter(|texts| judge.verdicts(texts));
    verdicts.map(|verdict| verdict == Some(true)).collect()
}

/// Says what was found; fails if a difference is of no known kind.
fn report(
    judge: &Judge<'_>,
    found: Vec<Difference>,
    count: u64,
    refused: usize,
    unanswered: usize,
) {
    let mut known: BTreeMap<&str, usize> = BTreeMap::new();
    let mut groups: BTreeMap<String, Vec<Difference>> = BTreeMap::new();
    let all = found.len();
    for difference in found {
        match kinds::kind(&difference) {
            Some(kind) => *known.entry(kind.name).or_default() += 1,
            None => groups
                .entry(difference.group())
                .or_default()
                .push(difference),
        }
    }
    println!(
        "grammar: {count} texts, {refused} refused by the parser, {unanswered} without an answer, {all} differences"
    );
    for (name, count) in &known {
        let reason = kinds::KINDS
            .iter()
            .find(|kind| kind.name == *name)
            .map_or("", |kind| kind.reason);
        println!("grammar: {count} known: {name}: {reason}");
    }
    let mut groups: Vec<(String, Vec<Difference>)> = groups.into_iter().collect();
    groups.sort_by_key(|(_, found)| std::cmp::Reverse(found.len()));
    for (group, found) in &groups {
        println!(
            "{} times: {group}: {}: {:?}",
            found.len(),
            found[0].number,
            found[0].text
        );
    }
    let shown: Vec<String> = groups
        .par_iter()
        .map(|(group, found)| {
            let mut text = format!("{} times: {group}\n", found.len());
            let mut smallest = found.iter().collect::<Vec<_>>();
            smallest.sort_by_key(|difference| difference.text.len());
            for difference in smallest.iter().take(SHOWN) {
                let small = difference.smaller(judge);
                text += &format!("  {}: {:?}\n", small.number, small.text);
            }
            text
        })
        .collect();
    for text in &shown {
        println!("{text}");
    }
    let unknown: usize = groups.iter().map(|(_, found)| found.len()).sum();
    assert_eq!(unknown, 0, "differences of {} unknown kinds", groups.len());
}
