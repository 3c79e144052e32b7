//! Whether two patterns have a text in common, without saying which.
//!
//! Pairs of states that the same text leads to, one of each NFA, are followed until both end or
//! none is left. That takes a fraction of what a deterministic automaton does, and most patterns that
//! are compared have nothing in common.

use std::cell::RefCell;

use rustc_hash::FxHashSet;

use super::nfa::{Nfa, NfaState};

/// Up to this many pairs of states there is a bit for each.
const MAX_BITS: usize = 1 << 23;

impl Nfa {
    /// Whether some text matches both.
    #[must_use]
    pub fn intersects(&self, other: &Self) -> bool {
        if !self.may_intersect(other) {
            return false;
        }
        let pair = match self.straight_with(other) {
            Ok(is_common) => return is_common,
            Err(pair) => pair,
        };
        SCRATCH.with(|scratch| match scratch.try_borrow_mut() {
            Ok(mut scratch) => self.intersects_from(pair, other, &mut scratch),
            Err(_) => self.intersects_from(pair, other, &mut Scratch::default()),
        })
    }

    /// Follows both as long as each has one way: whether they end together, or the states at which one
    /// has a choice.
    fn straight_with(&self, other: &Self) -> Result<bool, Pair> {
        let (mut left, mut right) = (0, 0);
        loop {
            match (self.state(left), other.state(right)) {
                (Some(NfaState::Split(a, b)), _) if a == b => left = a,
                (_, Some(NfaState::Split(a, b))) if a == b => right = a,
                (Some(NfaState::Split(..)), _) | (_, Some(NfaState::Split(..))) => {
                    return Err((left, right));
                }
                (Some(NfaState::Accept), Some(NfaState::Accept)) => return Ok(true),
                (Some(mine), Some(theirs)) if self.shares_byte(mine, other, theirs) => {
                    left += 1;
                    right += 1;
                }
                _ => return Ok(false),
            }
        }
    }

    fn intersects_from(&self, pair: Pair, other: &Self, scratch: &mut Scratch) -> bool {
        let Scratch { open, seen } = scratch;
        seen.prepare(self.states.len(), other.states.len());
        open.clear();
        open.push(pair);
        while let Some((left, right)) = open.pop() {
            if !seen.insert(left, right) {
                continue;
            }
            match (self.state(left), other.state(right)) {
                (Some(NfaState::Split(a, b)), _) => open.extend([(a, right), (b, right)]),
                (_, Some(NfaState::Split(a, b))) => open.extend([(left, a), (left, b)]),
                (Some(NfaState::Accept), Some(NfaState::Accept)) => return true,
                (Some(mine), Some(theirs)) if self.shares_byte(mine, other, theirs) => {
                    open.push((left + 1, right + 1));
                }
                _ => {}
            }
        }
        false
    }

    fn state(&self, index: u32) -> Option<NfaState> {
        self.states.get(index)
    }

    /// Whether both states take some byte.
    fn shares_byte(&self, mine: NfaState, other: &Self, theirs: NfaState) -> bool {
        match (mine, theirs) {
            (NfaState::Byte(a), NfaState::Byte(b)) => a == b,
            (NfaState::Byte(byte), NfaState::Set(set)) => other.set(set).contains(byte),
            (NfaState::Set(set), NfaState::Byte(byte)) => self.set(set).contains(byte),
            (NfaState::Set(a), NfaState::Set(b)) => self.set(a).intersects(&other.set(b)),
            _ => false,
        }
    }
}

/// A state of each NFA.
type Pair = (u32, u32);

thread_local! {
    static SCRATCH: RefCell<Scratch> = RefCell::default();
}

/// Room for pairs of states; patterns are compared by the hundred thousand.
#[derive(Default)]
struct Scratch {
    open: Vec<Pair>,
    seen: Seen,
}

/// Pairs of states.
#[derive(Default)]
struct Seen {
    /// A bit for each pair, for the given number of states of the second NFA. Outside of a comparison all are
    /// zero.
    bits: Vec<u64>,
    width: usize,
    /// Which words of it are not.
    used: Vec<usize>,
    /// The pairs, where there are too many for bits.
    set: Option<FxHashSet<Pair>>,
}

impl Seen {
    /// Empties it, and makes room for the given number of states of each.
    fn prepare(&mut self, left: usize, right: usize) {
        for word in self.used.drain(..) {
            if let Some(word) = self.bits.get_mut(word) {
                *word = 0;
            }
        }
        self.width = right;
        match left.checked_mul(right) {
            Some(count) if count <= MAX_BITS => {
                self.set = None;
                if self.bits.len() <= count / 64 {
                    self.bits.resize(count / 64 + 1, 0);
                }
            }
            _ => self.set = Some(FxHashSet::default()),
        }
    }

    /// Enters a pair; whether it is new.
    fn insert(&mut self, left: u32, right: u32) -> bool {
        if let Some(set) = &mut self.set {
            return set.insert((left, right));
        }
        let at = left as usize * self.width + right as usize;
        let bit = 1 << (at % 64);
        let Some(word) = self.bits.get_mut(at / 64) else {
            return false;
        };
        if *word == 0 {
            self.used.push(at / 64);
        }
        let is_new = *word & bit == 0;
        *word |= bit;
        is_new
    }
}

#[cfg(test)]
mod tests {
    use super::super::{InputDomain, common};
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
        let nfas = patterns.map(|pattern| Nfa::path(pattern).unwrap());
        for left in &nfas {
            for right in &nfas {
                let found = common(&[left, right], &[], InputDomain::Bytes).unwrap();
                assert_eq!(
                    left.intersects(right),
                    found.is_some(),
                    "{left:?} {right:?}"
                );
            }
        }
    }
}
