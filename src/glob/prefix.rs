//! How the texts that an NFA matches begin, and finding the NFAs that may intersect one.

use super::nfa::{Nfa, NfaState};

/// Most prefixes told of one NFA.
const MAX_PREFIXES: usize = 16;
/// Longest prefix told, in bytes.
const MAX_PREFIX_LENGTH: usize = 24;

impl Nfa {
    /// Beginnings of which every text that it matches has one; at least one. The empty one says that
    /// nothing is known.
    #[must_use]
    pub fn prefixes(&self) -> &[Vec<u8>] {
        self.prefixes.get_or_init(|| prefixes_of(self))
    }

    /// Whether the prefixes of both allow that they match the same text.
    #[must_use]
    pub fn may_intersect(&self, other: &Self) -> bool {
        let theirs = other.prefixes();
        self.prefixes().iter().any(|mine| {
            theirs
                .iter()
                .any(|other| mine.starts_with(other) || other.starts_with(mine))
        })
    }
}

/// Beginnings of which every text that `nfa` matches has one. There is at least one; the empty
/// one says that nothing is known.
fn prefixes_of(nfa: &Nfa) -> Vec<Vec<u8>> {
    let mut found = Vec::new();
    extend(nfa, 0, Vec::new(), &mut found);
    found
}

/// Adds the prefixes that start with `text` and go on at state `index`.
fn extend(nfa: &Nfa, mut index: u32, mut text: Vec<u8>, found: &mut Vec<Vec<u8>>) {
    while text.len() < MAX_PREFIX_LENGTH {
        match nfa.states.get(index) {
            Some(NfaState::Byte(byte)) => {
                text.push(byte);
                index += 1;
            }
            Some(NfaState::Split(left, right)) if left == right => index = left,
            Some(NfaState::Split(..)) => {
                let Some(next) = consuming(nfa, index) else {
                    break;
                };
                if found.len() + next.len() > MAX_PREFIXES {
                    break;
                }
                for (index, last) in (1..).zip(&next) {
                    let text = if index == next.len() {
                        std::mem::take(&mut text)
                    } else {
                        text.clone()
                    };
                    extend(nfa, *last, text, found);
                }
                return;
            }
            _ => break,
        }
    }
    found.push(text);
}

/// The states that consume a byte next; `None` if there are too many, or the text may end there, or
/// a set is next.
fn consuming(nfa: &Nfa, from: u32) -> Option<Vec<u32>> {
    let mut open = vec![from];
    let mut seen: Vec<u32> = Vec::new();
    let mut next = Vec::new();
    while let Some(index) = open.pop() {
        if seen.contains(&index) {
            continue;
        }
        seen.push(index);
        match nfa.states.get(index) {
            Some(NfaState::Split(left, right)) if seen.len() <= 4 * MAX_PREFIXES => {
                open.extend([right, left]);
            }
            Some(NfaState::Byte(_)) => next.push(index),
            _ => return None,
        }
    }
    Some(next)
}

/// Numbers by the prefixes of what they stand for, in the order of the prefixes: those that begin alike lie next to each
/// other, the shorter ones first.
///
/// A tree with a node for each byte took 23 MB for the 1,605 profiles of apparmor.d; this takes a fifth.
#[derive(Clone, Debug, Default)]
pub struct PrefixIndex {
    items: Box<[Item]>,
    /// The prefixes, one behind the other.
    text: Box<[u8]>,
}

/// A number and one of its prefixes.
#[derive(Copy, Clone, Debug)]
struct Item {
    start: u32,
    length: u32,
    value: u32,
}

impl PrefixIndex {
    /// The index of these values, each with its prefixes.
    #[must_use]
    pub fn new<'p>(values: impl IntoIterator<Item = (u32, &'p [Vec<u8>])>) -> Self {
        let (mut items, mut text) = (Vec::new(), Vec::new());
        for (value, prefixes) in values {
            for prefix in prefixes {
                let place = (u32::try_from(text.len()), u32::try_from(prefix.len()));
                // Beyond that many bytes nothing could be found again.
                let (Ok(start), Ok(length)) = place else {
                    continue;
                };
                text.extend_from_slice(prefix);
                items.push(Item {
                    start,
                    length,
                    value,
                });
            }
        }
        let prefix = |item: &Item| slice(&text, item);
        items.sort_unstable_by(|left, right| {
            let prefixes = prefix(left).cmp(prefix(right));
            prefixes.then(left.value.cmp(&right.value))
        });
        Self {
            items: items.into(),
            text: text.into(),
        }
    }

    /// The values that may match the whole text `text`, in no order; one may come more than once.
    pub fn matching(&self, text: &[u8], found: &mut Vec<u32>) {
        let rest = self.along(text, |ended| {
            found.extend(ended.iter().map(|item| item.value));
        });
        let whole = rest
            .iter()
            .take_while(|item| item.length as usize == text.len());
        found.extend(whole.map(|item| item.value));
    }

    /// The values that may match a text that begins with one of `prefixes`, sorted, each once.
    #[must_use]
    pub fn intersecting(&self, prefixes: &[Vec<u8>]) -> Vec<u32> {
        let mut found = Vec::new();
        for prefix in prefixes {
            let add = |ended: &[Item]| found.extend(ended.iter().map(|item| item.value));
            let rest = self.along(prefix, add);
            found.extend(rest.iter().map(|item| item.value));
        }
        found.sort_unstable();
        found.dedup();
        found
    }

    /// Whether [`Self::intersecting`] gives any.
    #[must_use]
    pub fn intersects(&self, prefixes: &[Vec<u8>]) -> bool {
        prefixes.iter().any(|prefix| {
            let mut has_ended = false;
            let rest = self.along(prefix, |ended| has_ended |= !ended.is_empty());
            has_ended || !rest.is_empty()
        })
    }

    /// Follows `text`: tells those whose prefixes end on the way, and gives those that begin with the whole of it and end
    /// with it or behind it.
    fn along(&self, text: &[u8], mut tell: impl FnMut(&[Item])) -> &[Item] {
        let mut rest = &*self.items;
        for (depth, byte) in text.iter().enumerate() {
            let next = |item: &Item| self.text.get(item.start as usize + depth);
            let goes_on = |item: &Item| item.length as usize > depth && next(item) == Some(byte);
            // Between two that go on all do: most of a path is what many have in common.
            if rest.first().is_some_and(goes_on) && rest.last().is_some_and(goes_on) {
                continue;
            }
            let ended = rest.partition_point(|item| item.length as usize == depth);
            let (ended, longer) = rest.split_at(ended);
            tell(ended);
            let from = longer.partition_point(|item| next(item) < Some(byte));
            let (_, longer) = longer.split_at(from);
            let to = longer.partition_point(|item| next(item) == Some(byte));
            (rest, _) = longer.split_at(to);
            if rest.is_empty() {
                return rest;
            }
        }
        rest
    }
}

fn slice<'t>(text: &'t [u8], item: &Item) -> &'t [u8] {
    let start = item.start as usize;
    text.get(start..start + item.length as usize)
        .unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(pattern: &str) -> Vec<String> {
        let found = prefixes_of(&Nfa::path(pattern).unwrap());
        found
            .into_iter()
            .map(|prefix| String::from_utf8(prefix).unwrap())
            .collect()
    }

    #[test]
    fn prefixes() {
        assert_eq!(of("/etc/passwd"), ["/etc/passwd"]);
        assert_eq!(of("/etc/*"), ["/etc/"]);
        assert_eq!(of("/{,usr/}bin/*"), ["/bin/", "/usr/bin/"]);
        assert_eq!(of("/{a,ab}"), ["/a", "/ab"]);
        assert_eq!(of("/a{,b}"), ["/a"]);
        assert_eq!(of("/**"), ["/"]);
        assert_eq!(of("{,/a}*"), [""]);
    }

    #[test]
    fn candidates() {
        let patterns = ["/a", "/a/b*", "/a/b/c", "/{a,b}", "/x//y"];
        let nfas = patterns.map(|pattern| Nfa::path(pattern).unwrap());
        let tree = PrefixIndex::new((0..).zip(nfas.iter().map(Nfa::prefixes)));
        let intersecting = |pattern| tree.intersecting(Nfa::path(pattern).unwrap().prefixes());
        assert_eq!(intersecting("/a/b/c"), [0, 1, 2, 3]);
        assert_eq!(intersecting("/x/y"), [4]);
        assert_eq!(intersecting("/**").len(), 5);
        assert_eq!(intersecting("/q"), [0_u32; 0]);
        for pattern in ["/a/b/c", "/x/y", "/**", "/q", "/a/", "/bb"] {
            let nfa = Nfa::path(pattern).unwrap();
            let is_met = tree.intersects(nfa.prefixes());
            assert_eq!(is_met, !intersecting(pattern).is_empty(), "{pattern}");
        }
        assert!(!PrefixIndex::default().intersects(&[Vec::new()]));
        let mut found = Vec::new();
        tree.matching(b"/a/b/c", &mut found);
        found.sort_unstable();
        assert_eq!(found, [0, 1, 2, 3]);
    }
}
