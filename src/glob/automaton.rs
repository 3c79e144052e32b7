//! Several programs run side by side: a deterministic automaton, built state by state as it is used.

use rustc_hash::FxHashMap;

use super::program::{ByteSet, Program, State};

/// A state of an [`Automaton`].
pub type StateId = u32;

const UNKNOWN: StateId = u32::MAX;
/// No program is alive.
pub const DEAD: StateId = 0;

/// Programs side by side. States are sets of program states, made when they are first reached.
#[derive(Debug)]
pub struct Automaton<'p> {
    programs: Vec<&'p Program>,
    /// First global state of each program; one more at the end.
    offsets: Vec<u32>,
    class_of: [u8; 256],
    /// A byte of each class, the most readable one.
    representatives: Vec<u8>,
    states: Vec<Reached>,
    known: FxHashMap<Box<[u32]>, StateId>,
    next: Vec<StateId>,
    start: StateId,
    seen: Vec<u32>,
    step: u32,
    most_states: usize,
    steps_left: u64,
}

/// How many steps an automaton takes at most, unless told otherwise; a step follows one state of one
/// program. A second or two.
pub const MAX_STEPS: u64 = 200_000_000;

#[derive(Debug)]
struct Reached {
    /// The consuming program states that are alive, sorted.
    alive: Box<[u32]>,
    /// The programs that match what led here, sorted.
    accepted: Box<[u32]>,
}

impl<'p> Automaton<'p> {
    /// Puts programs side by side; it will have at most `most_states` states.
    #[must_use]
    pub fn new(programs: Vec<&'p Program>, most_states: usize) -> Self {
        let mut offsets = Vec::with_capacity(programs.len() + 1);
        let mut total = 0;
        for program in &programs {
            offsets.push(total);
            total += u32::try_from(program.states.len()).unwrap_or(u32::MAX / 2);
        }
        offsets.push(total);
        let (class_of, representatives) = classes(&programs);
        let mut automaton = Self {
            seen: vec![0; total as usize],
            programs,
            offsets,
            class_of,
            representatives,
            states: Vec::new(),
            known: FxHashMap::default(),
            next: Vec::new(),
            start: DEAD,
            step: 0,
            most_states: most_states.max(2),
            steps_left: MAX_STEPS.saturating_sub(u64::from(total) / 16),
        };
        automaton.add(Box::default());
        automaton.step = 1;
        let mut alive = Vec::new();
        for index in 0..automaton.programs.len() {
            let first = automaton.offsets.get(index).copied().unwrap_or(0);
            automaton.enter(first, index, &mut alive);
        }
        alive.sort_unstable();
        automaton.start = automaton.add(alive.into_boxed_slice());
        automaton
    }

    /// The same with fewer steps to take.
    #[must_use]
    pub fn within(mut self, steps: u64) -> Self {
        let spent = MAX_STEPS.saturating_sub(self.steps_left);
        self.steps_left = steps.saturating_sub(spent);
        self
    }

    /// How many steps are left.
    #[must_use]
    pub const fn steps_left(&self) -> u64 {
        self.steps_left
    }

    /// The programs.
    #[must_use]
    pub fn programs(&self) -> &[&'p Program] {
        &self.programs
    }

    /// Where every text begins.
    #[must_use]
    pub const fn start(&self) -> StateId {
        self.start
    }

    /// How many states there are so far.
    #[must_use]
    pub fn size(&self) -> usize {
        self.states.len()
    }

    /// A byte of each class of bytes that no program tells apart.
    #[must_use]
    pub fn representatives(&self) -> &[u8] {
        &self.representatives
    }

    /// Numbers of the programs that match what led to `state`, sorted.
    #[must_use]
    pub fn accepted(&self, state: StateId) -> &[u32] {
        self.states
            .get(state as usize)
            .map(|state| &*state.accepted)
            .unwrap_or_default()
    }

    /// Whether a program with a number in `range` can still match, or does.
    #[must_use]
    pub fn is_alive(&self, state: StateId, range: std::ops::Range<usize>) -> bool {
        let low = self.offsets.get(range.start).copied().unwrap_or(u32::MAX);
        let high = self.offsets.get(range.end).copied().unwrap_or(u32::MAX);
        let Some(state) = self.states.get(state as usize) else {
            return false;
        };
        let at = state.alive.partition_point(|position| *position < low);
        state.alive.get(at).is_some_and(|position| *position < high)
    }

    /// Puts into `bytes` those that the first `guides` programs can take next: one of each class of
    /// bytes that no program tells apart, the most readable ones first.
    pub fn bytes_from(&self, state: StateId, guides: usize, bytes: &mut Vec<u8>) {
        bytes.clear();
        let Some(reached) = self.states.get(state as usize) else {
            return;
        };
        let end = self.offsets.get(guides).copied().unwrap_or(u32::MAX);
        let mut taken = ByteSet::default();
        let mut number = 0;
        for position in reached.alive.iter().take_while(|position| **position < end) {
            while self
                .offsets
                .get(number + 1)
                .is_some_and(|end| end <= position)
            {
                number += 1;
            }
            let place = self.programs.get(number).zip(self.offsets.get(number));
            let Some((program, offset)) = place else {
                continue;
            };
            match program.states.get((position - offset) as usize) {
                Some(State::Byte(byte)) => taken.insert(*byte),
                Some(State::Set(set)) => taken.extend(program.set(*set)),
                _ => {}
            }
        }
        let all = self.representatives.iter().copied();
        bytes.extend(all.filter(|byte| taken.contains(*byte)));
    }

    /// Where `byte` leads from `state`. `None` if that would be one state or step too many.
    pub fn next(&mut self, state: StateId, byte: u8) -> Option<StateId> {
        let class = self.class_of.get(usize::from(byte)).copied().unwrap_or(0);
        let width = self.representatives.len();
        let slot = state as usize * width + usize::from(class);
        let known = self.next.get(slot).copied().unwrap_or(UNKNOWN);
        if known != UNKNOWN {
            return Some(known);
        }
        let found = self.compute(state, byte)?;
        if let Some(place) = self.next.get_mut(slot) {
            *place = found;
        }
        Some(found)
    }

    /// The programs that match the whole of `text`, by number.
    pub fn matching(&mut self, text: &[u8]) -> Vec<u32> {
        let mut state = self.start;
        for (at, byte) in text.iter().enumerate() {
            let Some(next) = self.next(state, *byte) else {
                return self.matching_slowly(text);
            };
            state = next;
            if state == DEAD {
                debug_assert!(at < text.len());
                return Vec::new();
            }
        }
        self.accepted(state).to_vec()
    }

    /// Where there are too many states to keep.
    fn matching_slowly(&self, text: &[u8]) -> Vec<u32> {
        (0..)
            .zip(&self.programs)
            .filter(|(_, program)| program.matches(text))
            .map(|(number, _)| number)
            .collect()
    }

    fn compute(&mut self, state: StateId, byte: u8) -> Option<StateId> {
        self.step += 1;
        let mut alive = Vec::new();
        let width = self.states.get(state as usize)?.alive.len() as u64 + 1;
        self.steps_left = self.steps_left.checked_sub(width)?;
        let before = std::mem::take(&mut self.states.get_mut(state as usize)?.alive);
        let mut program = 0;
        for &position in &*before {
            while self
                .offsets
                .get(program + 1)
                .is_some_and(|end| *end <= position)
            {
                program += 1;
            }
            if self.takes(program, position, byte) {
                self.enter(position + 1, program, &mut alive);
            }
        }
        if let Some(reached) = self.states.get_mut(state as usize) {
            reached.alive = before;
        }
        alive.sort_unstable();
        if let Some(known) = self.known.get(alive.as_slice()) {
            return Some(*known);
        }
        (self.states.len() < self.most_states).then(|| self.add(alive.into_boxed_slice()))
    }

    fn takes(&self, program: usize, position: u32, byte: u8) -> bool {
        let (Some(program), Some(offset)) = (self.programs.get(program), self.offsets.get(program))
        else {
            return false;
        };
        match program.states.get((position - offset) as usize) {
            Some(State::Byte(expected)) => *expected == byte,
            Some(State::Set(set)) => program.set(*set).contains(byte),
            _ => false,
        }
    }

    /// Adds the states that `position` of a program leads to without consuming.
    fn enter(&mut self, position: u32, program: usize, alive: &mut Vec<u32>) {
        let Some((program, offset)) = self
            .programs
            .get(program)
            .copied()
            .zip(self.offsets.get(program).copied())
        else {
            return;
        };
        let mut open = vec![position - offset];
        while let Some(local) = open.pop() {
            match self.seen.get_mut((local + offset) as usize) {
                Some(mark) if *mark != self.step => *mark = self.step,
                _ => continue,
            }
            match program.states.get(local as usize) {
                Some(State::Split(left, right)) => open.extend([*right, *left]),
                Some(_) => alive.push(local + offset),
                None => {}
            }
        }
    }

    fn add(&mut self, alive: Box<[u32]>) -> StateId {
        let id = u32::try_from(self.states.len()).unwrap_or(UNKNOWN);
        let mut accepted = Vec::new();
        let mut number = 0;
        for position in &*alive {
            while self
                .offsets
                .get(number + 1)
                .is_some_and(|end| *end <= *position)
            {
                number += 1;
            }
            // The last state of each program is its end.
            if self.offsets.get(number + 1) == Some(&(position + 1)) {
                accepted.push(u32::try_from(number).unwrap_or(UNKNOWN));
            }
        }
        self.states.push(Reached {
            alive: alive.clone(),
            accepted: accepted.into_boxed_slice(),
        });
        self.known.insert(alive, id);
        self.next
            .resize(self.states.len() * self.representatives.len(), UNKNOWN);
        id
    }
}

/// Parts the bytes into classes that no program tells apart; `/` and `.` stand alone, so that paths
/// can be told from what is none.
fn classes(programs: &[&Program]) -> ([u8; 256], Vec<u8>) {
    let mut singles = ByteSet::of([0, b'/', b'.']);
    let mut sets: Vec<ByteSet> = Vec::new();
    for program in programs {
        for state in &program.states {
            if let State::Byte(byte) = state {
                singles.insert(*byte);
            }
        }
        for set in &program.sets {
            if !sets.contains(set) {
                sets.push(*set);
            }
        }
    }
    let mut numbers: FxHashMap<(Option<u8>, Vec<bool>), u8> = FxHashMap::default();
    let mut class_of = [0; 256];
    let mut representatives = Vec::new();
    for byte in readable_first() {
        let signature = if singles.contains(byte) {
            (Some(byte), Vec::new())
        } else {
            (None, sets.iter().map(|set| set.contains(byte)).collect())
        };
        let fresh = u8::try_from(numbers.len()).unwrap_or(u8::MAX);
        let class = *numbers.entry(signature).or_insert_with(|| {
            representatives.push(byte);
            fresh
        });
        if let Some(place) = class_of.get_mut(usize::from(byte)) {
            *place = class;
        }
    }
    (class_of, representatives)
}

/// All bytes, those first that read well in an example.
fn readable_first() -> impl Iterator<Item = u8> {
    let rank = |byte: &u8| match byte {
        b'x'..=b'z' => 0,
        b'a'..=b'w' => 1,
        b'0'..=b'9' => 2,
        b'A'..=b'Z' => 3,
        b'/' | b'.' | b'-' | b'_' => 4,
        0x21..=0x7e => 5,
        b' ' => 6,
        0x80..=0xff => 7,
        _ => 8,
    };
    let mut bytes: Vec<u8> = (0..=255).collect();
    bytes.sort_by_key(rank);
    bytes.into_iter()
}
