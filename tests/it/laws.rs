//! The laws of `tests/common/laws.rs` on profiles that are part of the repository; `tests/material` has them on real ones.
//!
//! `fixtures/laws/sound` loads, `fixtures/laws/broken` does not, and `fixtures/laws/base` is what both include.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use crate::common::laws::{checks, checks_beside, holds};
use crate::common::mutations::mutated;
use crate::common::{aalint, files_below, root, text};
use aalint::source::Source;
use aalint::syntax;
use aalint::syntax::ast::{Body, Expression, Item, ProfileForm};
use proptest::test_runner::{RngAlgorithm, TestRng};

/// The files of a part, each with its path in `fixtures/laws` and its text as aalint reads it.
fn profiles(part: &str) -> Vec<(String, String)> {
    let laws = root().join("fixtures/laws");
    let found: Vec<(String, String)> = files_below(&laws.join(part))
        .into_iter()
        .map(|path| {
            let name = path
                .strip_prefix(&laws)
                .unwrap()
                .to_str()
                .unwrap()
                .to_owned();
            let text = Source::new(&name, fs::read(&path).unwrap())
                .text
                .to_string();
            (name, text)
        })
        .collect();
    assert!(found.len() >= 10, "{part}: {} files", found.len());
    found
}

/// All files, included ones as well.
fn all() -> Vec<(String, String)> {
    [profiles("sound"), profiles("broken"), profiles("base")].concat()
}

#[test]
fn laws_hold_on_own_profiles() {
    for (name, text) in all() {
        println!("{name}");
        holds(&text);
        checks(&text);
        checks_beside(&text);
    }
}

#[test]
fn laws_hold_on_own_profiles_that_were_changed_by_chance() {
    let mut random = TestRng::deterministic_rng(RngAlgorithm::ChaCha);
    for (name, text) in all() {
        for _ in 0..40 {
            let mutated = mutated(&text, &mut random);
            println!("{name}:\n{mutated}");
            holds(&mutated);
            checks(&mutated);
        }
    }
}

/// Without this the laws could hold because nothing is there.
#[test]
fn own_profiles_have_items_of_all_kinds() {
    let mut seen = BTreeSet::new();
    for (_, text) in all() {
        kinds(&syntax::read(&text).ast.items, &mut seen);
    }
    let expected = [
        "abi",
        "alias",
        "all",
        "and",
        "block",
        "boolean",
        "capability",
        "change_profile",
        "compare",
        "conditional",
        "dbus",
        "defined",
        "file",
        "file,",
        "hat",
        "hat ^",
        "include",
        "io_uring",
        "link",
        "literal",
        "mount",
        "mqueue",
        "network",
        "not",
        "or",
        "path profile",
        "pivot_root",
        "profile",
        "ptrace",
        "remount",
        "rlimit",
        "signal",
        "umount",
        "unix",
        "unreadable",
        "unreadable condition",
        "userns",
        "variable",
        "variable ?=",
        "variable +=",
        "$boolean",
    ];
    let missing: Vec<&str> = expected
        .into_iter()
        .filter(|kind| !seen.contains(kind))
        .collect();
    assert!(
        missing.is_empty(),
        "no profile in fixtures/laws has {missing:?}"
    );
    let unknown: Vec<&&str> = seen
        .iter()
        .filter(|kind| !expected.contains(kind))
        .collect();
    assert!(unknown.is_empty(), "{unknown:?}");
}

/// The kinds of items, by words of ours. A new kind does not compile until it has one, and then needs a profile.
fn kinds(items: &[Item], seen: &mut BTreeSet<&'static str>) {
    use aalint::syntax::ast::AssignOperator;
    for item in items {
        let (kind, inner): (&str, &[Item]) = match item {
            Item::Include(_) => ("include", &[]),
            Item::Abi(_) => ("abi", &[]),
            Item::Alias(_) => ("alias", &[]),
            Item::Variable(variable) => (
                match variable.operator {
                    AssignOperator::Set | AssignOperator::Override => "variable",
                    AssignOperator::Add => "variable +=",
                    AssignOperator::Default => "variable ?=",
                },
                &[],
            ),
            Item::Boolean(boolean) => {
                boolean
                    .value
                    .iter()
                    .for_each(|value| condition(value, seen));
                ("boolean", &[])
            }
            Item::Profile(profile) => (
                match profile.form {
                    ProfileForm::Path => "path profile",
                    ProfileForm::Keyword => "profile",
                    ProfileForm::Hat => "hat",
                    ProfileForm::Caret => "hat ^",
                },
                &profile.items,
            ),
            // Intents are no policy.
            Item::Intent(_) => continue,
            Item::Block(block) => ("block", &block.items),
            Item::Conditional(conditional) => {
                for branch in &conditional.branches {
                    branch
                        .condition
                        .iter()
                        .for_each(|value| condition(value, seen));
                    kinds(&branch.items, seen);
                }
                ("conditional", &[])
            }
            Item::Rule(rule) => (body(&rule.body), &[]),
        };
        seen.insert(kind);
        kinds(inner, seen);
    }
}

fn condition(expression: &Expression, seen: &mut BTreeSet<&'static str>) {
    let kind = match expression {
        Expression::Or(left, right) | Expression::And(left, right) => {
            condition(left, seen);
            condition(right, seen);
            if matches!(expression, Expression::Or(..)) {
                "or"
            } else {
                "and"
            }
        }
        Expression::Not(inner) => {
            condition(inner, seen);
            "not"
        }
        Expression::Boolean(_) => "$boolean",
        Expression::Defined(_) => "defined",
        Expression::Compare(..) => "compare",
        Expression::Literal(_) => "literal",
        Expression::Unreadable(_) => "unreadable condition",
        // The property tests make such.
        Expression::TooLong(_) => return,
    };
    seen.insert(kind);
}

fn body(body: &Body) -> &'static str {
    match body {
        Body::File(_) => "file",
        Body::AllFiles => "file,",
        Body::Link(_) => "link",
        Body::Capability(_) => "capability",
        Body::Network(_) => "network",
        Body::Mount(_) => "mount",
        Body::Remount(_) => "remount",
        Body::Umount(_) => "umount",
        Body::PivotRoot(_) => "pivot_root",
        Body::Signal(_) => "signal",
        Body::Ptrace(_) => "ptrace",
        Body::Unix(_) => "unix",
        Body::Dbus(_) => "dbus",
        Body::Mqueue(_) => "mqueue",
        Body::Userns(_) => "userns",
        Body::IoUring(_) => "io_uring",
        Body::ChangeProfile(_) => "change_profile",
        Body::Rlimit(_) => "rlimit",
        Body::All => "all",
        Body::Unreadable => "unreadable",
    }
}

/// The exit code and the output of a check with all rules.
fn check(arguments: &[&str]) -> (Option<i32>, String) {
    let mut all = vec!["check", "--isolated", "--base", "base"];
    all.extend(arguments);
    let output = aalint(&root().join("fixtures/laws"), &all);
    (output.status.code(), text(&output.stdout))
}

#[test]
fn own_profiles_are_sound_or_broken_as_their_folder_says() {
    for (part, expected) in [("sound", Some(0)), ("broken", Some(1))] {
        for (name, _) in profiles(part) {
            let (code, said) = check(&[
                "--select",
                "AA1",
                "--fail-on",
                "error",
                "--target",
                "5.0",
                &name,
            ]);
            assert_eq!(code, expected, "{name}: {said}");
        }
    }
}

#[test]
fn own_profiles_give_the_same_bytes_at_any_number_of_threads() {
    let run = |threads: &str| {
        std::process::Command::new(env!("CARGO_BIN_EXE_aalint"))
            .args([
                "check",
                "--isolated",
                "--base",
                "base",
                "--pedantic",
                "--audit",
                "--format",
                "json",
                "sound",
                "broken",
            ])
            .current_dir(root().join("fixtures/laws"))
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
}

/// The order in which files are named changes nothing either, nor whether a file is alone: what is found in it is found.
#[test]
fn own_profiles_are_judged_alone_as_they_are_together() {
    let errors = |said: &str, name: &str| -> BTreeSet<String> {
        let lines = said
            .lines()
            .filter(|line| line.starts_with(&format!("{name}:")));
        lines.map(str::to_owned).collect()
    };
    let only = ["--select", "AA1", "--format", "concise"];
    let (_, together) = check(&[&only[..], &["broken", "sound"]].concat());
    let (_, other_way) = check(&[&only[..], &["sound", "broken"]].concat());
    assert_eq!(together, other_way);
    for (name, _) in [profiles("sound"), profiles("broken")].concat() {
        let (_, alone) = check(&[&only[..], &[name.as_str()]].concat());
        assert_eq!(errors(&alone, &name), errors(&together, &name), "{name}");
    }
}

/// git must not change what a case is about.
#[test]
fn odd_bytes_are_still_there() {
    let read = |path: &str| fs::read(root().join("fixtures/laws").join(Path::new(path))).unwrap();
    assert!(
        read("sound/formatting/crlf")
            .windows(2)
            .any(|pair| pair == b"\r\n")
    );
    assert!(read("broken/not-utf8").contains(&0xff));
    assert!(read("broken/bom").starts_with(b"\xef\xbb\xbf"));
    assert!(read("broken/nul").contains(&0));
    assert!(!read("sound/one-line").ends_with(b"\n"));
    assert!(read("sound/formatting/empty").is_empty());
}
