//! Bounds of aalint's own, driven from both sides: up to a bound the answer is exact, beyond it unknown with its reason.

use std::fmt::Write as _;
use std::fs;

use crate::common::{aalint, directory, text};
use aalint::policy::MAX_TEXTS;
use aalint::syntax::MAX_NESTING;

/// What `query` answers about the file `web`.
fn answer(content: &str, request: &str) -> String {
    let here = directory(&[]);
    fs::write(here.path().join("web"), content).unwrap();
    let output = aalint(here.path(), &["query", "--isolated", "web", request]);
    text(&output.stdout)
}

/// A profile with a rule about a variable of `count` texts, which is made of two with slashes that meet.
fn with_texts(count: usize) -> String {
    let mut content = "@{A}=a\n@{B}=".to_owned();
    for number in 0..count {
        let _ = write!(content, "/{number} ");
    }
    content + "\n@{C}=@{A}/@{B}\nprofile web {\n  /h/@{C} r,\n}\n"
}

#[test]
fn texts_of_a_variable() {
    // Where slashes meet, the number of texts decides nothing.
    for count in [255, 256, 257, 300, 4000] {
        let last = format!("/h/a/{} r", count - 1);
        let answer = answer(&with_texts(count), &last);
        assert!(answer.starts_with("allowed"), "{count}: {answer}");
    }
    let beyond = answer(&with_texts(MAX_TEXTS + 1), "/h/a/0 r");
    assert!(beyond.starts_with("unknown"), "{beyond}");
    assert!(beyond.contains("cannot be read"), "{beyond}");
}

#[test]
fn versions_beyond_the_texts_are_not_compared() {
    let here = directory(&[]);
    let compare = |count: usize, new_rule: &str, gate: &[&str]| {
        for (version, rule) in [("old", ""), ("new", new_rule)] {
            let content = with_texts(count).replace("\n}\n", &format!("\n{rule}}}\n"));
            fs::write(here.path().join(version), content).unwrap();
        }
        let output = aalint(here.path(), &[&["diff", "old", "new"], gate].concat());
        (output.status.code(), text(&output.stdout))
    };
    let gate = ["--fail-on", "wider"];
    assert_eq!(compare(300, "", &gate).0, Some(0));
    assert_eq!(compare(300, "  /more w,\n", &gate).0, Some(1));
    for rule in ["", "  /more w,\n"] {
        let (code, shown) = compare(MAX_TEXTS + 1, rule, &[]);
        assert_eq!(code, Some(0), "{shown}");
        assert!(shown.starts_with("unknown"), "{shown}");
        assert_eq!(compare(MAX_TEXTS + 1, rule, &gate).0, Some(2));
    }
}

#[test]
fn promises_beyond_the_texts_are_not_passed_over() {
    let here = directory(&[]);
    let check = |count: usize, promise: &str| {
        let promise = format!("\n  # aalint: assert {promise},\n}}\n");
        let content = with_texts(count).replace("\n}\n", &promise);
        fs::write(here.path().join("web"), content).unwrap();
        let output = aalint(here.path(), &["check", "--isolated", "web"]);
        text(&output.stdout)
    };
    assert!(!check(300, "allow /h/a/5 r").contains("AA801"));
    assert!(check(300, "deny /h/a/5 r").contains("error[AA801]"));
    let beyond = check(MAX_TEXTS + 1, "deny /h/a/5 r");
    assert!(beyond.contains("warning[AA801]"), "{beyond}");
    assert!(beyond.contains("cannot be decided"), "{beyond}");
    // The parser may load it: no error.
    assert!(beyond.contains("warning[AA116]"), "{beyond}");
    assert!(beyond.contains("aalint follows 16384 values"), "{beyond}");
}

#[test]
fn nesting_of_blocks() {
    let nested = |depth: usize| {
        let (open, close) = ("{ ".repeat(depth), " }".repeat(depth));
        format!("profile web {{ {open}/a r,{close} }}\n")
    };
    // The profile is a block of its own.
    let below = answer(&nested(MAX_NESTING - 1), "/a r");
    assert!(below.starts_with("allowed"), "{below}");
    let here = directory(&[]);
    fs::write(here.path().join("web"), nested(MAX_NESTING)).unwrap();
    let output = aalint(here.path(), &["check", "--isolated", "web"]);
    assert_eq!(output.status.code(), Some(1));
    assert!(text(&output.stdout).contains("nested deeper than 256"));
}
