//! Reading is total and loses nothing, whatever the text.

use crate::common::laws::{checks, checks_beside, holds};
use crate::common::tokens::TOKENS;
use aalint::policy::Search;
use aalint::session::with_policy;
use aalint::source::{MemoryVfs, Source};
use proptest::prelude::*;

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, ..ProptestConfig::default() })]

    #[test]
    fn random_bytes(bytes in proptest::collection::vec(any::<u8>(), 0..400)) {
        holds(&Source::new("x", bytes).text);
    }

    #[test]
    fn random_text(text in "\\PC{0,200}") {
        holds(&text);
        checks(&text);
        checks_beside(&text);
    }

    #[test]
    fn token_soup(tokens in proptest::collection::vec(proptest::sample::select(TOKENS), 0..120), glue in any::<bool>()) {
        let text = tokens.join(if glue { "" } else { " " });
        holds(&text);
        checks(&text);
    }
}

/// The parser reads classes byte by byte; places are those of whole characters.
#[test]
fn classes_of_characters_of_several_bytes() {
    for class in [
        "[\u{e9}-9]",
        "[0\u{fffd}-9]",
        "[a-z\u{e9}-\u{4e2d}]",
        "[^\u{1f600}-a]",
    ] {
        let text = format!("profile web {{\n  /srv/{class} r,\n}}\n");
        holds(&text);
        checks(&text);
    }
}

// Time is bounded too: what follows would take minutes if anything were quadratic.

#[test]
fn brackets_that_never_close_are_read_in_linear_time() {
    holds(&"{".repeat(100_000));
    holds(&" {\n".repeat(100_000));
    holds(&"}".repeat(100_000));
    holds(&"(".repeat(200_000));
    holds(&"\"".repeat(200_001));
    holds(&",".repeat(200_000));
    checks(&"profile a {\n".repeat(50_000));
    checks(&"if $a {\n".repeat(50_000));
}

#[test]
fn a_rule_that_never_ends_is_read_in_linear_time() {
    holds(&format!(
        "profile a {{\n  /{} r,\n}}\n",
        "a".repeat(4_000_000)
    ));
    holds(&format!("profile a {{ signal {}", "send ".repeat(300_000)));
    holds(&format!(
        "profile a {{ signal ({}",
        "send, ".repeat(300_000)
    ));
}

#[test]
fn lines_without_their_comma_are_read_in_linear_time() {
    checks(&format!("profile a {{\n{}}}\n", "  /a r\n".repeat(100_000)));
    checks(&format!(
        "profile a {{\n{}}}\n",
        "  capability chown\n".repeat(60_000)
    ));
}

/// A profile of 30,000 times the lines, whose `{i}` is a number.
fn numbered(lines: &str) -> String {
    let lines: String = (0..30_000)
        .map(|number| lines.replace("{i}", &number.to_string()))
        .collect();
    format!("profile a {{\n{lines}}}\n")
}

#[test]
fn rules_are_compared_with_each_other_in_linear_time() {
    checks(&numbered("  deny /a{i} w,\n  /b{i} rw,\n"));
    checks(&numbered("  deny capability chown,\n  capability kill,\n"));
    checks(&numbered("  /etc/** rw,\n  /dev/mem rw,\n"));
}

/// Children that are written in their parent or below its name, in front of the parent or behind it, and in each mode.
#[test]
fn children_are_compared_with_their_parents_in_linear_time() {
    for flags in ["", " flags=(enforce)", " flags=(complain)"] {
        let children: String = (0..4_000)
            .map(|number| format!("profile a//c{number}{flags} {{\n}}\n"))
            .collect();
        let parent = "profile a flags=(complain) {\n}\n";
        checks(&format!("{parent}{children}"));
        checks(&format!("{children}{parent}"));
        checks(&children);
        let nested = children.replace("a//", "");
        checks(&format!("profile a flags=(complain) {{\n{nested}}}\n"));
    }
}

#[test]
fn rules_about_buses_and_sockets_are_judged_in_linear_time() {
    checks(&numbered("  dbus,\n  unix,\n"));
}

#[test]
fn rules_are_compared_with_the_one_for_every_file_in_linear_time() {
    checks(&numbered("  ptrace,\n  /a{i} w,\n"));
    checks(&numbered("  capability,\n").replacen("  capa", "  /** rw,\n  capa", 1));
    checks(&numbered("  signal,\n").replacen("  sig", "  file,\n  sig", 1));
}

#[test]
fn comments_are_compared_with_what_they_cover_in_linear_time() {
    checks(&numbered("  /a{i} r, # aalint: ignore(raw-device) x\n"));
    checks(&numbered("  #aa:only x\n  /a{i} r,\n"));
}

#[test]
fn variables_are_read_in_linear_time() {
    let appended: String = (0..30_000)
        .map(|number| format!("@{{V}} += /a{number}\n"))
        .collect();
    checks(&format!("@{{V}} = /a\n{appended}"));
    checks(&format!(
        "{}profile a {{ @{{V9}} r, }}",
        (1..10)
            .map(|n| format!("@{{V{n}}} = {}\n", format!("@{{V{}}} ", n - 1).repeat(30)))
            .collect::<String>()
    ));
    checks(&format!("profile a {{ /{} r, }}", "{a,".repeat(3000)));
}

/// Few values and many are added in different ways.
#[test]
fn a_variable_has_each_value_once_in_the_order_of_lines() {
    for count in [1, 15, 16, 17, 18, 40, 500] {
        let mut vfs = MemoryVfs::default();
        let numbers = (0..count).flat_map(|number| [number, number / 2, 0]);
        let lines: String = numbers
            .map(|number| format!("@{{V}} += /a{number} /b\n"))
            .collect();
        let text = format!("@{{V}} = /b /a0 /b\n{lines}profile web {{\n  @{{V}} r,\n}}\n");
        vfs.insert("web", text.as_str());
        let values = with_policy(
            &vfs,
            &Search::default(),
            &["web".to_owned()],
            &[],
            |policy| {
                let profile = policy.profiles().next().unwrap();
                profile.env.variable("V").unwrap().values.clone()
            },
        );
        let mut expected = vec!["/b".to_owned()];
        expected.extend((0..count).map(|number| format!("/a{number}")));
        assert_eq!(values, expected);
    }
}
