//! Patterns that are made to explode end in a finding, and in a bounded number of steps.

use std::fmt::Write as _;

use aalint::access::{Class, SearchBudget};
use aalint::glob::{InputDomain, LazyDfa, Nfa, TooComplex, shortest};
use aalint::policy::Search;
use aalint::session::{self, CommandLine, Input, InputKind, Options, Report, with_policy};
use aalint::source::MemoryVfs;

fn profile(rules: &str) -> MemoryVfs {
    let mut vfs = MemoryVfs::default();
    let text = format!("abi <abi/4.0>,\nprofile p /opt/p {{\n{rules}}}\n");
    vfs.insert("p".to_owned(), text);
    vfs
}

fn search() -> Search {
    Search {
        directories: Vec::new(),
        has_no_base: true,
    }
}

/// What all rules say.
fn check(rules: &str) -> Report {
    let options = Options {
        inputs: vec![Input {
            path: "p".to_owned(),
            kind: InputKind::Policy,
        }],
        search: search(),
        cli: CommandLine {
            pedantic: true,
            audit: true,
            ..CommandLine::default()
        },
        ..Options::default()
    };
    session::check(&profile(rules), &options, aalint::rules::all())
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

/// Shapes of which each alone, and all the more all together, need automata with millions of states.
const SHAPES: &[&str] = &[
    "/**%???????????????????????? r",
    "/**/%[^/][^/][^/][^/][^/][^/][^/][^/][^/][^/][^/][^/][^/][^/][^/]* rw",
    "deny /**%????????????????? w",
    "deny /**%**[^%]**%?????????????? r",
    "/**%*?????????????????? ix",
    "/**%?????????????????? px",
    "owner /**%?????????????????*** rwk",
];

#[test]
fn one_pattern_that_doubles_with_each_wildcard() {
    let report = check("  /srv/**a?????????????????????????????? r,\n");
    assert!(has(&report, "state-explosion"));
}

#[test]
fn many_such_patterns_in_rules_of_all_kinds() {
    let report = check(&rules(SHAPES));
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
    assert!(has(&report, "state-explosion"));
}

#[test]
fn a_search_takes_no_more_steps_than_it_may() {
    let nfas = [
        "/**a????????????????????????",
        "/**b????????????????????????",
    ]
    .map(|pattern| Nfa::path(pattern).unwrap());
    let nowhere = Nfa::path("/**c????????????????????????d").unwrap();
    let all = vec![&nowhere, &nfas[0], &nfas[1]];
    for most in [0, 1_000, 100_000] {
        let mut automaton = LazyDfa::new(all.clone(), usize::MAX).within(most);
        let before = automaton.steps_left();
        let found = shortest(
            &mut automaton,
            InputDomain::Paths,
            1,
            |_, _| true,
            |_| false,
        );
        assert_eq!(found, Err(TooComplex));
        assert!(before <= most, "{before} of {most}");
        // Each state that was made cost at least one step.
        assert!(automaton.size() as u64 <= most + 2, "{most}");
    }
}

/// However many questions are asked, they share what may be spent on a profile.
#[test]
fn all_searches_together_take_no_more_steps_than_they_may() {
    let vfs = profile(&rules(SHAPES));
    with_policy(&vfs, &search(), &["p".to_owned()], &[], |policy| {
        let profile = policy.profiles().next().unwrap();
        let mut effective = policy.effective(profile);
        effective.budget = SearchBudget::limited(100_000);
        let mut given_up = 0;
        for entry in effective.entries(Class::File) {
            let wanted = [&*entry.entry.nfa];
            let before = effective.budget.left();
            let found = effective.find(Class::File, &wanted, InputDomain::Paths, |_, _| false);
            given_up += usize::from(found.is_err());
            assert!(
                before > 0 || found.is_err(),
                "nothing is left, and it went on"
            );
        }
        assert!(given_up > 100, "{given_up}");
        // Not even one more search could be paid.
        let first = effective.entries(Class::File).next().unwrap();
        let wanted = [&*first.entry.nfa];
        let found = effective.find(Class::File, &wanted, InputDomain::Paths, |_, _| false);
        assert!(found.is_err());
    });
}
