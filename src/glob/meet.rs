//! Whether two programs have a text in common at all, without building an automaton.

use super::program::{ByteSet, Program, State};

/// Most pairs of states that are looked at.
const MOST_PAIRS: usize = 1 << 20;

impl Program {
    /// Whether some text matches both, be it a path or not. Where that would take long it says so too.
    #[must_use]
    pub fn meets(&self, other: &Self) -> bool {
        if !self.may_meet(other) {
            return false;
        }
        let width = other.states.len();
        let pairs = self.states.len().saturating_mul(width);
        if pairs > MOST_PAIRS {
            return true;
        }
        let mut seen = vec![0_u64; pairs / 64 + 1];
        let mut open = vec![(0_u32, 0_u32)];
        while let Some((left, right)) = open.pop() {
            let pair = left as usize * width + right as usize;
            let bit = 1 << (pair % 64);
            match seen.get_mut(pair / 64) {
                Some(word) if *word & bit == 0 => *word |= bit,
                _ => continue,
            }
            let states = (
                self.states.get(left as usize),
                other.states.get(right as usize),
            );
            match states {
                (Some(State::Split(a, b)), _) => open.extend([(*a, right), (*b, right)]),
                (_, Some(State::Split(a, b))) => open.extend([(left, *a), (left, *b)]),
                (Some(State::Accept), Some(State::Accept)) => return true,
                (Some(mine), Some(theirs)) if self.shares(*mine, other, *theirs) => {
                    open.push((left + 1, right + 1));
                }
                _ => {}
            }
        }
        false
    }

    /// Whether a byte is taken by a state of this program and by one of the other.
    fn shares(&self, mine: State, other: &Self, theirs: State) -> bool {
        let sets = self.takes_of(mine).zip(other.takes_of(theirs));
        sets.is_some_and(|(mine, theirs)| mine.meets(theirs))
    }

    fn takes_of(&self, state: State) -> Option<ByteSet> {
        match state {
            State::Byte(byte) => Some(ByteSet::of([byte])),
            State::Set(set) => Some(self.set(set)),
            State::Split(..) | State::Accept => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn common_texts() {
        for (left, right, is_met) in [
            ("/a*", "/*b", true),
            ("/a*", "/b*", false),
            ("/*.html", "/*.key", false),
            ("/{a,b}/**", "/b/*/c", true),
            ("/[a-c]x", "/[^a-c]x", false),
            ("/a", "/a", true),
        ] {
            let [left, right] = [left, right].map(|pattern| Program::path(pattern).unwrap());
            assert_eq!(left.meets(&right), is_met);
            assert_eq!(right.meets(&left), is_met);
        }
    }
}
