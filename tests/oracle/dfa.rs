//! The automata of compiled policy, walked as the kernel's match.c walks them.

use super::Damaged;
use super::stream::take;

const MAGIC: [u8; 4] = [0x1b, 0x5e, 0x78, 0x3d];
/// The base table's bit for "what is not here stands at the default state".
const DIFF_ENCODED: u32 = 1 << 31;
/// How many default states may follow one another; a longer chain is a loop.
const LONGEST_CHAIN: usize = 1 << 16;

/// A state's number; 0 is the one that nothing leads out of and that accepts nothing.
pub type State = u32;

/// The tables of one automaton.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Dfa {
    accept: Vec<u32>,
    accept2: Vec<u32>,
    base: Vec<u32>,
    default: Vec<u32>,
    check: Vec<u32>,
    next: Vec<u32>,
    /// The class of each byte; empty when each is its own.
    classes: Vec<u32>,
}

impl Dfa {
    /// Where a walk begins.
    pub const START: State = 1;

    /// Reads the tables from a blob, which may begin with padding.
    pub fn read(blob: &[u8]) -> Result<Self, Damaged> {
        let padding = blob
            .iter()
            .position(|byte| *byte != 0)
            .filter(|padding| *padding < 8);
        let mut rest = blob
            .get(padding.ok_or(Damaged("an automaton is empty"))?..)
            .unwrap_or_default();
        let whole = rest;
        if take(&mut rest, 4)? != MAGIC {
            return Err(Damaged("an automaton does not begin with its mark"));
        }
        let header = usize::try_from(big_endian(take(&mut rest, 4)?)).unwrap_or(usize::MAX);
        let mut rest = whole
            .get(header..)
            .ok_or(Damaged("an automaton's head is too long"))?;
        let mut dfa = Self::default();
        while rest.len() >= 12 {
            dfa.table(&mut rest)?;
        }
        dfa.check()
    }

    fn table(&mut self, rest: &mut &[u8]) -> Result<(), Damaged> {
        let id = big_endian(take(rest, 2)?);
        let width = big_endian(take(rest, 2)?) as usize;
        let high = big_endian(take(rest, 4)?);
        let low = big_endian(take(rest, 4)?) as usize;
        if high != 0 || !matches!(width, 1 | 2 | 4) {
            return Err(Damaged("a table of an unknown shape"));
        }
        let length = width
            .checked_mul(low)
            .ok_or(Damaged("a table is too long"))?;
        let data = take(rest, length)?;
        // What follows is aligned to eight bytes; the last table's padding may be missing.
        let padding = (12 + length).next_multiple_of(8) - (12 + length);
        take(rest, padding.min(rest.len()))?;
        let numbers = data.chunks_exact(width).map(big_endian).collect();
        match id {
            1 => self.accept = numbers,
            2 => self.base = numbers,
            3 => self.check = numbers,
            4 => self.default = numbers,
            5 => self.classes = numbers,
            7 => self.accept2 = numbers,
            8 => self.next = numbers,
            _ => return Err(Damaged("a table of an unknown kind")),
        }
        Ok(())
    }

    /// Whether the tables fit each other: then no walk leaves them.
    fn check(self) -> Result<Self, Damaged> {
        let states = self.base.len();
        if states < 2
            || self.default.len() != states
            || self.accept.len() != states
            || !(self.accept2.is_empty() || self.accept2.len() == states)
            || self.next.len() != self.check.len()
            || !(self.classes.is_empty() || self.classes.len() == 256)
        {
            return Err(Damaged("an automaton's tables do not fit each other"));
        }
        let mut targets = self.next.iter().chain(&self.default);
        if targets.any(|state| *state as usize >= states) {
            return Err(Damaged(
                "an automaton leads to a state that it does not have",
            ));
        }
        Ok(self)
    }

    /// The state that one more byte leads to.
    pub fn step(&self, mut state: State, byte: u8) -> State {
        let class = self.classes.get(usize::from(byte)).copied();
        let class = class.unwrap_or(u32::from(byte));
        for _ in 0..LONGEST_CHAIN {
            let Some(base) = self.base.get(state as usize) else {
                return 0;
            };
            let position = ((base & 0x00ff_ffff) + class) as usize;
            if self.check.get(position) == Some(&state) {
                return self.next.get(position).copied().unwrap_or(0);
            }
            state = self.default.get(state as usize).copied().unwrap_or(0);
            if base & DIFF_ENCODED == 0 {
                return state;
            }
        }
        0
    }

    /// The state that a string leads to.
    pub fn walk(&self, from: State, bytes: &[u8]) -> State {
        bytes
            .iter()
            .fold(from, |state, byte| self.step(state, *byte))
    }

    /// A number that bytes have in common which lead to the same from every state.
    pub fn class(&self, byte: u8) -> u32 {
        let class = self.classes.get(usize::from(byte)).copied();
        class.unwrap_or(u32::from(byte))
    }

    /// A byte of each class, one of `preferred` where the class has one.
    pub fn representatives(&self, preferred: &[u8]) -> Vec<u8> {
        let mut found: Vec<(u32, u8)> = Vec::new();
        for byte in preferred.iter().copied().chain(0..=255) {
            let class = self.classes.get(usize::from(byte)).copied();
            let class = class.unwrap_or(u32::from(byte));
            if !found.iter().any(|(known, _)| *known == class) {
                found.push((class, byte));
            }
        }
        found.into_iter().map(|(_, byte)| byte).collect()
    }

    /// The two numbers kept for a state.
    pub fn accept(&self, state: State) -> (u32, u32) {
        let at = state as usize;
        (
            self.accept.get(at).copied().unwrap_or(0),
            self.accept2.get(at).copied().unwrap_or(0),
        )
    }

    /// How many states there are.
    pub fn states(&self) -> usize {
        self.base.len()
    }
}

fn big_endian(bytes: &[u8]) -> u32 {
    bytes
        .iter()
        .fold(0, |number, byte| number << 8 | u32::from(*byte))
}
