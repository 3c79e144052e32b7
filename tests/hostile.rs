//! Patterns that are made to explode end in a finding, soon, and in bounded memory.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::print_stderr,
    clippy::disallowed_methods,
    unreachable_pub,
    reason = "a test may fail loudly, and says what it measured"
)]

use std::fmt::Write as _;
use std::time::{Duration, Instant};

use aalint::policy::Search;
use aalint::session::{self, CommandLine, Input, InputKind, Options, Report};
use aalint::source::MemoryVfs;

/// An optimised build takes a few tenths of a second; tests are slower, and machines are busy.
const MOST: Duration = Duration::from_secs(15);

fn check(rules: &str) -> Report {
    let mut vfs = MemoryVfs::default();
    let text = format!("abi <abi/4.0>,\nprofile p /opt/p {{\n{rules}}}\n");
    vfs.insert("p".to_owned(), text);
    let options = Options {
        inputs: vec![Input {
            path: "p".to_owned(),
            kind: InputKind::Policy,
        }],
        search: Search {
            directories: Vec::new(),
            has_no_base: true,
        },
        cli: CommandLine {
            pedantic: true,
            audit: true,
            ..CommandLine::default()
        },
        ..Options::default()
    };
    let start = Instant::now();
    let report = session::check(&vfs, &options, aalint::rules::all());
    let took = start.elapsed();
    eprintln!("{} rules: {took:?}", rules.lines().count());
    assert!(took < MOST, "{took:?}");
    report
}

fn has(report: &Report, name: &str) -> bool {
    report
        .findings
        .iter()
        .any(|finding| finding.rule.name == name)
}

/// A rule for each letter in each of the shapes.
fn rules(shapes: &[&str]) -> String {
    let mut text = String::new();
    for shape in shapes {
        for letter in 'a'..='z' {
            let rule = shape.replace('%', &letter.to_string());
            writeln!(text, "  {rule},").unwrap();
        }
    }
    text
}

#[test]
fn one_pattern_that_doubles_with_each_wildcard() {
    let report = check("  /srv/**a?????????????????????????????? r,\n");
    assert!(has(&report, "state-explosion"));
}

#[test]
fn many_such_patterns_in_rules_of_all_kinds() {
    let report = check(&rules(&[
        "/**%???????????????????????? r",
        "/**/%[^/][^/][^/][^/][^/][^/][^/][^/][^/][^/][^/][^/][^/][^/][^/]* rw",
        "deny /**%????????????????? w",
        "deny /**%**[^%]**%?????????????? r",
        "/**%*?????????????????? ix",
        "/**%?????????????????? px",
        "owner /**%?????????????????*** rwk",
    ]));
    assert!(has(&report, "state-explosion"));
}

#[test]
fn many_searches_in_one_place() {
    // These the parser puts together; it takes 0.2 s.
    let report = check(&rules(&["/**%/** r", "/**/%*/** rw", "deny /**%%** w"]));
    assert!(!has(&report, "state-explosion"));
    let report = check(&rules(&["/**/%/**/%% r"]));
    assert!(has(&report, "state-explosion"));
}

#[test]
fn ladders_without_end() {
    let ladder = "[^a]".repeat(60);
    let report = check(&rules(&[
        &format!("deny /**%{ladder}** w"),
        &format!("deny /srv/{ladder}%** w"),
        "/** rw",
    ]));
    assert!(has(&report, "incomplete-complement"));
}
