//! AppArmor's own test of semantic equality: pairs of policies that compile to the same, or not.

use std::collections::BTreeMap;
use std::fs;

use crate::common::{Missing, needed};
use aalint::access::{CompiledImage, Detail, is_same_policy};
use aalint::glob::InputDomain;
use aalint::lang::targets::Version;
use aalint::policy::Search;
use aalint::session::with_policy_of;
use aalint::source::MemoryVfs;
use rayon::prelude::*;
use serde::Deserialize;

/// One case.
#[derive(Deserialize)]
struct Case {
    r#type: String,
    known: String,
    /// Each must compile to the same as `known`, or to something else.
    tests: Vec<String>,
}

/// Cases that come out otherwise, by known and tested text, and why.
const EXCEPTIONS: &[(&str, &str, &str)] = &[];

pub fn equality() -> Result<(), Missing> {
    let text = fs::read_to_string(needed("conformance")?.join("equality.jsonl")).unwrap();
    let cases: Vec<Case> = text
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    let wrong: Vec<(usize, String)> = cases
        .par_iter()
        .enumerate()
        .flat_map_iter(|(number, case)| {
            let known = images(&case.known);
            let check = |test: &String| check(case, &known, test).err();
            let wrong: Vec<String> = case.tests.iter().filter_map(check).collect();
            wrong.into_iter().map(move |why| (number, why))
        })
        .collect();
    let mut kinds: BTreeMap<String, Vec<&str>> = BTreeMap::new();
    for (number, why) in &wrong {
        kinds.entry(kind(&cases[*number])).or_default().push(why);
    }
    for (kind, all) in &kinds {
        println!("{} wrong of kind {kind}, for example", all.len());
        all.iter().take(5).for_each(|why| println!("    {why}"));
    }
    let pairs: usize = cases.iter().map(|case| case.tests.len()).sum();
    let mut numbers: Vec<usize> = wrong.iter().map(|(number, _)| *number).collect();
    numbers.dedup();
    println!(
        "{} of {} cases, {} of {pairs} pairs are right",
        cases.len() - numbers.len(),
        cases.len(),
        pairs - wrong.len(),
    );
    assert!(pairs > 14_000, "only {pairs} pairs");
    assert_eq!(wrong.len(), 0, "see above");
    Ok(())
}

fn check(
    case: &Case,
    known: &Result<Vec<CompiledImage>, String>,
    test: &str,
) -> Result<(), String> {
    let expected = case.r#type == "equality";
    let is_exception = EXCEPTIONS
        .iter()
        .any(|(known, tested, _)| *known == case.known && *tested == test);
    let same = is_same(known, test);
    if same == Ok(expected != is_exception) {
        return Ok(());
    }
    let squeeze = |text: &str| text.split_whitespace().collect::<Vec<_>>().join(" ");
    Err(format!(
        "{}: `{}` and `{}`: {same:?}",
        case.r#type,
        squeeze(&case.known),
        squeeze(test)
    ))
}

fn is_same(known: &Result<Vec<CompiledImage>, String>, test: &str) -> Result<bool, String> {
    let known = known.as_ref().map_err(Clone::clone)?;
    is_same_policy(known, &images(test)?, InputDomain::Bytes, Detail::Exact)
        .map_err(|_| "too complex".to_owned())
}

/// What a policy compiles to; all of it must be readable.
fn images(text: &str) -> Result<Vec<CompiledImage>, String> {
    let mut vfs = MemoryVfs::default();
    vfs.insert("policy".to_owned(), text.to_owned());
    // The cases are those of 6.0, which keeps modes and priorities in blocks; 5.0 replaces them.
    with_policy_of(
        Version(6, 0),
        &vfs,
        &Search::default(),
        &["policy".to_owned()],
        &[],
        |policy| {
            let images = policy.images();
            let mut parts = images.iter().flat_map(|image| &image.effective.parts);
            if images.is_empty() || parts.any(|part| !part.rules.unreadable.is_empty()) {
                return Err("unreadable".to_owned());
            }
            Ok(images)
        },
    )
}

/// The keywords of the rules.
fn kind(case: &Case) -> String {
    let words = [
        "capability",
        "mount",
        "remount",
        "umount",
        "pivot_root",
        "network",
        "unix",
        "signal",
        "ptrace",
        "dbus",
        "mqueue",
        "userns",
        "io_uring",
        "change_profile",
        "rlimit",
        "link",
        "alias",
        "xattrs",
        "flags",
        "all",
    ];
    let text = format!("{} {}", case.known, case.tests.join(" "));
    let found: Vec<&str> = words
        .into_iter()
        .filter(|word| {
            text.split(|c: char| !c.is_ascii_alphanumeric() && c != '_')
                .any(|part| part == *word)
        })
        .collect();
    let rules = if found.is_empty() {
        "file".to_owned()
    } else {
        found.join(", ")
    };
    format!("{} ({rules})", case.r#type)
}
