//! What in a pattern is written like a regular expression or a list.

use std::collections::BTreeSet;

use crate::glob::joined_in_braces;

/// Where a pattern is written.
#[derive(Copy, Clone, PartialEq, Eq)]
pub(super) enum Place {
    Attachment,
    Rule,
    Mount,
    /// The value of a variable. Its commas are for deprecated-syntax.
    Value,
}

/// What to write in place of a part, where only one thing can be meant.
pub(super) fn instead(kind: &GlobSlipKind, part: &str) -> Option<String> {
    let is_plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '|' | '-' | '_' | '.');
    match kind {
        GlobSlipKind::CommaInClass => Some(part.replace(',', "")),
        GlobSlipKind::Regex if part == "$" => Some(String::new()),
        GlobSlipKind::Regex => {
            let list = part.strip_prefix('(')?.strip_suffix(')')?;
            let list = list.chars().all(is_plain).then(|| list.replace('|', ","))?;
            Some(format!("{{{list}}}"))
        }
        _ => None,
    }
}

/// What was found in a pattern.
pub(super) struct GlobSlip {
    /// First byte, and the one after the last.
    pub(super) place: (usize, usize),
    pub(super) kind: GlobSlipKind,
    /// What to write instead.
    pub(super) help: String,
}

pub(super) enum GlobSlipKind {
    Regex,
    /// `^` where it negates nothing.
    Caret,
    /// A comma where it parts nothing.
    Comma,
    /// The same between the letters of a class.
    CommaInClass,
    /// A class that holds words; its characters.
    List(String),
}

impl GlobSlip {
    fn new(start: usize, length: usize, kind: GlobSlipKind, help: impl Into<String>) -> Self {
        Self {
            place: (start, start + length),
            kind,
            help: help.into(),
        }
    }
}

/// The first thing in a pattern that is no glob.
pub(super) fn first(pattern: &str, place: Place) -> Option<GlobSlip> {
    repeated_class(pattern)
        .or_else(|| group(pattern))
        .or_else(|| escape(pattern))
        .or_else(|| end_mark(pattern))
        .or_else(|| outside(pattern, place))
}

fn repeated_class(pattern: &str) -> Option<GlobSlip> {
    let at = pattern.find("]+")?;
    let rest = pattern.get(at + 2..)?;
    let is_end = rest.is_empty() || rest.starts_with(['/', '.', '-', '"', '{']);
    let help = "write `[0-9]*` for a digit and anything after it, or `{[0-9],[0-9][0-9]}` for one or two digits";
    (is_end && !pattern.contains('@')).then(|| GlobSlip::new(at + 1, 1, GlobSlipKind::Regex, help))
}

fn group(pattern: &str) -> Option<GlobSlip> {
    let open = pattern.find('(')?;
    let rest = pattern.get(open..)?;
    let close = rest.find(')')?;
    let has_choice = rest.get(1..close)?.contains('|');
    let help = "write the alternatives in braces: `{a,b}`";
    has_choice.then(|| GlobSlip::new(open, close + 1, GlobSlipKind::Regex, help))
}

fn escape(pattern: &str) -> Option<GlobSlip> {
    let escapes = ["\\w", "\\s", "\\d", "\\S", "\\W", "\\D"];
    escapes.iter().find_map(|escape| {
        let at = pattern.find(escape)?;
        let is_decimal = *escape == "\\d"
            && pattern
                .get(at + 2..)
                .is_some_and(|rest| rest.starts_with(|c: char| c.is_ascii_digit()));
        let is_escaped = pattern.get(..at)?.ends_with('\\');
        let help = "write the characters as a class: `[0-9]`, `[a-zA-Z0-9_]`";
        (!is_decimal && !is_escaped).then(|| GlobSlip::new(at, 2, GlobSlipKind::Regex, help))
    })
}

fn end_mark(pattern: &str) -> Option<GlobSlip> {
    let body = pattern.trim_end_matches('"');
    let help = "remove it: a glob always matches the whole path";
    (body.ends_with('$') && body.len() > 1)
        .then(|| GlobSlip::new(body.len() - 1, 1, GlobSlipKind::Regex, help))
}

/// `^` and commas that mean nothing where they stand, and classes that hold words.
fn outside(pattern: &str, place: Place) -> Option<GlobSlip> {
    let bytes = pattern.as_bytes();
    let (mut at, mut depth) = (0, 0_u32);
    while let Some(byte) = bytes.get(at) {
        let next = bytes.get(at + 1);
        match byte {
            b'\\' => at += 1,
            b'@' if next == Some(&b'{') => {
                at += pattern.get(at..)?.find('}')?;
            }
            b'[' => {
                let length = class_length(bytes.get(at..)?)?;
                let class = pattern.get(at..at + length)?;
                if let Some(found) = list(class, at) {
                    return Some(found);
                }
                at += length - 1;
            }
            b'{' => depth += 1,
            b'}' => depth = depth.saturating_sub(1),
            // What follows `^` would be what it negates; a `^` in the middle of a name may be meant.
            b'^' if is_meant_to_negate(bytes, at) => {
                let help =
                    "write a class, as in `[^0-9]*`: only `[^…]` negates, and only one character";
                return Some(GlobSlip::new(at, 1, GlobSlipKind::Caret, help));
            }
            b',' if depth == 0
                && place != Place::Value
                && matches!(next, Some(b'/' | b'{' | b'@')) =>
            {
                return Some(GlobSlip::new(
                    at,
                    1,
                    GlobSlipKind::Comma,
                    in_braces(pattern, place),
                ));
            }
            _ => {}
        }
        at += 1;
    }
    None
}

fn is_meant_to_negate(bytes: &[u8], at: usize) -> bool {
    let before = at.checked_sub(1).and_then(|at| bytes.get(at));
    matches!(bytes.get(at + 1), Some(b'[' | b'{' | b'('))
        || matches!(before, Some(b'/' | b'*' | b'{' | b',' | b'?' | b']'))
}

/// How long the class at the start of a pattern is.
fn class_length(bytes: &[u8]) -> Option<usize> {
    let mut at = 1;
    loop {
        match bytes.get(at)? {
            b'\\' => at += 2,
            b']' => return Some(at + 1),
            _ => at += 1,
        }
    }
}

/// A class that holds words: `[^proc,^sys]`, `[foo,bar]`, `[^root]`.
fn list(class: &str, at: usize) -> Option<GlobSlip> {
    let inner = class.strip_prefix('[')?.strip_suffix(']')?;
    let (is_negated, inner) = match inner.strip_prefix('^') {
        Some(inner) => (true, inner),
        None => (false, inner),
    };
    // Ranges and escapes are what somebody writes who means a class.
    if inner.contains(['-', '\\']) {
        return None;
    }
    let words: Vec<&str> = inner.split([',', '|']).collect();
    let is_word = |word: &&str| {
        let letters = word.trim_start_matches('^');
        letters.len() > 1 && letters.bytes().all(|byte| byte.is_ascii_alphanumeric())
    };
    let has_words = words.len() > 1 && words.iter().all(is_word);
    let is_letter =
        |word: &&str| word.len() == 1 && word.bytes().all(|byte| byte.is_ascii_alphanumeric());
    if words.len() > 1 && words.iter().all(is_letter) && !inner.contains('|') {
        let sign = if is_negated { "^" } else { "" };
        let help = format!("write `[{sign}{}]`, without commas", words.concat());
        return Some(GlobSlip::new(
            at,
            class.len(),
            GlobSlipKind::CommaInClass,
            help,
        ));
    }
    let letters: BTreeSet<char> = inner.chars().collect();
    let repeats = letters.len() < inner.chars().count();
    let is_one_word = inner.len() > 3 && is_word(&inner) && repeats;
    if !(has_words || is_negated && (inner.contains('^') || is_one_word)) {
        return None;
    }
    let letters: String = letters.into_iter().collect();
    let help = if is_negated {
        "write one alternative for each letter: all names that do not begin with `ab` are `{[^a]*,a{,[^b]*}}`".to_owned()
    } else {
        format!("write the words in braces: `{{{}}}`", words.join(","))
    };
    Some(GlobSlip::new(
        at,
        class.len(),
        GlobSlipKind::List(letters),
        help,
    ))
}

/// How to write a list whose parts a comma separates. The parser takes no path that begins with a brace, except in a mount
/// rule and as the value of a variable.
fn in_braces(pattern: &str, place: Place) -> String {
    let bare = pattern.trim_matches('"');
    let quoted = |text: String| match pattern.starts_with('"') {
        true => format!("\"{text}\""),
        false => text,
    };
    if place == Place::Mount {
        return format!(
            "write the list in braces: `{}`",
            quoted(format!("{{{bare}}}"))
        );
    }
    if let Some(list) = joined_in_braces(bare) {
        return format!("write the list in braces: `{}`", quoted(list));
    }
    match place {
        Place::Attachment => format!(
            "write the list as a variable, `@{{exec_path}} = {}`, and attach to `@{{exec_path}}`",
            quoted(format!("{{{bare}}}"))
        ),
        _ => "write a rule for each path".to_owned(),
    }
}
