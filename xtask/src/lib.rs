//! The generator of the files that are made from rule pages, and of new rules.
//!
//! It is a library so that it exists once: `cargo xtask bless` writes the files, and the tests of aalint compare them with
//! what it would write.

pub mod generate;
pub mod new_rule;
pub mod page;

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};

/// The groups of rules, each with the beginning of its codes. A group is a folder below `rules/` and below `src/rules/`.
pub const GROUPS: &[(&str, &str)] = &[
    ("syntax", "AA1"),
    ("correctness", "AA2"),
    ("security", "AA3"),
    ("container", "AA4"),
    ("performance", "AA5"),
    ("style", "AA6"),
    ("deprecated", "AA7"),
    ("intents", "AA8"),
    ("suppressions", "AA9"),
];

/// The Rust module of a rule.
#[must_use]
pub fn module(name: &str) -> String {
    name.replace('-', "_")
}

/// The files of a folder that have this extension, sorted by name.
///
/// # Errors
///
/// If the folder cannot be read.
pub fn files(folder: &Path, extension: &str) -> Result<Vec<PathBuf>> {
    let mut found = Vec::new();
    let reading = || format!("reading {}", folder.display());
    for entry in fs::read_dir(folder).with_context(reading)? {
        let path = entry.with_context(reading)?.path();
        if path.extension().is_some_and(|found| found == extension) {
            found.push(path);
        }
    }
    found.sort();
    Ok(found)
}

/// A file's text.
///
/// # Errors
///
/// If it cannot be read.
pub fn read(path: &Path) -> Result<String> {
    fs::read_to_string(path).with_context(|| format!("reading {}", path.display()))
}

/// A file's name without its extension.
///
/// # Errors
///
/// If the name is no text.
pub fn stem(path: &Path) -> Result<String> {
    let stem = path.file_stem().and_then(|stem| stem.to_str());
    Ok(stem
        .with_context(|| format!("{} has no readable name", path.display()))?
        .to_owned())
}
