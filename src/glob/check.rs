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

/// Checks a pattern (without quotes) as apparmor_parser 6.0 does; the first fault counts. Variables
/// are passed over: what they hold is checked where they are set.
#[must_use]
pub fn check(pattern: &str) -> Option<GlobFault> {
    let bytes = pattern.as_bytes();
    // Start of each open brace, and the commas seen in it.
    let mut open: Vec<(usize, usize)> = Vec::new();
    let mut class: Option<usize> = None;
    let mut at = 0;
    while let Some(&byte) = bytes.get(at) {
        match byte {
            b'\\' => {
                if at + 1 == bytes.len() {
                    return Some(GlobFault::TrailingBackslash(at));
                }
                at += 2;
                continue;
            }
            b'@' if class.is_none() && bytes.get(at + 1) == Some(&b'{') => {
                let length = bytes.iter().skip(at).position(|byte| *byte == b'}');
                at += length.map_or(bytes.len(), |length| length + 1);
                continue;
            }
            b'[' => {
                class.get_or_insert(at);
                // `[]` and `[^]` hold nothing.
                let first = if bytes.get(at + 1) == Some(&b'^') {
                    at + 2
                } else {
                    at + 1
                };
                if bytes.get(first) == Some(&b']') {
                    return Some(GlobFault::EmptyClass(at));
                }
            }
            b']' if class.take().is_none() => return Some(GlobFault::StrayBracket(at)),
            b'-' if class.is_some() => {
                let (low, high) = (bytes.get(at.wrapping_sub(1)), bytes.get(at + 1));
                if let (Some(low), Some(high)) = (low, high)
                    && low.is_ascii()
                    && high.is_ascii()
                    && !matches!(low, b'[' | b'^' | b'\\')
                    && *high != b']'
                    && low > high
                {
                    return Some(GlobFault::ReversedRange(at - 1, at + 2));
                }
            }
            b'{' if class.is_none() => {
                open.push((at, 0));
                if open.len() >= MAX_DEPTH {
                    return Some(GlobFault::TooDeep(at));
                }
            }
            b'}' if class.is_none() => match open.pop() {
                Some((start, 0)) => return Some(GlobFault::SingleAlternative(start, at + 1)),
                Some(_) => {}
                None => return Some(GlobFault::StrayBrace(at)),
            },
            b',' if class.is_none() => {
                if let Some((_, commas)) = open.last_mut() {
                    *commas += 1;
                }
            }
            _ => {}
        }
        at += 1;
    }
    if let Some(at) = class {
        return Some(GlobFault::UnclosedClass(at));
    }
    open.last().map(|(at, _)| GlobFault::UnclosedBrace(*at))
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
        assert_eq!(check("/a\\{b\\}"), None);
        assert_eq!(check("/a[{]"), None);
    }
}
