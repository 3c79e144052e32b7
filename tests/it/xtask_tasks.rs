//! `cargo xtask`: new rules and generated files, on a copy of what it reads.

use std::fs;
use std::path::Path;

use crate::common::{files_below, root};
use xtask::generate;
use xtask::new_rule::{self, NewRule};
use xtask::page;

/// A copy of the files that the generator reads and writes.
fn copy() -> tempfile::TempDir {
    let copy = tempfile::tempdir().unwrap();
    for part in [
        "rules",
        "src/rules",
        "tests/it/pages",
        "docs/rules.md",
        "Cargo.toml",
    ] {
        let part = root().join(part);
        let paths = if part.is_dir() {
            files_below(&part)
        } else {
            vec![part]
        };
        for path in paths {
            let to = copy.path().join(path.strip_prefix(root()).unwrap());
            fs::create_dir_all(to.parent().unwrap()).unwrap();
            fs::copy(path, to).unwrap();
        }
    }
    copy
}

fn rule(group: &str, name: &str) -> NewRule {
    NewRule {
        group: group.to_owned(),
        name: name.to_owned(),
        severity: "info".to_owned(),
        level: "pedantic".to_owned(),
    }
}

fn read(root: &Path, path: &str) -> String {
    fs::read_to_string(root.join(path)).unwrap()
}

#[test]
fn a_new_rule_is_entered_everywhere_with_the_next_code() {
    let copy = copy();
    let before = page::all(copy.path()).unwrap();
    let code = page::next_code("correctness", &before).unwrap();
    let written = new_rule::write(copy.path(), &rule("correctness", "copied-sample")).unwrap();
    let expected = [
        "rules/correctness/copied-sample.md",
        "src/rules/correctness/copied_sample.rs",
        "src/rules/correctness/mod.rs",
        "src/rules/registry.rs",
        "docs/rules.md",
        "tests/it/pages/list.rs",
    ];
    assert_eq!(written, expected);
    assert!(
        read(copy.path(), "src/rules/correctness/mod.rs").contains("\npub mod copied_sample;\n")
    );
    let registry = read(copy.path(), "src/rules/registry.rs");
    assert!(registry.contains("check: super::correctness::copied_sample::CHECK"));
    assert!(read(copy.path(), "docs/rules.md").contains(&format!("| {code} | [copied-sample]")));
    assert!(
        read(copy.path(), "tests/it/pages/list.rs")
            .contains("copied_sample: \"correctness\" / \"copied-sample\",\n")
    );
    let pages = page::all(copy.path()).unwrap();
    let page = pages.iter().find(|page| page.code == code).unwrap();
    assert_eq!(
        (page.severity.as_str(), page.level.as_str()),
        ("info", "pedantic")
    );
    assert_eq!(page.since, env!("CARGO_PKG_VERSION"));
    // What is left to write is said.
    assert_eq!(new_rule::unwritten(copy.path(), page).unwrap().len(), 5);
    assert!(generate::write(copy.path()).unwrap().is_empty());
}

/// The sample in `rules/README.md` has a code that is free.
#[test]
fn the_sample_of_the_recipe_gets_another_code_when_its_own_is_taken() {
    let copy = copy();
    let before = read(copy.path(), "rules/README.md");
    let written = new_rule::write(copy.path(), &rule("security", "copied-sample")).unwrap();
    assert!(written.contains(&"rules/README.md".to_owned()));
    let taken = page::all(copy.path()).unwrap();
    let taken = &taken
        .iter()
        .find(|page| page.name == "copied-sample")
        .unwrap()
        .code;
    assert!(before.contains(&format!("code: {taken}\n")));
    assert!(!read(copy.path(), "rules/README.md").contains(&format!("code: {taken}\n")));
}

#[test]
fn a_rule_that_cannot_be_is_refused_and_nothing_is_written() {
    let copy = copy();
    let count = files_below(copy.path()).len();
    for (group, name, why) in [
        (
            "sceurity",
            "copied-sample",
            "there is no group `sceurity`; the groups are syntax, ",
        ),
        (
            "security",
            "raw-device",
            "there is a rule `raw-device`: rules/security/raw-device.md",
        ),
        // Names are rules' names in all groups.
        ("syntax", "raw-device", "there is a rule `raw-device`"),
        (
            "correctness",
            "covers",
            "`covers` is no name of a rule: write two or more words",
        ),
        (
            "security",
            "Copied-sample",
            "`Copied-sample` is no name of a rule",
        ),
        ("security", "copied--sample", "`copied--sample` is no name"),
        (
            "security",
            "../copied-sample",
            "`../copied-sample` is no name",
        ),
        ("security", "", "`` is no name"),
        ("security", "no-path", "without the word `no`"),
        ("security", "path-check", "without the word `check`"),
    ] {
        let error = new_rule::write(copy.path(), &rule(group, name)).unwrap_err();
        assert!(
            error.to_string().starts_with(why) || error.to_string().contains(why),
            "{error}"
        );
    }
    fs::write(
        copy.path().join("src/rules/security/copied_sample.rs"),
        "//! Shared.\n",
    )
    .unwrap();
    let error = new_rule::write(copy.path(), &rule("security", "copied-sample")).unwrap_err();
    assert_eq!(
        error.to_string(),
        "src/rules/security/copied_sample.rs exists"
    );
    assert_eq!(files_below(copy.path()).len(), count + 1);
}

#[test]
fn a_page_without_code_is_named() {
    let copy = copy();
    fs::remove_file(copy.path().join("src/rules/security/raw_device.rs")).unwrap();
    let error = generate::write(copy.path()).unwrap_err().to_string();
    assert!(error.starts_with(
        "rules/security/raw-device.md has no code: src/rules/security/raw_device.rs is missing"
    ));
    fs::write(
        copy.path().join("rules/security/allow-all.md"),
        "# allow-all\n",
    )
    .unwrap();
    let error = page::all(copy.path()).unwrap_err().to_string();
    assert!(
        error.starts_with("rules/security/allow-all.md: the page needs a front matter"),
        "{error}"
    );
}

/// Codes of rules that are gone lie below the highest one, and stay free.
#[test]
fn a_gap_between_codes_stays() {
    let pages = page::all(&root()).unwrap();
    let some: Vec<_> = pages
        .iter()
        .filter(|page| page.code != "AA302")
        .cloned()
        .collect();
    assert_eq!(
        page::next_code("security", &some).unwrap(),
        page::next_code("security", &pages).unwrap()
    );
    assert_eq!(page::next_code("performance", &[]).unwrap(), "AA501");
    let full: Vec<_> = some
        .into_iter()
        .take(1)
        .map(|page| page::Page {
            code: "AA599".to_owned(),
            ..page
        })
        .collect();
    assert!(page::next_code("performance", &full).is_err());
}
