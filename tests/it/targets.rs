//! Targets, as people name them.

use std::fs;
use std::process::Command;

use crate::common::{self, aalint, directory, text};
use aalint::lang::targets::Target;

#[test]
fn every_target_is_documented() {
    let page = fs::read_to_string(common::root().join("docs/configuration.md")).unwrap();
    for name in Target::names() {
        assert!(page.contains(&format!("`{name}`")), "{name}");
        let target = Target::named(name).unwrap();
        assert!(target.parser.is_some() || target.kernel.is_some(), "{name}");
    }
}

#[test]
fn a_target_that_nobody_knows_is_wrong_usage() {
    let output = Command::new(env!("CARGO_BIN_EXE_aalint"))
        .args(["check", "--isolated", "--target", "debian-21", "."])
        .current_dir(tempfile::tempdir().unwrap().path())
        .output()
        .unwrap();
    assert_eq!(output.status.code(), Some(2));
    let error = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(error.contains("did you mean `debian-12`"), "{error}");
    for name in Target::names() {
        assert!(error.contains(name), "{name}");
    }
}

/// What `query` says of a request for a target, and without one.
fn answers(content: &str, request: &str, target: &str) -> [String; 2] {
    let here = directory(&[("web", content)]);
    let ask = |arguments: &[&str]| {
        let all = [&["query", "--isolated"], arguments, &["web", request]].concat();
        let output = aalint(here.path(), &all);
        let first = text(&output.stdout);
        first
            .split_whitespace()
            .next()
            .unwrap_or_default()
            .to_owned()
    };
    let given = ask(&["--target", target]);
    // The configuration says the same.
    let here = directory(&[
        ("web", content),
        ("aalint.toml", &format!("target = \"{target}\"\n")),
    ]);
    let output = aalint(here.path(), &["query", "web", request]);
    let first = text(&output.stdout);
    assert_eq!(first.split_whitespace().next(), Some(given.as_str()));
    [given, ask(&[])]
}

#[test]
fn a_target_decides_as_its_parser_does() {
    let mmap = "profile web {\n  /bin/* ix,\n  deny /bin/sh x,\n}\n";
    for target in ["debian-12", "debian-13", "3.0", "4.1"] {
        assert_eq!(answers(mmap, "/bin/sh m", target), ["allowed", "unmatched"]);
    }
    for target in ["5.0", "6.0", "linux-6.12"] {
        assert_eq!(
            answers(mmap, "/bin/sh m", target),
            ["unmatched", "unmatched"]
        );
    }
    let denied = mmap.replace("deny /bin/sh x", "deny /bin/sh xm");
    assert_eq!(answers(&denied, "/bin/sh m", "3.0"), ["denied", "denied"]);
    let priority =
        "profile web {\n  deny change_profile -> a,\n  priority=1 change_profile -> a,\n}\n";
    let request = "change_profile -> a";
    assert_eq!(answers(priority, request, "6.0"), ["allowed", "denied"]);
    assert_eq!(answers(priority, request, "5.0"), ["denied", "denied"]);
    let prompt = "profile web {\n  prompt change_profile -> a,\n}\n";
    assert_eq!(answers(prompt, request, "6.0"), ["prompt", "allowed"]);
    let conditional = "$a = true\nprofile web {\n  if $a {\n    signal,\n  }\n}\n";
    let request = "signal (send) set=(term) peer=a";
    assert_eq!(
        answers(conditional, request, "3.0"),
        ["unmatched", "allowed"]
    );
}

#[test]
fn versions_compare_as_the_parser_of_the_target_loads_them() {
    let old = "profile web {\n  deny change_profile -> a,\n  change_profile -> a,\n}\n";
    let new = old.replace("  change_profile", "  priority=1 change_profile");
    let here = directory(&[("old", old), ("new", &new)]);
    let compare = |arguments: &[&str]| {
        let all = [&["diff", "old", "new", "--fail-on", "wider"], arguments].concat();
        aalint(here.path(), &all).status.code()
    };
    assert_eq!(compare(&[]), Some(0));
    assert_eq!(compare(&["--target", "5.0"]), Some(0));
    assert_eq!(compare(&["--target", "6.0"]), Some(1));
    assert_eq!(compare(&["--target", "nothing"]), Some(2));
}
