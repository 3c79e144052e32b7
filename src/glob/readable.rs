//! Paths that read like those of real files.

use super::input_domain::InputDomain;
use super::nfa::Nfa;

/// What stands for a name, or for the rest of one.
const NAME: u8 = b'x';

/// A path that reads better, and that the same NFAs match: where the shortest one has only a suffix
/// for a name, or a name that breaks off, as in `/tmp/.so` and `/tmp/upload-`, something stands there.
#[must_use]
pub fn readable(path: Vec<u8>, wanted: &[&Nfa], others: &[&Nfa]) -> Vec<u8> {
    let counts = |path: &[u8]| {
        InputDomain::Paths.contains(path)
            && wanted.iter().all(|nfa| nfa.matches(path))
            && !others.iter().any(|nfa| nfa.matches(path))
    };
    let mut best = path;
    let mut start = 0;
    while let Some(rest) = best.get(start..) {
        let length = rest.iter().position(|byte| *byte == b'/');
        let length = length.unwrap_or(rest.len());
        let name = rest.get(..length).unwrap_or_default();
        let lacking = match name {
            [b'.', ..] => Some(start),
            [.., b'-' | b'_' | b'.' | b'#'] => Some(start + length),
            _ => None,
        };
        let longer = lacking.map(|at| with(&best, at)).filter(|it| counts(it));
        let grown = usize::from(longer.is_some());
        best = longer.unwrap_or(best);
        start += length + grown + 1;
    }
    best
}

/// The text with a name at a place.
fn with(text: &[u8], at: usize) -> Vec<u8> {
    let (before, behind) = text.split_at_checked(at).unwrap_or((text, &[]));
    [before, &[NAME], behind].concat()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(path: &str, wanted: &str, other: &str) -> String {
        let [wanted, other] = [wanted, other].map(|it| Nfa::path(it).unwrap());
        let path = readable(path.into(), &[&wanted], &[&other]);
        String::from_utf8(path).unwrap()
    }

    #[test]
    fn names_are_added_where_the_pattern_has_room() {
        assert_eq!(read("/lib/.so", "/lib/*.so", "/no"), "/lib/x.so");
        assert_eq!(read("/tmp/up-", "/tmp/up-*", "/no"), "/tmp/up-x");
        assert_eq!(read("/.a-/.b", "/*.a-*/*.b", "/no"), "/x.a-/x.b");
        assert_eq!(read("/home/.ssh/", "/home/.ssh/", "/no"), "/home/.ssh/");
        assert_eq!(read("/tmp/", "/tmp/", "/no"), "/tmp/");
        assert_eq!(read("/lib/.so", "/lib/*.so", "/lib/x.so"), "/lib/.so");
    }
}
