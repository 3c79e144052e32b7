//! What findings advise, done.

use std::collections::BTreeMap;

use aalint::diagnostic::{Diagnostic, Level};
use aalint::syntax::{self, ast::Item};

/// How many findings each rule has. What is advised can change the words of another finding: that is not a new one.
pub type Counts = BTreeMap<&'static str, usize>;

pub fn counts(findings: &[Diagnostic]) -> Counts {
    let mut counts = Counts::new();
    for finding in findings {
        *counts.entry(finding.rule.name).or_default() += 1;
    }
    counts
}

/// The rules that have more findings than before, though the finding whose advice was followed does not say so.
pub fn brought(finding: &Diagnostic, before: &Counts, after: &Counts) -> Vec<&'static str> {
    // A rule that is added or mended on purpose can cover one that was there, or say more about the same path.
    const COVERING: [&str; 3] = ["redundant-rule", "ineffective-owner", "mergeable-rules"];
    let count = |counts: &Counts, rule: &str| counts.get(rule).copied().unwrap_or(0);
    let is_of_style = |rule: &str| {
        let mut rules = aalint::rules::all().iter();
        rules.any(|known| known.meta.name == rule && known.meta.level == Level::Style)
    };
    // Advice is about what rules mean. How they are written is for those who want that checked.
    let is_matter_of_style = |new: &str| finding.rule.level != Level::Style && is_of_style(new);
    let is_told = |new: &str| {
        let mut notes = finding.notes.iter();
        notes.any(|note| note.contains(&format!("`{new}`")))
    };
    let more = after.keys().copied();
    more.filter(|new| count(after, new) > count(before, new))
        .filter(|new| !COVERING.contains(new) && !is_told(new) && !is_matter_of_style(new))
        .collect()
}

/// Rules that a help says to add: what stands in code quotes behind "add" or "deny this one: for example", as far as it
/// is rules.
pub fn added(help: &str) -> Vec<String> {
    if let Some((_, example)) = help.split_once("deny this one: for example `") {
        let rule = example.split('`').next().unwrap_or_default();
        return vec![rule.to_owned()];
    }
    let Some(rest) = help.strip_prefix("add `") else {
        return Vec::new();
    };
    let sentence = rest.split(": ").next().unwrap_or_default();
    // Not into this profile, but in front of it or into another one.
    if sentence.contains("in front of") || sentence.contains("` to `") {
        return Vec::new();
    }
    let quoted = sentence.split('`').step_by(2);
    let rules = quoted.filter(|code| code.ends_with(',') || code.starts_with("include <"));
    rules.map(str::to_owned).collect()
}

/// The text with rules at the end of the innermost profile around a place.
pub fn with_rules(text: &str, at: u32, rules: &[String]) -> Option<String> {
    let file = syntax::read(text);
    let mut items = file.ast.items.as_slice();
    let mut end = None;
    while let Some(profile) = items.iter().find_map(|item| match item {
        Item::Profile(profile) if profile.range.start <= at && at < profile.range.end => {
            Some(profile)
        }
        _ => None,
    }) {
        end = Some(profile.range.end as usize - 1);
        items = &profile.items;
    }
    let (before, after) = text.split_at_checked(end?)?;
    let lines: String = rules.iter().map(|rule| format!("  {rule}\n")).collect();
    after
        .starts_with('}')
        .then(|| format!("{before}{lines}{after}"))
}
