//! Texts that are plainly no policy: programs, Dockerfiles, JSON, YAML.
//!
//! Two things must meet: the text begins as one of these does, and nothing in it is a statement of AppArmor's.

use super::ast::Item;
use super::fault::Fault;
use crate::source::TextRange;

/// What a text is instead of policy. `None` if it could be policy: a profile with mistakes is one all the same.
pub(super) fn foreign(text: &str, items: &[Item], faults: &[Fault]) -> Option<&'static str> {
    let what = beginning(text)?;
    let is_sound = |range: TextRange| {
        let first = faults.partition_point(|fault| fault.range.start < range.start);
        let next = faults.get(first);
        next.is_none_or(|fault| fault.range.start > range.end)
    };
    let is_policy = |item: &Item| match item {
        Item::Profile(profile) => {
            let header = slice(text, profile.header);
            ["/", "\"/", "@{", "\"@{", "\":", ":"]
                .iter()
                .any(|start| header.starts_with(start))
                || header.starts_with("profile")
                || is_sound(item.range())
        }
        Item::Include(include) => slice(text, include.written).starts_with('<'),
        Item::Intent(_) => true,
        other => is_sound(other.range()),
    };
    (!items.iter().any(is_policy)).then_some(what)
}

fn slice(text: &str, range: TextRange) -> &str {
    text.get(range.start as usize..range.end as usize)
        .unwrap_or_default()
}

/// What the first words of a text tell.
fn beginning(text: &str) -> Option<&'static str> {
    if text.starts_with("\u{7f}ELF") {
        return Some("a program in machine code");
    }
    let first = text.lines().next().unwrap_or_default();
    if first.starts_with("#!") {
        return (!first.contains("apparmor")).then_some("a script with an interpreter line");
    }
    let is_told = |line: &&str| !line.trim().is_empty() && !line.trim_start().starts_with('#');
    let line = text.lines().find(is_told)?;
    let start = line.trim_start();
    if start.starts_with(['{', '[']) {
        let inner = text.trim_start().get(1..).unwrap_or_default().trim_start();
        // A block of rules may begin with a path in quotes, but no colon follows that.
        let key = inner
            .strip_prefix('"')
            .and_then(|rest| rest.split_once('"'));
        let has_key = key.is_some_and(|(_, rest)| rest.trim_start().starts_with(':'));
        let is_json = match start.starts_with('{') {
            true => has_key,
            false => inner.starts_with(['"', '{', '[']),
        };
        return (is_json && text.trim_end().ends_with(['}', ']'])).then_some("JSON");
    }
    let mut words = line.split_whitespace();
    match (words.next()?, words.next(), words.next()) {
        ("FROM", Some(_), _) => Some("a Dockerfile"),
        ("ARG", Some(_), None) if text.lines().any(|line| line.starts_with("FROM ")) => {
            Some("a Dockerfile")
        }
        ("import", Some(name), _) if is_name(name) => Some("a Python program"),
        ("from", Some(name), Some("import")) if is_name(name) => Some("a Python program"),
        ("---", None, _) => Some("YAML"),
        (key, ..) if is_key(key) && text.lines().filter(is_told).all(is_yaml_line) => Some("YAML"),
        _ => None,
    }
}

fn is_name(word: &str) -> bool {
    let is_part = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '.' | ',');
    word.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_') && word.chars().all(is_part)
}

/// `services:`
fn is_key(word: &str) -> bool {
    let name = word.strip_suffix(':');
    name.is_some_and(|name| {
        !name.is_empty()
            && name
                .chars()
                .all(|c| c.is_ascii_alphanumeric() || matches!(c, '_' | '-'))
    })
}

/// Whether a line can be one of a YAML document, and not the end of a rule.
fn is_yaml_line(line: &str) -> bool {
    !line.trim_end().ends_with(',') && !line.trim_end().ends_with('{')
}
