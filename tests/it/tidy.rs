//! The house rules that a machine can check.

use std::fs;
use std::path::{Path, PathBuf};

use crate::common::{directories, files, root};

/// The floor of each module: a module may use those on lower floors, and itself.
const FLOORS: &[(&str, u32)] = &[
    ("source", 0),
    ("lang", 0),
    ("diagnostic", 1),
    ("glob", 1),
    ("syntax", 2),
    ("policy", 3),
    ("access", 4),
    ("analysis", 5),
    ("config", 5),
    ("containers", 5),
    ("lint", 6),
    ("rules", 7),
    ("session", 8),
    ("host", 8),
    ("verify", 9),
    ("report", 10),
    ("cli", 11),
];

fn sources(directory: &Path) -> Vec<PathBuf> {
    let mut found = files(directory, "rs");
    for inner in directories(directory) {
        found.extend(sources(&inner));
    }
    found
}

/// All sources of the library and the program.
fn all_sources() -> Vec<PathBuf> {
    let found = sources(&root().join("src"));
    assert!(found.len() > 300, "only {} files", found.len());
    found
}

/// The module of a file below `src`, if it is on a floor.
fn module(path: &Path) -> Option<String> {
    let below = path.strip_prefix(root().join("src")).unwrap();
    let first = below.components().next()?.as_os_str().to_str()?.to_owned();
    FLOORS
        .iter()
        .any(|(name, _)| *name == first)
        .then_some(first)
}

#[test]
fn imports_point_downwards() {
    let floor = |module: &str| {
        FLOORS
            .iter()
            .find(|(name, _)| *name == module)
            .map(|(_, floor)| *floor)
    };
    let mut wrong = Vec::new();
    for path in all_sources() {
        let Some(own) = module(&path) else { continue };
        let text = fs::read_to_string(&path).unwrap();
        for (number, line) in text.lines().enumerate() {
            for (at, _) in line.match_indices("crate::") {
                let rest = &line[at + 7..];
                let used: String = rest
                    .chars()
                    .take_while(|c| c.is_alphanumeric() || *c == '_')
                    .collect();
                let Some(other) = floor(&used) else { continue };
                if used != own && other >= floor(&own).unwrap() {
                    wrong.push(format!(
                        "{}:{}: {own} uses {used}",
                        path.display(),
                        number + 1
                    ));
                }
            }
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[test]
fn every_module_says_what_it_is() {
    for path in all_sources() {
        let text = fs::read_to_string(&path).unwrap();
        let first = text
            .lines()
            .find(|line| !line.starts_with("// Generated"))
            .unwrap_or_default();
        assert!(
            first.starts_with("//!"),
            "{} begins with `{first}`",
            path.display()
        );
    }
}

#[test]
fn rule_files_are_short() {
    for path in sources(&root().join("src/rules")) {
        if path.file_name().is_some_and(|name| name == "registry.rs") {
            continue;
        }
        let lines = fs::read_to_string(&path).unwrap().lines().count();
        assert!(lines <= 300, "{} has {lines} lines", path.display());
    }
}

#[test]
fn nothing_of_the_workplace_is_named() {
    let words = ["/work/", "crates.io-", "TODO", "FIXME", "XXX:"];
    let mut all = all_sources();
    all.extend(files(&root().join("docs"), "md"));
    for path in all {
        let text = fs::read_to_string(&path).unwrap();
        for word in words {
            assert!(!text.contains(word), "{} contains `{word}`", path.display());
        }
    }
}

/// Both harnesses would pass over a test without a word: the one of `tests/material` what has the attribute, the standard
/// one a file that no other names.
#[test]
fn every_test_is_run() {
    for path in sources(&root().join("tests/material")) {
        let text = fs::read_to_string(&path).unwrap();
        assert!(
            !text.contains("#[test]") && !text.contains("proptest!"),
            "{}: tests in tests/material are listed in its main.rs",
            path.display()
        );
    }
    for program in ["it", "material"] {
        let directory = root().join("tests").join(program);
        let main = fs::read_to_string(directory.join("main.rs")).unwrap();
        for path in files(&directory, "rs") {
            let name = path.file_stem().unwrap().to_str().unwrap();
            assert!(
                name == "main" || main.contains(&format!("\nmod {name};\n")),
                "{} is no module of tests/{program}/main.rs",
                path.display()
            );
        }
    }
}
