//! Rule pages: front matter, heading and summary.

use std::path::Path;

use anyhow::{Context, Result, ensure};

use crate::{GROUPS, files, read, stem};

/// The severities that findings have.
pub const SEVERITIES: [&str; 4] = ["error", "warning", "info", "hint"];

/// The levels from which on rules run.
pub const LEVELS: [&str; 4] = ["default", "pedantic", "audit", "style"];

/// A rule page, taken apart.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Page {
    /// The name of the rule, and of the page's file.
    pub name: String,
    /// The folder of the page.
    pub group: String,
    /// Its code, as `AA301`.
    pub code: String,
    /// How bad its findings are.
    pub severity: String,
    /// Who sees its findings.
    pub level: String,
    /// The best edit that it can offer.
    pub fix: Option<String>,
    /// Names and codes that the rule had before.
    pub retired: Vec<String>,
    /// The first version that has the rule.
    pub since: String,
    /// The first sentence, without its period.
    pub summary: String,
    /// The whole page.
    pub text: String,
    /// The page's path from the root of the repository.
    pub path: String,
}

/// All rule pages, by code.
///
/// # Errors
///
/// If one cannot be read, or is no page.
pub fn all(root: &Path) -> Result<Vec<Page>> {
    let mut pages = Vec::new();
    for (group, _) in GROUPS {
        for path in files(&root.join("rules").join(group), "md")? {
            let name = stem(&path)?;
            if name != "README" {
                pages.push(parse(group, &name, read(&path)?)?);
            }
        }
    }
    pages.sort_by(|left, right| left.code.cmp(&right.code));
    Ok(pages)
}

/// Reads the text of the page `rules/GROUP/NAME.md`.
///
/// # Errors
///
/// If the text is no page of that name.
pub fn parse(group: &str, name: &str, text: String) -> Result<Page> {
    let path = format!("rules/{group}/{name}.md");
    let (front, body) = text
        .strip_prefix("---\n")
        .and_then(|rest| rest.split_once("\n---\n"))
        .with_context(|| {
            format!("{path}: the page needs a front matter between two lines `---`")
        })?;
    let value = |key: &str| {
        let prefix = format!("{key}: ");
        front
            .lines()
            .find_map(|line| line.strip_prefix(&prefix))
            .map(str::to_owned)
    };
    let needed =
        |key: &str| value(key).with_context(|| format!("{path}: the front matter has no `{key}`"));
    let mut lines = body.lines().map(str::trim).filter(|line| !line.is_empty());
    let heading = lines.next().unwrap_or_default();
    ensure!(
        heading == format!("# {name}"),
        "{path}: the heading must be `# {name}`, and is `{heading}`"
    );
    let summary = lines
        .next()
        .with_context(|| format!("{path}: the page needs a sentence below its heading"))?;
    let one_of = |key: &str, known: &[&str]| {
        let value = needed(key)?;
        ensure!(
            known.contains(&value.as_str()),
            "{path}: `{key}: {value}` is not one of {}",
            known.join(", ")
        );
        Ok(value)
    };
    ensure!(
        summary.ends_with('.'),
        "{path}: the sentence below the heading must stand on one line and end with a period"
    );
    Ok(Page {
        code: needed("code")?,
        severity: one_of("severity", &SEVERITIES)?,
        level: one_of("level", &LEVELS)?,
        fix: value("fix"),
        retired: value("retired").map_or_else(Vec::new, |list| {
            let old = list.split(',').map(str::trim);
            old.map(str::to_owned).collect()
        }),
        since: needed("since")?,
        name: name.to_owned(),
        group: group.to_owned(),
        summary: summary.trim_end_matches('.').to_owned(),
        path,
        text,
    })
}

/// The next code of a group. The gaps stay free: a code that was used once is never used for another rule.
///
/// # Errors
///
/// If there is no such group, or it has no code left.
pub fn next_code(group: &str, pages: &[Page]) -> Result<String> {
    let (_, prefix) = GROUPS
        .iter()
        .find(|(known, _)| *known == group)
        .with_context(|| format!("there is no group `{group}`"))?;
    let highest = pages
        .iter()
        .filter_map(|page| page.code.strip_prefix(prefix)?.parse::<u32>().ok())
        .max()
        .unwrap_or(0);
    ensure!(highest < 99, "the group `{group}` has no code left");
    Ok(format!("{prefix}{:02}", highest + 1))
}
