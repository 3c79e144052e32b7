//! What is wrong with a pattern.

/// A fault of a pattern and the byte at which it shows.
#[derive(Copy, Clone, PartialEq, Eq, Debug)]
pub enum GlobFault {
    /// `{` without `}`, at its byte.
    UnclosedBrace(usize),
    /// `[` without `]`, at its byte.
    UnclosedClass(usize),
    /// `}` without `{`, at its byte.
    StrayBrace(usize),
    /// `]` without `[`, at its byte.
    StrayBracket(usize),
    /// `{one}`: nothing to choose from; its bytes.
    SingleAlternative(usize, usize),
    /// `[]`: matches nothing; its byte.
    EmptyClass(usize),
    /// `\` at the end, at its byte.
    TrailingBackslash(usize),
    /// Braces nested deeper than the parser follows.
    TooDeep(usize),
    /// `[z-a]`: read as `[a-z]`; its bytes.
    ReversedRange(usize, usize),
    /// A `-` in a class that is neither first nor between two characters, at its byte.
    StrayHyphen(usize),
}

impl GlobFault {
    /// Whether text in front or behind could mend it.
    #[must_use]
    pub const fn is_about_balance(self) -> bool {
        !matches!(self, Self::TooDeep(_) | Self::ReversedRange(..))
    }
}

/// Deepest nesting of braces that apparmor_parser follows (MAX_ALT_DEPTH in parser_regex.c).
const MAX_DEPTH: usize = 50;

/// How long the variable at the start of a text is, with its braces. `@{a,b}` is no variable: it is an `@` and alternatives.
fn variable_length(bytes: &[u8]) -> Option<usize> {
    let length = reference_length(bytes)?;
    (!bytes.get(..length)?.contains(&b',')).then_some(length)
}

/// How long `@{…}` at the start of a text is.
fn reference_length(bytes: &[u8]) -> Option<usize> {
    let inner = bytes.strip_prefix(b"@{")?;
    let length = inner.iter().position(|byte| *byte == b'}')?;
    (length > 0).then_some(length + 3)
}

/// The variables of a pattern: each start, and its text with the braces.
fn variables(pattern: &str) -> impl Iterator<Item = (usize, &str)> {
    references(pattern).filter(|(_, text)| !text.contains(','))
}

/// The same, and each `@` in front of alternatives.
fn references(pattern: &str) -> impl Iterator<Item = (usize, &str)> {
    let mut at = 0;
    std::iter::from_fn(move || {
        loop {
            let rest = pattern.get(at..)?;
            let step = rest.find(['@', '\\'])?;
            let start = at + step;
            let rest = rest.get(step..)?;
            if rest.starts_with('\\') {
                at = start + 1 + rest.chars().nth(1).map_or(0, char::len_utf8);
            } else if let Some(length) = reference_length(rest.as_bytes()) {
                at = start + length;
                return Some((start, rest.get(..length)?));
            } else {
                at = start + 1;
            }
        }
    })
}

/// Start and end of the first variable.
#[must_use]
pub fn first_variable(pattern: &str) -> Option<(usize, usize)> {
    let (start, variable) = variables(pattern).next()?;
    Some((start, start + variable.len()))
}

/// Whether a pattern holds a variable.
#[must_use]
pub fn has_variable(pattern: &str) -> bool {
    variables(pattern).next().is_some()
}

/// Start and end of a variable with a name that none can have: not a letter and then letters, digits and `_`.
#[must_use]
pub fn invalid_variable(pattern: &str) -> Option<(usize, usize)> {
    // The parser looks at the names of what it takes for alternatives in the end, too.
    let is_invalid = |variable: &str| {
        let name = variable.get(2..variable.len() - 1).unwrap_or_default();
        !name.starts_with(|c: char| c.is_ascii_alphabetic())
            || !name
                .bytes()
                .all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b','))
    };
    references(pattern)
        .find(|(_, variable)| is_invalid(variable))
        .map(|(start, variable)| (start, start + variable.len()))
}

/// Checks a pattern (without quotes) as apparmor_parser 6.0 does; the first fault counts, one that
/// the parser accepts only if there is no other. Variables are passed over: what they hold is checked
/// where they are set.
#[must_use]
pub fn check(pattern: &str) -> Option<GlobFault> {
    let bytes = pattern.as_bytes();
    // Start of each open brace, and the commas seen in it.
    let mut open: Vec<(usize, usize)> = Vec::new();
    let mut reversed = None;
    let mut at = 0;
    while let Some(&byte) = bytes.get(at) {
        match byte {
            b'\\' => {
                if at + 1 == bytes.len() {
                    return Some(GlobFault::TrailingBackslash(at));
                }
                at += 1;
            }
            b'@' if let Some(length) = variable_length(bytes.get(at..).unwrap_or_default()) => {
                at += length - 1;
            }
            b'[' => match class(bytes, at, &mut reversed) {
                Ok(end) => at = end,
                Err(fault) => return Some(fault),
            },
            b']' => return Some(GlobFault::StrayBracket(at)),
            b'{' => {
                open.push((at, 0));
                if open.len() >= MAX_DEPTH {
                    return Some(GlobFault::TooDeep(at));
                }
            }
            b'}' => match open.pop() {
                Some((start, 0)) => return Some(GlobFault::SingleAlternative(start, at + 1)),
                Some(_) => {}
                None => return Some(GlobFault::StrayBrace(at)),
            },
            b',' => {
                if let Some((_, commas)) = open.last_mut() {
                    *commas += 1;
                }
            }
            _ => {}
        }
        at += 1;
    }
    match open.last() {
        Some((at, _)) => Some(GlobFault::UnclosedBrace(*at)),
        // The parser compares bytes, which may be in the middle of a character.
        None => reversed.map(|(start, end)| {
            let is_whole = |at: &usize| pattern.is_char_boundary(*at);
            let start = (0..=start).rev().find(is_whole);
            let end = (end..pattern.len()).find(is_whole);
            GlobFault::ReversedRange(start.unwrap_or(0), end.unwrap_or(pattern.len()))
        }),
    }
}

/// Checks the class that begins at `start`; gives the byte of its `]`.
fn class(
    bytes: &[u8],
    start: usize,
    reversed: &mut Option<(usize, usize)>,
) -> Result<usize, GlobFault> {
    // A character, whether it stands without a backslash, and what is behind it.
    let next = |at: usize| match bytes.get(at) {
        Some(b'\\') => bytes.get(at + 1).map(|byte| (*byte, false, at + 2)),
        byte => byte.map(|byte| (*byte, true, at + 1)),
    };
    let unclosed = GlobFault::UnclosedClass(start);
    let mut at = start + 1;
    if let Some((b'^', _, behind)) = next(at) {
        at = behind;
    }
    let first = at;
    loop {
        let (low, is_special, behind) = next(at).ok_or(unclosed)?;
        match low {
            b']' if is_special && at == first => return Err(GlobFault::EmptyClass(start)),
            b']' if is_special => return Ok(at),
            // Rewritten as outside of a class: what follows is no class any more.
            b'*' | b'?' if is_special => return broken_class(bytes, behind).ok_or(unclosed),
            b'-' if at != first => return Err(GlobFault::StrayHyphen(at)),
            _ => {}
        }
        let (low_at, hyphen) = (at, next(behind));
        at = behind;
        if let Some((b'-', _, behind)) = hyphen {
            let (high, is_special, end) = next(behind).ok_or(unclosed)?;
            if high == b'-' || high == b']' && is_special {
                return Err(GlobFault::StrayHyphen(at));
            }
            if low > high {
                reversed.get_or_insert((low_at, end));
            }
            at = end;
        }
    }
}

fn broken_class(bytes: &[u8], mut at: usize) -> Option<usize> {
    loop {
        match bytes.get(at)? {
            b']' => return Some(at),
            b'\\' => at += 2,
            _ => at += 1,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn faults() {
        assert_eq!(check("/a{b,c}[d-e]**"), None);
        assert_eq!(check("/a{b,{c,d}}"), None);
        assert_eq!(check("/a{b"), Some(GlobFault::UnclosedBrace(2)));
        assert_eq!(check("/a{b}"), Some(GlobFault::SingleAlternative(2, 5)));
        assert_eq!(check("/a{@{b},c}"), None);
        assert_eq!(check("/a[b"), Some(GlobFault::UnclosedClass(2)));
        assert_eq!(check("/a]"), Some(GlobFault::StrayBracket(2)));
        assert_eq!(check("/a}"), Some(GlobFault::StrayBrace(2)));
        assert_eq!(check("/a[]"), Some(GlobFault::EmptyClass(2)));
        assert_eq!(check("/a\\"), Some(GlobFault::TrailingBackslash(2)));
        assert_eq!(check("/a[z-a]"), Some(GlobFault::ReversedRange(3, 6)));
        assert_eq!(check("/[\u{e9}-9]"), Some(GlobFault::ReversedRange(2, 6)));
        assert_eq!(check("/[z\u{e9}-\u{e8}]"), None);
        assert_eq!(check("/a\\{b\\}"), None);
        assert_eq!(check("/a[{]"), None);
        assert_eq!(
            check("/a[z-a]{b}"),
            Some(GlobFault::SingleAlternative(7, 10))
        );
        for pattern in ["/[a-]", "/[a--]", "/[a-c-e]", "/[a\\-]"] {
            assert!(
                matches!(check(pattern), Some(GlobFault::StrayHyphen(_))),
                "{pattern}"
            );
        }
        for pattern in [
            "/[-a]", "/[^-a]", "/[--a]", "/[+-.]", "/[a-c]", "/[*?]", "/[a*]",
        ] {
            assert_eq!(check(pattern), None, "{pattern}");
        }
        assert_eq!(check("/[^]"), Some(GlobFault::EmptyClass(1)));
    }
}
