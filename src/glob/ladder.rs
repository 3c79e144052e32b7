//! Rungs of a ladder: patterns that name what they leave out, letter by letter.
//!
//! `/d/[^s]**`, `/d/s[^h]**`, `/d/sh[^m]**` together match what lies in `/d/` but for names that begin
//! with `shm`. `/d/[^s][^h][^m]**` alone matches much less.

use std::collections::BTreeSet;

use super::program::{Builder, ByteSet, Program};
use super::{collapse_slashes, literal};

/// A pattern with negated classes behind a literal beginning.
#[derive(Clone, Debug)]
pub struct Rung {
    /// What stands in front of the first negated class.
    pub prefix: Vec<u8>,
    /// For each negated class the bytes that it leaves out, `/` not among them.
    pub left_out: Vec<BTreeSet<u8>>,
    /// The same pattern with `?` for each negated class.
    pub relaxed: Program,
    /// The classes as written.
    pub classes: String,
    /// What stands behind them.
    pub rest: String,
}

impl Rung {
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
            relaxed: Program::path(&format!("{before}{marks}{rest}")).ok()?,
            classes,
            rest: collapse_slashes(rest),
        })
    }

    /// Whatever begins with what the classes leave out.
    #[must_use]
    pub fn exception(&self) -> Option<Program> {
        let mut builder = Builder::default();
        builder.bytes(&self.prefix);
        for bytes in &self.left_out {
            builder.one_byte_of(ByteSet::of(bytes.iter().copied()));
        }
        builder.any_of(ByteSet::ANY);
        builder.finish().ok()
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

/// A pattern of all names but those that begin with one of `words`, with `rest` behind each part.
#[must_use]
pub fn all_but(words: &[Vec<u8>], rest: &str) -> Option<String> {
    let mut beginnings: BTreeSet<&[u8]> = BTreeSet::new();
    for word in words {
        beginnings.extend((0..word.len()).filter_map(|end| word.get(..end)));
    }
    let mut parts = Vec::new();
    for beginning in &beginnings {
        // What begins with a word is left out already.
        if words.iter().any(|word| beginning.starts_with(word)) {
            continue;
        }
        let next: BTreeSet<u8> = words
            .iter()
            .filter_map(|word| word.strip_prefix(*beginning)?.first().copied())
            .collect();
        let is_plain = |byte: &u8| byte.is_ascii_alphanumeric() || b"_-./".contains(byte);
        if !next.iter().chain(*beginning).all(is_plain) {
            return None;
        }
        let text = std::str::from_utf8(beginning).ok()?;
        // A hyphen stands first, or it would make a range.
        let mut letters: Vec<char> = next.iter().map(|byte| char::from(*byte)).collect();
        letters.sort_by_key(|letter| *letter != '-');
        let letters: String = letters.into_iter().collect();
        parts.push(if text.is_empty() || text.ends_with('/') {
            format!("{text}[^{letters}]{rest}")
        } else {
            format!("{text}{{,[^{letters}]{rest}}}")
        });
    }
    match parts.as_slice() {
        [] => None,
        [one] => Some(one.clone()),
        _ => Some(format!("{{{}}}", parts.join(","))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rungs() {
        let rung = Rung::read("/d/[^s][^h][^m]**").unwrap();
        assert_eq!(rung.prefix, b"/d/");
        assert_eq!(rung.words(4), Some(vec![b"shm".to_vec()]));
        assert_eq!(rung.rest, "**");
        assert!(rung.relaxed.matches(b"/d/shmx") && !rung.relaxed.matches(b"/d/x"));
        assert!(rung.exception().unwrap().matches(b"/d/shm/x"));
        assert!(Rung::read("/d/[^/]*").is_none());
        assert!(Rung::read("/d/*/[^a]*").is_none());
        assert_eq!(Rung::read("/d/[^1-3/]/**").unwrap().left_out[0].len(), 3);
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
        let program = Program::path(&format!("/d/{}", all(&["shm", "sem"]))).unwrap();
        for (name, is_left_out) in [
            ("shm", true),
            ("semx", true),
            ("se", false),
            ("sh/x", false),
        ] {
            assert_eq!(
                program.matches(format!("/d/{name}").as_bytes()),
                !is_left_out,
                "{name}"
            );
        }
    }
}
