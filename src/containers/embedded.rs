//! Policy in Kubernetes objects: in a `ConfigMap`, and in an `AppArmorProfile` of the Security Profiles Operator.

use std::rc::Rc;

use rustc_hash::FxHashSet;
use saphyr_parser::ScalarStyle;

use super::yaml::{YamlNode, YamlValue, documents};
use crate::source::{FileId, TextRange};

/// A text in an object that may be policy.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct EmbeddedPolicy {
    /// What holds it: ``key `web` ``.
    pub what: String,
    /// Where it is.
    pub place: TextRange,
    /// What the cluster gets.
    pub kind: EmbeddedKind,
}

/// How an object describes a profile.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum EmbeddedKind {
    /// A text that stands in the file as it is, line by line, but for its indentation: the bytes.
    InPlace(TextRange, String),
    /// A text that YAML makes of what is written: folded, quoted or with escapes.
    Rewritten(String),
    /// Lists of paths and capabilities, of which the Security Profiles Operator makes a profile; its name.
    Abstract(String),
}

impl EmbeddedPolicy {
    /// The text, if there is one.
    #[must_use]
    pub fn text(&self) -> Option<&str> {
        match &self.kind {
            EmbeddedKind::InPlace(_, text) | EmbeddedKind::Rewritten(text) => Some(text),
            EmbeddedKind::Abstract(_) => None,
        }
    }
}

/// The texts of a manifest that may be policy, in the order of the file, each once. Of a file that cannot be read none.
#[must_use]
pub fn embedded_policies(text: &str) -> Vec<EmbeddedPolicy> {
    if !text.contains("ConfigMap") && !text.contains("AppArmorProfile") {
        return Vec::new();
    }
    let Ok(documents) = documents(FileId(0), text) else {
        return Vec::new();
    };
    let mut found = Vec::new();
    for document in &documents {
        walk(document, text, &mut found);
    }
    let mut known = FxHashSet::default();
    found.retain(|policy| known.insert(policy.place));
    found.sort_by_key(|policy| policy.place);
    found
}

/// Objects may be the items of a `List`.
fn walk(node: &YamlNode, text: &str, found: &mut Vec<EmbeddedPolicy>) {
    match node.get("kind").and_then(YamlNode::text) {
        Some("ConfigMap") => {
            let data = node.get("data").map(YamlNode::entries);
            for (key, value) in data.unwrap_or_default() {
                let what = format!("key `{}`", key.text().unwrap_or_default());
                found.extend(of_scalar(value, what, text));
            }
        }
        Some("AppArmorProfile") => {
            let spec = node.get("spec");
            let name = node.get("metadata").and_then(|data| data.get("name"));
            let name = name.and_then(YamlNode::text);
            if let Some(policy) = spec.and_then(|spec| spec.get("policy")) {
                found.extend(of_scalar(policy, "`spec.policy`".to_owned(), text));
            }
            if let (Some(lists), Some(name)) = (spec.and_then(|spec| spec.get("abstract")), name) {
                found.push(EmbeddedPolicy {
                    what: "`spec.abstract`".to_owned(),
                    place: lists.place.range,
                    kind: EmbeddedKind::Abstract(name.to_owned()),
                });
            }
        }
        _ => {
            let items = node.get("items").and_then(YamlNode::list);
            let items: &[Rc<YamlNode>] = items.or_else(|| node.list()).unwrap_or_default();
            for item in items {
                walk(item, text, found);
            }
        }
    }
}

fn of_scalar(node: &YamlNode, what: String, text: &str) -> Option<EmbeddedPolicy> {
    let YamlValue::Scalar(value, style) = &node.value else {
        return None;
    };
    let range = match style {
        ScalarStyle::Literal => literal(node.place.range, value, text),
        _ => one_line(node.place.range, value, text),
    };
    let value = value.clone();
    Some(EmbeddedPolicy {
        what,
        place: node.place.range,
        kind: match range {
            Some(range) => EmbeddedKind::InPlace(range, value),
            None => EmbeddedKind::Rewritten(value),
        },
    })
}

/// The lines of a literal block, if they are those of its value but for blanks in front of them. The parser's place begins with
/// the first of them, or with an anchor or a tag further up.
fn literal(place: TextRange, value: &str, text: &str) -> Option<TextRange> {
    let before = text.get(..place.start as usize)?;
    let mut start = before.rfind('\n').map_or(0, |at| at + 1);
    for _ in 0..3 {
        if let Some(end) = end_of_lines(start, value, text) {
            let offset = |at: usize| u32::try_from(at).ok();
            return Some(TextRange::new(offset(start)?, offset(end)?));
        }
        start += text.get(start..)?.find('\n')? + 1;
    }
    None
}

/// Where lines from `start` on end, if they are those of a value but for blanks in front of them.
fn end_of_lines(start: usize, value: &str, text: &str) -> Option<usize> {
    let mut end = start;
    for line in value.lines() {
        let raw = text.get(end..)?.split_inclusive('\n').next()?;
        let written = raw.trim_end_matches(['\n', '\r']);
        let is_same = match line.is_empty() {
            true => written.trim().is_empty(),
            false => written
                .strip_suffix(line)
                .is_some_and(|indent| indent.bytes().all(|byte| byte == b' ')),
        };
        if !is_same {
            return None;
        }
        end += raw.len();
    }
    Some(end)
}

/// A plain or quoted text on one line, if it is written as it is.
fn one_line(place: TextRange, value: &str, text: &str) -> Option<TextRange> {
    let raw = text.get(place.start as usize..place.end as usize)?;
    let at = raw.find(value).filter(|_| !value.contains('\n'))?;
    let is_whole = raw.len() - value.len() <= 2;
    is_whole.then(|| place.part(at, at + value.len()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_in_place_are_what_the_cluster_gets() {
        let block = "    profile p {\n\n      /a r,\n    }\n";
        for (value, is_in_place) in [
            (format!("|\n{block}"), true),
            (format!("|-\n{block}"), true),
            (format!("|+\n{block}\n\n"), true),
            (format!("|2 # about\n{block}"), true),
            (format!("&anchor |\n{block}"), true),
            (format!("!!str |\n{block}"), true),
            (format!("|  \n{}", block.replace('\n', "\r\n")), true),
            (format!("|\n{}", block.replace("/a", "/ä\u{1f600}")), true),
            (
                format!("|\n{}", block.replace("      /a", "    \t/a")),
                true,
            ),
            (format!("\n    |\n{block}"), true),
            (format!(">\n{block}"), false),
            ("\"profile p { /a r, }\"\n".to_owned(), true),
            ("'profile p { /a r, }'\n".to_owned(), true),
            ("profile p { /a r, }\n".to_owned(), true),
            ("\"profile p { /\\x61 r, }\"\n".to_owned(), false),
            ("'profile ''p'' { }'\n".to_owned(), false),
            ("\"profile p {\n    }\"\n".to_owned(), false),
        ] {
            let text = format!("kind: ConfigMap\ndata:\n  p: {value}x: y\n");
            let found = embedded_policies(&text);
            let [policy] = found.as_slice() else {
                panic!("{text}: {found:?}")
            };
            let EmbeddedKind::InPlace(range, value) = &policy.kind else {
                assert!(!is_in_place, "{text}: {policy:?}");
                continue;
            };
            assert!(is_in_place, "{text}: {policy:?}");
            let raw = text.get(range.start as usize..range.end as usize).unwrap();
            let written: Vec<&str> = raw.lines().map(str::trim_start).collect();
            let given: Vec<&str> = value.lines().map(str::trim_start).collect();
            assert_eq!(written, given, "{text}");
        }
        let list = "kind: List\nitems:\n- kind: ConfigMap\n  data: {a: x, b: y}\n";
        assert_eq!(embedded_policies(list).len(), 2);
        assert!(embedded_policies("kind: Secret # ConfigMap\ndata: {a: x}\n").is_empty());
    }
}
