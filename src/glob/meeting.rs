//! Whether two patterns have a text in common, without saying which.
//!
//! Pairs of states that the same text leads to, one of each program, are followed until both end or
//! none is left. That takes a fraction of what a deterministic automaton does, and most patterns that
//! are compared have nothing in common.

use rustc_hash::FxHashSet;

use super::program::{Program, State};

/// Up to this many pairs of states there is a bit for each.
const MOST_BITS: usize = 1 << 23;

impl Program {
    /// Whether some text matches both.
    #[must_use]
    pub fn meets(&self, other: &Self) -> bool {
        if !self.may_meet(other) {
            return false;
        }
        let mut seen = Seen::new(self.states.len(), other.states.len());
        let mut open = vec![(0, 0)];
        while let Some((left, right)) = open.pop() {
            if !seen.insert(left, right) {
                continue;
            }
            let states = self
                .states
                .get(left as usize)
                .zip(other.states.get(right as usize));
            let Some((mine, theirs)) = states else {
                continue;
            };
            match (mine, theirs) {
                (State::Split(a, b), _) => open.extend([(*a, right), (*b, right)]),
                (_, State::Split(a, b)) => open.extend([(left, *a), (left, *b)]),
                (State::Accept, State::Accept) => return true,
                (State::Accept, _) | (_, State::Accept) => {}
                (State::Byte(a), State::Byte(b)) if a != b => {}
                (State::Byte(byte), State::Set(set)) if !other.set(*set).contains(*byte) => {}
                (State::Set(set), State::Byte(byte)) if !self.set(*set).contains(*byte) => {}
                (State::Set(a), State::Set(b)) if !self.set(*a).meets(&other.set(*b)) => {}
                _ => open.push((left + 1, right + 1)),
            }
        }
        false
    }
}

/// Pairs of states.
enum Seen {
    /// A bit for each pair, and how many there are of one state of the first program.
    Bits(Vec<u64>, usize),
    Set(FxHashSet<(u32, u32)>),
}

impl Seen {
    fn new(left: usize, right: usize) -> Self {
        match left.checked_mul(right) {
            Some(count) if count <= MOST_BITS => Self::Bits(vec![0; count / 64 + 1], right),
            _ => Self::Set(FxHashSet::default()),
        }
    }

    /// Enters a pair; whether it is new.
    fn insert(&mut self, left: u32, right: u32) -> bool {
        match self {
            Self::Set(set) => set.insert((left, right)),
            Self::Bits(bits, width) => {
                let at = left as usize * *width + right as usize;
                let bit = 1 << (at % 64);
                bits.get_mut(at / 64).is_some_and(|word| {
                    let is_new = *word & bit == 0;
                    *word |= bit;
                    is_new
                })
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::{Among, common};
    use super::*;

    #[test]
    fn agrees_with_the_search() {
        let patterns = [
            "/a",
            "/a/*",
            "/a/**",
            "/{a,b}/c*",
            "/**.so",
            "/*/x.so",
            "/a/[^x]*",
            "/b/?",
            "/**/",
            "/{,usr/}bin/*",
            "/usr/bin/a",
            "/a/x",
            "/{b,c}**",
            "/home/*/.[^s]*/**",
        ];
        let programs = patterns.map(|pattern| Program::path(pattern).unwrap());
        for left in &programs {
            for right in &programs {
                let found = common(&[left, right], &[], Among::Bytes).unwrap();
                assert_eq!(left.meets(right), found.is_some(), "{left:?} {right:?}");
            }
        }
    }
}
