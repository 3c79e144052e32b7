//! How the texts that a program matches begin, and finding the programs that may meet one.

use super::program::{Program, State};

/// Most beginnings told of one program.
const MOST: usize = 24;
/// Longest beginning told, in bytes.
const LONGEST: usize = 32;

/// Beginnings of which every text that `program` matches has one. There is at least one; the empty
/// one says that nothing is known.
#[must_use]
pub fn prefixes(program: &Program) -> Vec<Vec<u8>> {
    let mut done: Vec<Vec<u8>> = Vec::new();
    let mut open: Vec<(Vec<u8>, Vec<u32>)> = vec![(Vec::new(), closure(program, &[0]))];
    while let Some((text, alive)) = open.pop() {
        match branches(program, &alive) {
            Some(branches)
                if text.len() < LONGEST && done.len() + open.len() + branches.len() <= MOST =>
            {
                for (byte, next) in branches {
                    let mut longer = text.clone();
                    longer.push(byte);
                    open.push((longer, closure(program, &next)));
                }
            }
            _ => done.push(text),
        }
    }
    done.sort();
    // What begins with another of them is told by that one.
    done.dedup_by(|longer, shorter| longer.starts_with(shorter));
    done
}

/// Where each byte leads; `None` if the text may end, or a set is next.
fn branches(program: &Program, alive: &[u32]) -> Option<Vec<(u8, Vec<u32>)>> {
    let mut found: Vec<(u8, Vec<u32>)> = Vec::new();
    for &index in alive {
        let Some(State::Byte(byte)) = program.states.get(index as usize) else {
            return None;
        };
        match found.iter_mut().find(|(known, _)| known == byte) {
            Some((_, next)) => next.push(index + 1),
            None => found.push((*byte, vec![index + 1])),
        }
    }
    Some(found)
}

fn closure(program: &Program, from: &[u32]) -> Vec<u32> {
    let mut open = from.to_vec();
    let mut seen = rustc_hash::FxHashSet::default();
    let mut alive = Vec::new();
    while let Some(index) = open.pop() {
        if !seen.insert(index) {
            continue;
        }
        match program.states.get(index as usize) {
            Some(State::Split(left, right)) => open.extend([*right, *left]),
            Some(_) => alive.push(index),
            None => {}
        }
    }
    alive
}

/// Numbers by the beginnings of what they stand for.
#[derive(Clone, Debug, Default)]
pub struct PrefixTree {
    nodes: Vec<Node>,
}

#[derive(Clone, Debug, Default)]
struct Node {
    children: Vec<(u8, u32)>,
    values: Vec<u32>,
}

impl PrefixTree {
    /// Enters `value` with its beginnings.
    pub fn insert(&mut self, prefixes: &[Vec<u8>], value: u32) {
        if self.nodes.is_empty() {
            self.nodes.push(Node::default());
        }
        for prefix in prefixes {
            let mut node = 0;
            for byte in prefix {
                node = self.child_or_new(node, *byte);
            }
            if let Some(node) = self.nodes.get_mut(node) {
                node.values.push(value);
            }
        }
    }

    fn child(&self, node: usize, byte: u8) -> Option<usize> {
        let children = &self.nodes.get(node)?.children;
        let found = children.iter().find(|(known, _)| *known == byte)?;
        Some(found.1 as usize)
    }

    fn child_or_new(&mut self, node: usize, byte: u8) -> usize {
        if let Some(child) = self.child(node, byte) {
            return child;
        }
        let fresh = self.nodes.len();
        self.nodes.push(Node::default());
        if let Some(node) = self.nodes.get_mut(node) {
            node.children
                .push((byte, u32::try_from(fresh).unwrap_or(u32::MAX)));
        }
        fresh
    }

    /// The values that may match the whole text `text`, in no order; one may come more than once.
    pub fn matching(&self, text: &[u8], found: &mut Vec<u32>) {
        let mut node = Some(0);
        let mut bytes = text.iter();
        while let Some(at) = node.and_then(|node| self.nodes.get(node).map(|found| (node, found))) {
            found.extend_from_slice(&at.1.values);
            node = bytes.next().and_then(|byte| self.child(at.0, *byte));
        }
    }

    /// The values that may match a text that begins with one of `prefixes`, sorted, each once.
    #[must_use]
    pub fn meeting(&self, prefixes: &[Vec<u8>]) -> Vec<u32> {
        let mut found = Vec::new();
        for prefix in prefixes {
            let mut node = Some(0);
            let mut bytes = prefix.iter();
            while let Some(at) = node {
                match bytes.next() {
                    Some(byte) => {
                        if let Some(here) = self.nodes.get(at) {
                            found.extend_from_slice(&here.values);
                        }
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

    fn below(&self, node: usize, found: &mut Vec<u32>) {
        let mut open = vec![node];
        while let Some(node) = open.pop().and_then(|node| self.nodes.get(node)) {
            found.extend_from_slice(&node.values);
            open.extend(node.children.iter().map(|(_, child)| *child as usize));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(pattern: &str) -> Vec<String> {
        let found = prefixes(&Program::path(pattern).unwrap());
        found
            .into_iter()
            .map(|prefix| String::from_utf8(prefix).unwrap())
            .collect()
    }

    #[test]
    fn beginnings() {
        assert_eq!(of("/etc/passwd"), ["/etc/passwd"]);
        assert_eq!(of("/etc/*"), ["/etc/"]);
        assert_eq!(of("/{,usr/}bin/*"), ["/bin/", "/usr/bin/"]);
        assert_eq!(of("/{a,ab}"), ["/a"]);
        assert_eq!(of("/**"), ["/"]);
        assert_eq!(of("{,/a}*"), [""]);
    }

    #[test]
    fn candidates() {
        let patterns = ["/a", "/a/b*", "/a/b/c", "/{a,b}", "/x//y"];
        let mut tree = PrefixTree::default();
        for (number, pattern) in (0..).zip(patterns) {
            tree.insert(&prefixes(&Program::path(pattern).unwrap()), number);
        }
        let meeting = |pattern| tree.meeting(&prefixes(&Program::path(pattern).unwrap()));
        assert_eq!(meeting("/a/b/c"), [0, 1, 2, 3]);
        assert_eq!(meeting("/x/y"), [4]);
        assert_eq!(meeting("/**").len(), 5);
        assert_eq!(meeting("/q"), [0_u32; 0]);
        let mut found = Vec::new();
        tree.matching(b"/a/b/c", &mut found);
        found.sort_unstable();
        assert_eq!(found, [0, 1, 2, 3]);
    }
}
