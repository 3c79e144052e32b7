//! Patterns that name what they leave out, letter by letter, and exact ones that leave out the same words.
//!
//! `/d/[^s]**`, `/d/s[^h]**`, `/d/sh[^m]**` together match what lies in `/d/` but for names that begin
//! with `shm`. `/d/[^s][^h][^m]**` alone matches much less.

use std::collections::BTreeSet;

use crate::glob::{Builder, ByteSet, InputDomain, Nfa, collapse_slashes, common, literal, outside};

/// A pattern with negated classes behind a literal prefix.
#[derive(Clone, Debug)]
pub struct NegatedPrefix {
    /// What stands in front of the first negated class.
    pub prefix: Vec<u8>,
    /// For each negated class the bytes that it leaves out, `/` not among them.
    pub left_out: Vec<BTreeSet<u8>>,
    /// The same pattern with `?` for each negated class.
    pub relaxed: Nfa,
    /// The classes as written.
    pub classes: String,
    /// What stands behind them.
    pub rest: String,
}

impl NegatedPrefix {
    /// Reads a pattern without alternatives. `None` if it does not begin with a literal and then a
    /// negated class that leaves out more than `/`.
    #[must_use]
    pub fn read(pattern: &str) -> Option<Self> {
        let (before, mut rest) = pattern.split_at_checked(pattern.find("[^")?)?;
        let prefix = literal(before)?;
        let mut left_out = Vec::new();
        let mut marks = String::new();
        let start = rest;
        while let Some((class, behind)) = negated_class(rest) {
            let mut bytes = class;
            bytes.remove(&b'/');
            if bytes.is_empty() {
                break;
            }
            left_out.push(bytes);
            marks.push('?');
            rest = behind;
        }
        if left_out.is_empty() {
            return None;
        }
        let classes = start.get(..start.len() - rest.len())?.to_owned();
        Some(Self {
            prefix: prefix.into_bytes(),
            left_out,
            relaxed: Nfa::path(&format!("{before}{marks}{rest}")).ok()?,
            classes,
            rest: collapse_slashes(rest),
        })
    }

    /// The only class's words with the beginning, if there is one class.
    #[must_use]
    pub fn exceptions(&self) -> Vec<Vec<u8>> {
        let [bytes] = self.left_out.as_slice() else {
            return Vec::new();
        };
        let words = bytes.iter();
        words
            .map(|byte| [self.prefix.as_slice(), &[*byte]].concat())
            .collect()
    }

    /// Whatever begins with what the classes leave out.
    #[must_use]
    pub fn exception(&self) -> Option<Nfa> {
        let mut builder = Builder::default();
        builder.bytes(&self.prefix);
        for bytes in &self.left_out {
            builder.one_byte_of(ByteSet::of(bytes.iter().copied()));
        }
        builder.any_of(ByteSet::ANY);
        builder.finish().ok()
    }

    /// The exact alternatives in place of the classes, of names as long: one for each letter that may
    /// differ first. `None` if that is not what they are.
    #[must_use]
    pub fn letter_by_letter(&self) -> Option<String> {
        let classes: Vec<&str> = self.classes.split_inclusive(']').collect();
        let mut alternatives = Vec::new();
        let mut before = String::new();
        for (at, class) in (1..).zip(&classes) {
            let others = "?".repeat(classes.len() - at);
            let negated = format!("{}/]", class.trim_end_matches(']').replace('/', ""));
            alternatives.push(format!("{before}{negated}{others}"));
            before.push_str(&class.replacen("[^", "[", 1).replace('/', ""));
        }
        let exact = format!("{{{}}}", alternatives.join(","));
        let prefix = std::str::from_utf8(&self.prefix).ok()?;
        let of = |classes: &str| Nfa::path(&format!("{prefix}{classes}{}", self.rest)).ok();
        let (nfa, written) = (of(&exact)?, of(&self.classes)?);
        let exception = self.exception()?;
        let is_whole = outside(&self.relaxed, &[&nfa, &exception], InputDomain::Paths) == Ok(None)
            && outside(&written, &[&nfa], InputDomain::Paths) == Ok(None);
        let is_apart = common(&[&nfa, &exception], &[], InputDomain::Paths) == Ok(None);
        (is_whole && is_apart).then_some(exact)
    }

    /// The words that the classes leave out, if there are at most `most`.
    #[must_use]
    pub fn words(&self, most: usize) -> Option<Vec<Vec<u8>>> {
        let mut words: Vec<Vec<u8>> = vec![Vec::new()];
        for bytes in &self.left_out {
            if words.len() * bytes.len() > most {
                return None;
            }
            let longer = |word: &Vec<u8>| {
                let word = word.clone();
                bytes
                    .iter()
                    .map(move |byte| [word.as_slice(), &[*byte]].concat())
            };
            words = words.iter().flat_map(longer).collect();
        }
        Some(words)
    }
}

/// The bytes of a negated class at the start of `text`, and what is behind it. `None` also for classes
/// that the parser reads in ways of its own.
fn negated_class(text: &str) -> Option<(BTreeSet<u8>, &str)> {
    let inner = text.strip_prefix("[^")?;
    let end = inner.find(']')?;
    let (class, behind) = (inner.get(..end)?.as_bytes(), inner.get(end + 1..)?);
    if class
        .iter()
        .any(|byte| matches!(byte, b'\\' | b'*' | b'?' | b'[') || !byte.is_ascii())
    {
        return None;
    }
    let mut bytes = BTreeSet::new();
    let mut at = 0;
    while let Some(low) = class.get(at) {
        match (class.get(at + 1), class.get(at + 2)) {
            (Some(b'-'), Some(high)) => {
                bytes.extend(*low.min(high)..=*low.max(high));
                at += 3;
            }
            _ => {
                bytes.insert(*low);
                at += 1;
            }
        }
    }
    Some((bytes, behind))
}

/// A pattern of all that `[^x]` with `rest` behind it is about, but what begins with one of `words`.
/// `None` if there are words that it would take escapes for, or the rest is not one that is known.
#[must_use]
pub fn all_but(words: &[Vec<u8>], rest: &str) -> Option<String> {
    let mut prefixes: BTreeSet<&[u8]> = BTreeSet::new();
    for word in words {
        prefixes.extend((0..word.len()).filter_map(|end| word.get(..end)));
    }
    let mut parts = Vec::new();
    for prefix in &prefixes {
        // What begins with a word is left out already.
        if words.iter().any(|word| prefix.starts_with(word)) {
            continue;
        }
        let next: BTreeSet<u8> = words
            .iter()
            .filter_map(|word| word.strip_prefix(*prefix)?.first().copied())
            .collect();
        let is_plain = |byte: &u8| byte.is_ascii_alphanumeric() || b"_-./".contains(byte);
        if !next.iter().chain(*prefix).all(is_plain) {
            return None;
        }
        let prefix = std::str::from_utf8(prefix).ok()?;
        parts.extend(part(prefix, next, rest).ok()?);
    }
    match parts.as_slice() {
        [] => None,
        [one] => Some(one.clone()),
        _ => Some(format!("{{{}}}", parts.join(","))),
    }
}

/// A rest of a pattern for which no complement is known.
struct UnknownRest;

/// What begins with `prefix`, and goes on with none of `next`; `None` if nothing does.
fn part(prefix: &str, mut next: BTreeSet<u8>, rest: &str) -> Result<Option<String>, UnknownRest> {
    let is_inside = prefix.contains('/');
    let is_road = next.contains(&b'/');
    if !is_inside && (rest == "*/**" || rest == "*") {
        next.insert(b'/');
    }
    // A hyphen stands first, or it would make a range.
    let mut letters: Vec<char> = next.iter().map(|byte| char::from(*byte)).collect();
    letters.sort_by_key(|letter| *letter != '-');
    let letters: String = letters.into_iter().collect();
    let stays = prefix.is_empty() || prefix.ends_with('/');
    Ok(Some(match (rest, is_inside) {
        ("*", true) => return Ok(None),
        ("*/**", true) | ("**", _) if stays => format!("{prefix}[^{letters}]**"),
        ("*/**", true) | ("**", _) => format!("{prefix}{{,[^{letters}]**}}"),
        ("*" | "*/**", false) if stays || (is_road && rest == "*/**") => {
            format!("{prefix}[^{letters}]{rest}")
        }
        ("*", false) => format!("{prefix}{{,[^{letters}]*}}"),
        ("*/**", false) => format!("{prefix}{{,[^{letters}]*}}/**"),
        _ => return Err(UnknownRest),
    }))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn patterns() {
        let pattern = NegatedPrefix::read("/d/[^s][^h][^m]**").unwrap();
        assert_eq!(pattern.prefix, b"/d/");
        assert_eq!(pattern.words(4), Some(vec![b"shm".to_vec()]));
        assert_eq!(pattern.rest, "**");
        assert!(pattern.relaxed.matches(b"/d/shmx") && !pattern.relaxed.matches(b"/d/x"));
        assert!(pattern.exception().unwrap().matches(b"/d/shm/x"));
        let numbers = NegatedPrefix::read("/p/[^1-9s/][^0-9/]/**").unwrap();
        assert_eq!(
            numbers.letter_by_letter().as_deref(),
            Some("{[^1-9s/]?,[1-9s][^0-9/]}")
        );
        // Two letters may be `a/` here.
        assert_eq!(
            NegatedPrefix::read("/p/[^x][^y]")
                .unwrap()
                .letter_by_letter(),
            None
        );
        assert!(NegatedPrefix::read("/d/[^/]*").is_none());
        assert!(NegatedPrefix::read("/d/*/[^a]*").is_none());
        assert_eq!(
            NegatedPrefix::read("/d/[^1-3/]/**").unwrap().left_out[0].len(),
            3
        );
    }

    #[test]
    fn complements() {
        let all = |words: &[&str]| {
            let words: Vec<Vec<u8>> = words.iter().map(|word| word.as_bytes().to_vec()).collect();
            all_but(&words, "**").unwrap()
        };
        assert_eq!(all(&["shm"]), "{[^s]**,s{,[^h]**},sh{,[^m]**}}");
        assert_eq!(all(&["k"]), "[^k]**");
        assert_eq!(all(&["a/b", "c"]), "{[^ac]**,a{,[^/]**},a/[^b]**}");
        let words = [b"fs/cg".to_vec()];
        let directories = all_but(&words, "*/**").unwrap();
        assert_eq!(
            directories,
            "{[^/f]*/**,f{,[^/s]*}/**,fs[^/]*/**,fs/[^c]**,fs/c{,[^g]**}}"
        );
        assert_eq!(
            all_but(&[b"ab".to_vec()], "*").unwrap(),
            "{[^/a]*,a{,[^/b]*}}"
        );
        assert_eq!(all_but(&words, "?x"), None);
        let nfa = Nfa::path(&format!("/d/{}", all(&["shm", "sem"]))).unwrap();
        for (name, is_left_out) in [
            ("shm", true),
            ("semx", true),
            ("se", false),
            ("sh/x", false),
        ] {
            assert_eq!(
                nfa.matches(format!("/d/{name}").as_bytes()),
                !is_left_out,
                "{name}"
            );
        }
    }
}
