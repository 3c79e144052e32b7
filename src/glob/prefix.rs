//! How the texts that an NFA matches begin, and finding the NFAs that may intersect one.

use super::nfa::{Nfa, State};

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
            Some(State::Byte(byte)) => {
                text.push(byte);
                index += 1;
            }
            Some(State::Split(left, right)) if left == right => index = left,
            Some(State::Split(..)) => {
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
            Some(State::Split(left, right)) if seen.len() <= 4 * MAX_PREFIXES => {
                open.extend([right, left]);
            }
            Some(State::Byte(_)) => next.push(index),
            _ => return None,
        }
    }
    Some(next)
}

/// Numbers by the prefixes of what they stand for.
#[derive(Clone, Debug, Default)]
pub struct PrefixTree {
    nodes: Vec<Node>,
    /// A value and the next one of the same node.
    values: Vec<(u32, u32)>,
}

/// No node, or no value.
const NONE: u32 = u32::MAX;

#[derive(Copy, Clone, Debug)]
struct Node {
    byte: u8,
    first_child: u32,
    next_sibling: u32,
    first_value: u32,
}

impl PrefixTree {
    /// Enters `value` with its prefixes.
    pub fn insert(&mut self, prefixes: &[Vec<u8>], value: u32) {
        if self.nodes.is_empty() {
            self.add_node(0, NONE);
        }
        for prefix in prefixes {
            let mut node = 0;
            for byte in prefix {
                node = self.child_or_new(node, *byte);
            }
            let number = u32::try_from(self.values.len()).unwrap_or(NONE);
            if let Some(node) = self.nodes.get_mut(node as usize) {
                self.values.push((value, node.first_value));
                node.first_value = number;
            }
        }
    }

    /// Whether nothing was entered.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.values.is_empty()
    }

    fn add_node(&mut self, byte: u8, next_sibling: u32) -> u32 {
        self.nodes.push(Node {
            byte,
            first_child: NONE,
            next_sibling,
            first_value: NONE,
        });
        u32::try_from(self.nodes.len() - 1).unwrap_or(NONE)
    }

    fn child(&self, node: u32, byte: u8) -> Option<u32> {
        let mut child = self.nodes.get(node as usize)?.first_child;
        loop {
            let found = self.nodes.get(child as usize)?;
            if found.byte == byte {
                return Some(child);
            }
            child = found.next_sibling;
        }
    }

    fn child_or_new(&mut self, node: u32, byte: u8) -> u32 {
        if let Some(child) = self.child(node, byte) {
            return child;
        }
        let first = self
            .nodes
            .get(node as usize)
            .map_or(NONE, |node| node.first_child);
        let fresh = self.add_node(byte, first);
        if let Some(node) = self.nodes.get_mut(node as usize) {
            node.first_child = fresh;
        }
        fresh
    }

    fn values_of(&self, node: u32, found: &mut Vec<u32>) {
        let mut next = self
            .nodes
            .get(node as usize)
            .map_or(NONE, |node| node.first_value);
        while let Some((value, behind)) = self.values.get(next as usize) {
            found.push(*value);
            next = *behind;
        }
    }

    /// The values that may match the whole text `text`, in no order; one may come more than once.
    pub fn matching(&self, text: &[u8], found: &mut Vec<u32>) {
        let mut node = Some(0);
        let mut bytes = text.iter();
        while let Some(at) = node {
            self.values_of(at, found);
            node = bytes.next().and_then(|byte| self.child(at, *byte));
        }
    }

    /// The values that may match a text that begins with one of `prefixes`, sorted, each once.
    #[must_use]
    pub fn intersecting(&self, prefixes: &[Vec<u8>]) -> Vec<u32> {
        let mut found = Vec::new();
        for prefix in prefixes {
            let mut node = Some(0);
            let mut bytes = prefix.iter();
            while let Some(at) = node {
                match bytes.next() {
                    Some(byte) => {
                        self.values_of(at, &mut found);
                        node = self.child(at, *byte);
                    }
                    None => {
                        self.below(at, &mut found);
                        node = None;
                    }
                }
            }
        }
        found.sort_unstable();
        found.dedup();
        found
    }

    /// Whether [`Self::intersecting`] gives any.
    #[must_use]
    pub fn intersects(&self, prefixes: &[Vec<u8>]) -> bool {
        let holds_value = |at: u32| {
            self.nodes
                .get(at as usize)
                .is_some_and(|node| node.first_value != NONE)
        };
        prefixes.iter().any(|prefix| {
            let mut node = 0;
            for byte in prefix {
                if holds_value(node) {
                    return true;
                }
                match self.child(node, *byte) {
                    Some(next) => node = next,
                    None => return false,
                }
            }
            // Every node was made for a value that stands at it or below it.
            (node as usize) < self.nodes.len()
        })
    }

    fn below(&self, node: u32, found: &mut Vec<u32>) {
        let mut open = vec![node];
        while let Some(at) = open.pop() {
            self.values_of(at, found);
            let mut child = self
                .nodes
                .get(at as usize)
                .map_or(NONE, |node| node.first_child);
            while let Some(node) = self.nodes.get(child as usize) {
                open.push(child);
                child = node.next_sibling;
            }
        }
    }
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
        let mut tree = PrefixTree::default();
        for (number, pattern) in (0..).zip(patterns) {
            tree.insert(Nfa::path(pattern).unwrap().prefixes(), number);
        }
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
        assert!(!PrefixTree::default().intersects(&[Vec::new()]));
        let mut found = Vec::new();
        tree.matching(b"/a/b/c", &mut found);
        found.sort_unstable();
        assert_eq!(found, [0, 1, 2, 3]);
    }
}
