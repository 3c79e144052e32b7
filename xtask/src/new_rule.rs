//! New rules: a page and code that hold from the beginning, to be changed into what the rule is about.

use std::fs;
use std::path::Path;

use anyhow::{Context, Result, ensure};

use crate::page::{self, next_code};
use crate::{GROUPS, generate, module, read};

const PAGE: &str = include_str!("../template/page.md");
const CODE: &str = include_str!("../template/rule.rs");

/// Sentences of the templates that a finished rule does not have begin so.
const PLACEHOLDER: &str = "ay here ";

/// What a new rule is.
#[derive(Clone, Debug)]
pub struct NewRule {
    /// One of [`GROUPS`].
    pub group: String,
    /// The name of the smell.
    pub name: String,
    /// `error`, `warning`, `info` or `hint`.
    pub severity: String,
    /// `default`, `pedantic`, `audit` or `style`.
    pub level: String,
}

impl NewRule {
    /// The page and the code that the rule begins with.
    #[must_use]
    pub fn texts(&self, code: &str, version: &str) -> (String, String) {
        let filled = |template: &str| {
            template
                .replace("sample-code", code)
                .replace("sample-severity", &self.severity)
                .replace("sample-level", &self.level)
                .replace("sample-version", version)
                .replace("sample-name", &self.name)
        };
        (filled(PAGE), filled(CODE))
    }
}

/// Writes the two files of a new rule and brings the generated files up to date. Returns the paths of all that were written.
///
/// # Errors
///
/// If the rule cannot be: nothing is written then. If a file cannot be read or written.
pub fn write(root: &Path, rule: &NewRule) -> Result<Vec<String>> {
    let NewRule { group, name, .. } = rule;
    let groups: Vec<&str> = GROUPS.iter().map(|(group, _)| *group).collect();
    ensure!(
        groups.contains(&group.as_str()),
        "there is no group `{group}`; the groups are {}",
        groups.join(", ")
    );
    ensure_is_smell(name)?;
    let pages = page::all(root)?;
    if let Some(page) = pages.iter().find(|page| page.name == *name) {
        anyhow::bail!("there is a rule `{name}`: {}", page.path);
    }
    let page_path = format!("rules/{group}/{name}.md");
    let code_path = format!("src/rules/{group}/{}.rs", module(name));
    for path in [&page_path, &code_path] {
        ensure!(!root.join(path).exists(), "{path} exists");
    }
    let (page, code) = rule.texts(&next_code(group, &pages)?, &version(root)?);
    for (path, text) in [(&page_path, page), (&code_path, code)] {
        fs::write(root.join(path), text).with_context(|| format!("writing {path}"))?;
    }
    let mut written = vec![page_path, code_path];
    written.extend(generate::write(root)?);
    Ok(written)
}

/// Names are smells: words with hyphens, as the file system and Rust take them.
fn ensure_is_smell(name: &str) -> Result<()> {
    let words: Vec<&str> = name.split('-').collect();
    let is_word = |word: &&str| {
        word.starts_with(|c: char| c.is_ascii_lowercase())
            && word
                .chars()
                .all(|c| c.is_ascii_lowercase() || c.is_ascii_digit())
    };
    ensure!(
        words.len() >= 2 && words.iter().all(is_word),
        "`{name}` is no name of a rule: write two or more words of small letters, with a hyphen between them, \
         as in `unrestricted-etc`"
    );
    for word in ["check", "no"] {
        ensure!(
            !words.contains(&word),
            "`{name}` is no name of a rule: name what is wrong with a profile, without the word `{word}`"
        );
    }
    Ok(())
}

/// The version of aalint, as its manifest has it.
fn version(root: &Path) -> Result<String> {
    let path = root.join("Cargo.toml");
    let manifest = read(&path)?;
    let version = manifest
        .lines()
        .find_map(|line| line.strip_prefix("version = \"")?.strip_suffix('"'));
    Ok(version
        .with_context(|| format!("{} has no version", path.display()))?
        .to_owned())
}

/// The lines of a rule's files that still are the templates': path, number, text.
///
/// # Errors
///
/// If a file cannot be read.
pub fn unwritten(root: &Path, page: &page::Page) -> Result<Vec<String>> {
    let mut found = Vec::new();
    for path in [page.path.clone(), generate::code_path(page)] {
        for (line, number) in read(&root.join(&path))?.lines().zip(1..) {
            if line.contains(PLACEHOLDER) {
                found.push(format!("{path}:{number}: {}", line.trim()));
            }
        }
    }
    Ok(found)
}
