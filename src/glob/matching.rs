//! Whether a pattern matches a text.
//!
//! Most of a pattern is one way without a choice, and is compared byte by byte. Only from a choice to
//! the next point where one way is left are the states that the text leads to kept as a set.

use std::cell::RefCell;

use super::nfa::{Nfa, NfaState};

impl Nfa {
    /// Whether it matches the whole of `text`.
    #[must_use]
    pub fn matches(&self, text: &[u8]) -> bool {
        match self.straight(0, text) {
            Way::End(is_match) => is_match,
            Way::Choice(from, rest) => SCRATCH.with(|scratch| match scratch.try_borrow_mut() {
                Ok(mut scratch) => self.follow(from, rest, &mut scratch),
                Err(_) => self.follow(from, rest, &mut Scratch::default()),
            }),
        }
    }

    /// Goes on at `index` as long as there is one way.
    fn straight<'t>(&self, mut index: u32, mut text: &'t [u8]) -> Way<'t> {
        loop {
            match self.states.get(index) {
                Some(NfaState::Split(left, right)) if left == right => index = left,
                Some(NfaState::Split(..)) => return Way::Choice(index, text),
                Some(NfaState::Accept) => return Way::End(text.is_empty()),
                _ => match text.split_first() {
                    Some((byte, rest)) if self.takes(index, *byte) => {
                        index += 1;
                        text = rest;
                    }
                    _ => return Way::End(false),
                },
            }
        }
    }

    /// Goes on at the choice `from`, all ways at once.
    fn follow(&self, from: u32, mut text: &[u8], scratch: &mut Scratch) -> bool {
        let Scratch {
            seen,
            open,
            current,
            next,
        } = scratch;
        seen.prepare(self.states.len());
        current.clear();
        self.enter(from, seen, open, current);
        while let Some((byte, rest)) = text.split_first() {
            text = rest;
            seen.clear();
            next.clear();
            for index in current.iter() {
                if self.takes(*index, *byte) {
                    self.enter(index + 1, seen, open, next);
                }
            }
            std::mem::swap(current, next);
            match current.as_slice() {
                [] => return false,
                [only] => match self.straight(*only, text) {
                    Way::End(is_match) => return is_match,
                    Way::Choice(from, rest) => {
                        text = rest;
                        seen.clear();
                        current.clear();
                        self.enter(from, seen, open, current);
                    }
                },
                _ => {}
            }
        }
        current
            .iter()
            .any(|index| self.states.get(*index) == Some(NfaState::Accept))
    }

    fn takes(&self, index: u32, byte: u8) -> bool {
        match self.states.get(index) {
            Some(NfaState::Byte(expected)) => expected == byte,
            Some(NfaState::Set(set)) => self.set(set).contains(byte),
            _ => false,
        }
    }

    /// Adds the states that consume a byte, and the end, to which `index` leads, each once. `open` is
    /// empty before and after.
    fn enter(&self, mut index: u32, seen: &mut Marks, open: &mut Vec<u32>, list: &mut Vec<u32>) {
        loop {
            if seen.insert(index) {
                match self.states.get(index) {
                    Some(NfaState::Split(left, right)) => {
                        open.push(right);
                        index = left;
                        continue;
                    }
                    Some(_) => list.push(index),
                    None => {}
                }
            }
            match open.pop() {
                Some(other) => index = other,
                None => return,
            }
        }
    }
}

/// How a straight way ends.
enum Way<'t> {
    /// With a decision.
    End(bool),
    /// At a state with two ways, with this text left.
    Choice(u32, &'t [u8]),
}

thread_local! {
    static SCRATCH: RefCell<Scratch> = RefCell::default();
}

/// Room for sets of states; patterns are matched by the million.
#[derive(Default)]
struct Scratch {
    seen: Marks,
    open: Vec<u32>,
    current: Vec<u32>,
    next: Vec<u32>,
}

/// A set of states that is emptied in no time: those with the present mark.
#[derive(Default)]
struct Marks {
    marks: Vec<u32>,
    present: u32,
}

impl Marks {
    /// Empties it, and makes room for that number of states.
    fn prepare(&mut self, states: usize) {
        if self.marks.len() < states {
            self.marks.resize(states, 0);
        }
        self.clear();
    }

    fn clear(&mut self) {
        self.present = self.present.wrapping_add(1);
        if self.present == 0 {
            self.marks.fill(0);
            self.present = 1;
        }
    }

    /// Whether the state is new.
    fn insert(&mut self, state: u32) -> bool {
        match self.marks.get_mut(state as usize) {
            Some(mark) if *mark != self.present => {
                *mark = self.present;
                true
            }
            _ => false,
        }
    }
}
