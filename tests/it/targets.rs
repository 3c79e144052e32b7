//! Targets, as people name them.

use std::fs;
use std::process::Command;

use crate::common;
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
