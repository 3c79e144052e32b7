//! Several NFAs run side by side as one deterministic automaton, built state by state as it is used.

use std::rc::Rc;
use std::sync::LazyLock;

use rustc_hash::FxHashMap;

use super::nfa::{ByteSet, Nfa, NfaState};

/// A state of an [`LazyDfa`].
pub type StateId = u32;

const UNKNOWN: StateId = u32::MAX;
/// No NFA is alive.
pub const DEAD: StateId = 0;

/// NFAs side by side. States are sets of NFA states, made when they are first reached.
#[derive(Debug)]
pub struct LazyDfa<'p> {
    nfas: Vec<&'p Nfa>,
    /// First global state of each NFA; one more at the end.
    offsets: Vec<u32>,
    /// The states of all NFAs, one behind the other.
    steps: Vec<Step>,
    /// The sets of all NFAs, each once.
    sets: Vec<ByteSet>,
    class_of: [u8; 256],
    /// A byte of each class, the most readable one.
    representatives: Vec<u8>,
    states: Vec<Reached>,
    known: FxHashMap<Box<[u32]>, StateId>,
    next: Vec<StateId>,
    start: StateId,
    seen: Vec<u32>,
    round: u32,
    most_states: usize,
    steps_left: u64,
}

/// How many steps an automaton takes at most, unless told otherwise; a step enters one state of one
/// NFA. About a second: without this bound states in which hundreds of NFAs are alive would
/// take many times as long as others.
pub const MAX_STEPS: u64 = 25_000_000;

/// A state of one of the NFAs. Numbers of states count through all of them.
#[derive(Copy, Clone, Debug)]
enum Step {
    /// Takes this byte and goes on behind itself.
    Byte(u8),
    /// The same with a byte of the set with that number.
    Set(u32),
    /// Goes on at both.
    Split(u32, u32),
    /// The NFA with that number matches.
    Accept(u32),
}

#[derive(Debug)]
struct Reached {
    /// The consuming NFA states that are alive, sorted.
    alive: Box<[u32]>,
    /// The NFAs that match what led here, sorted.
    accepted: Box<[u32]>,
}

impl<'p> LazyDfa<'p> {
    /// Puts NFAs side by side; it will have at most `most_states` states.
    #[must_use]
    pub fn new(nfas: Vec<&'p Nfa>, most_states: usize) -> Self {
        let (offsets, steps, sets) = joined(&nfas);
        let (class_of, representatives) = classes(&steps, &sets);
        let mut automaton = Self {
            seen: vec![0; steps.len()],
            steps_left: MAX_STEPS.saturating_sub(steps.len() as u64 / 16),
            nfas,
            offsets,
            steps,
            sets,
            class_of,
            representatives,
            states: Vec::new(),
            known: FxHashMap::default(),
            next: Vec::new(),
            start: DEAD,
            round: 0,
            most_states: most_states.max(2),
        };
        automaton.add(Box::default());
        let mut starts = automaton.offsets.clone();
        starts.pop();
        let alive = automaton.closure(starts);
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

    /// The NFAs.
    #[must_use]
    pub fn nfas(&self) -> &[&'p Nfa] {
        &self.nfas
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

    /// A byte of each class of bytes that no NFA tells apart.
    #[must_use]
    pub fn representatives(&self) -> &[u8] {
        &self.representatives
    }

    /// Numbers of the NFAs that match what led to `state`, sorted.
    #[must_use]
    pub fn accepted(&self, state: StateId) -> &[u32] {
        self.states
            .get(state as usize)
            .map(|state| &*state.accepted)
            .unwrap_or_default()
    }

    /// Whether an NFA with a number in `range` can still match, or does.
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

    /// Puts into `bytes` those that the first `guides` NFAs can take next: one of each class of
    /// bytes that no NFA tells apart, the most readable ones first.
    pub fn bytes_from(&self, state: StateId, guides: usize, bytes: &mut Vec<u8>) {
        bytes.clear();
        let Some(reached) = self.states.get(state as usize) else {
            return;
        };
        let end = self.offsets.get(guides).copied().unwrap_or(u32::MAX);
        let mut taken = ByteSet::default();
        for position in reached.alive.iter().take_while(|position| **position < end) {
            match self.steps.get(*position as usize) {
                Some(Step::Byte(byte)) => taken.insert(*byte),
                Some(Step::Set(set)) => taken.extend(self.set(*set)),
                _ => {}
            }
        }
        let all = self.representatives.iter().copied();
        bytes.extend(all.filter(|byte| taken.contains(*byte)));
    }

    /// Where `byte` leads from `state`. `None` if that would be one state or step too many.
    pub fn next(&mut self, state: StateId, byte: u8) -> Option<StateId> {
        let known = self.next.get(self.slot(state, byte)).copied();
        let known = known.unwrap_or(UNKNOWN);
        if known != UNKNOWN {
            return Some(known);
        }
        let found = self.compute(state, byte)?;
        self.enter(state, byte, found);
        Some(found)
    }

    /// Where the whole of `text` leads. `None` if that would be one state or step too many.
    pub fn walk(&mut self, text: &[u8]) -> Option<StateId> {
        let mut state = self.start;
        for byte in text {
            state = self.next(state, *byte)?;
            if state == DEAD {
                break;
            }
        }
        Some(state)
    }

    /// Works out where each of `bytes` leads from `state`, cheaper than [`Self::next`] one by one.
    /// `None` if there would be too many states, or it takes too long.
    pub fn explore(&mut self, state: StateId, bytes: &[u8]) -> Option<()> {
        let is_unknown = |byte: &u8| {
            let known = self.next.get(self.slot(state, *byte));
            known.is_none_or(|known| *known == UNKNOWN)
        };
        let bytes: Vec<u8> = bytes.iter().copied().filter(is_unknown).collect();
        let before = std::mem::take(&mut self.states.get_mut(state as usize)?.alive);
        let leads = self.leads(&before, &bytes);
        if let Some(reached) = self.states.get_mut(state as usize) {
            reached.alive = before;
        }
        for (byte, alive) in bytes.iter().zip(leads?) {
            let found = self.reach(&alive)?;
            self.enter(state, *byte, found);
        }
        Some(())
    }

    /// What is alive behind each of `bytes`, if `before` is alive. Most states take one byte or one of
    /// a few sets, so bytes that the same sets hold have these in common.
    fn leads(&mut self, before: &[u32], bytes: &[u8]) -> Option<Vec<Rc<[u32]>>> {
        let mut singles: Vec<(u8, u32)> = Vec::new();
        let mut of_sets: Vec<(u32, Vec<u32>)> = Vec::new();
        for position in before {
            match self.steps.get(*position as usize) {
                Some(Step::Byte(byte)) => singles.push((*byte, position + 1)),
                Some(Step::Set(set)) => match of_sets.iter_mut().find(|(known, _)| known == set) {
                    Some((_, positions)) => positions.push(position + 1),
                    None => of_sets.push((*set, vec![position + 1])),
                },
                _ => {}
            }
        }
        singles.sort_unstable();
        // Looking at them counts as well: there may be hundreds of sets.
        self.spend(before.len() / 8 + bytes.len() * of_sets.len() / 8)?;
        let mut shared: FxHashMap<Vec<bool>, Rc<[u32]>> = FxHashMap::default();
        let mut leads = Vec::with_capacity(bytes.len());
        for byte in bytes {
            let holds = of_sets
                .iter()
                .map(|(set, _)| self.set(*set).contains(*byte));
            let holds: Vec<bool> = holds.collect();
            let of_byte = singles.partition_point(|(single, _)| single < byte);
            let of_byte = singles.iter().skip(of_byte);
            let mut of_byte = of_byte.take_while(|(single, _)| single == byte).peekable();
            if of_byte.peek().is_none()
                && let Some(known) = shared.get(&holds)
            {
                leads.push(Rc::clone(known));
                continue;
            }
            let is_shared = of_byte.peek().is_none();
            let held = of_sets.iter().zip(&holds).filter(|(_, holds)| **holds);
            let held = held.flat_map(|((_, positions), _)| positions).copied();
            let positions = held.chain(of_byte.map(|(_, position)| *position)).collect();
            let alive: Rc<[u32]> = self.closure(positions).into();
            self.spend(alive.len())?;
            if is_shared {
                shared.insert(holds, Rc::clone(&alive));
            }
            leads.push(alive);
        }
        Some(leads)
    }

    fn compute(&mut self, state: StateId, byte: u8) -> Option<StateId> {
        let alive = &self.states.get(state as usize)?.alive;
        let takes = |position: &&u32| match self.steps.get(**position as usize) {
            Some(Step::Byte(expected)) => *expected == byte,
            Some(Step::Set(set)) => self.set(*set).contains(byte),
            _ => false,
        };
        let behind = alive.iter().filter(takes).map(|position| position + 1);
        let alive = behind.collect();
        let alive = self.closure(alive);
        self.spend(alive.len())?;
        self.reach(&alive)
    }

    /// Takes off what it costs to enter that number of states. `None` if there is not enough left.
    fn spend(&mut self, entered: usize) -> Option<()> {
        self.steps_left = self.steps_left.checked_sub(entered as u64 + 1)?;
        Some(())
    }

    fn set(&self, number: u32) -> ByteSet {
        self.sets.get(number as usize).copied().unwrap_or_default()
    }

    /// The state in which these are alive; a new one, unless there would be too many.
    fn reach(&mut self, alive: &[u32]) -> Option<StateId> {
        if let Some(known) = self.known.get(alive) {
            return Some(*known);
        }
        (self.states.len() < self.most_states).then(|| self.add(alive.into()))
    }

    fn enter(&mut self, state: StateId, byte: u8, found: StateId) {
        let slot = self.slot(state, byte);
        if let Some(place) = self.next.get_mut(slot) {
            *place = found;
        }
    }

    /// Where in [`Self::next`] it stands where `byte` leads from `state`.
    fn slot(&self, state: StateId, byte: u8) -> usize {
        let class = self.class_of.get(usize::from(byte)).copied().unwrap_or(0);
        state as usize * self.representatives.len() + usize::from(class)
    }

    /// The states that those of `open` lead to without taking a byte, sorted.
    fn closure(&mut self, mut open: Vec<u32>) -> Vec<u32> {
        self.round += 1;
        let mut alive = Vec::with_capacity(open.len());
        while let Some(position) = open.pop() {
            match self.seen.get_mut(position as usize) {
                Some(mark) if *mark != self.round => *mark = self.round,
                _ => continue,
            }
            match self.steps.get(position as usize) {
                Some(Step::Split(left, right)) => open.extend([*right, *left]),
                Some(_) => alive.push(position),
                None => {}
            }
        }
        alive.sort_unstable();
        alive
    }

    fn add(&mut self, alive: Box<[u32]>) -> StateId {
        let id = u32::try_from(self.states.len()).unwrap_or(UNKNOWN);
        let accepted = alive.iter().filter_map(|position| {
            let step = self.steps.get(*position as usize);
            match step {
                Some(Step::Accept(nfa)) => Some(*nfa),
                _ => None,
            }
        });
        self.states.push(Reached {
            accepted: accepted.collect(),
            alive: alive.clone(),
        });
        self.known.insert(alive, id);
        self.next
            .resize(self.states.len() * self.representatives.len(), UNKNOWN);
        id
    }
}

/// The states of all NFAs one behind the other, where each begins, and their sets.
fn joined(nfas: &[&Nfa]) -> (Vec<u32>, Vec<Step>, Vec<ByteSet>) {
    let total: usize = nfas.iter().map(|nfa| nfa.states.len()).sum();
    let mut offsets = Vec::with_capacity(nfas.len() + 1);
    let mut steps = Vec::with_capacity(total);
    let mut sets: Vec<ByteSet> = Vec::new();
    let mut numbers: FxHashMap<ByteSet, u32> = FxHashMap::default();
    for (number, nfa) in (0..).zip(nfas) {
        let offset = u32::try_from(steps.len()).unwrap_or(u32::MAX / 2);
        offsets.push(offset);
        steps.extend(nfa.states.iter().map(|state| match state {
            NfaState::Byte(byte) => Step::Byte(byte),
            NfaState::Set(set) => {
                let set = nfa.set(set);
                let number = *numbers.entry(set).or_insert_with(|| {
                    sets.push(set);
                    u32::try_from(sets.len() - 1).unwrap_or(u32::MAX)
                });
                Step::Set(number)
            }
            NfaState::Split(left, right) => Step::Split(left + offset, right + offset),
            NfaState::Accept => Step::Accept(number),
        }));
    }
    offsets.push(u32::try_from(steps.len()).unwrap_or(u32::MAX / 2));
    (offsets, steps, sets)
}

/// Parts the bytes into classes that no NFA tells apart; `/` and `.` stand alone, so that paths
/// can be told from other texts.
fn classes(steps: &[Step], sets: &[ByteSet]) -> ([u8; 256], Vec<u8>) {
    let mut singles = ByteSet::of([0, b'/', b'.']);
    for step in steps {
        if let Step::Byte(byte) = step {
            singles.insert(*byte);
        }
    }
    // Bytes that some set parts get different numbers, which may be any.
    let mut group_of = [0_u32; 256];
    let mut groups = 1_u32;
    let mut split = |is_in: &dyn Fn(u8) -> bool| {
        let mut parted: FxHashMap<u32, u32> = FxHashMap::default();
        for (byte, group) in (0..=255).zip(&mut group_of) {
            if is_in(byte) {
                *group = *parted.entry(*group).or_insert_with(|| {
                    groups += 1;
                    groups - 1
                });
            }
        }
    };
    for set in sets {
        split(&|byte| set.contains(byte));
    }
    for byte in (0..=255).filter(|byte| singles.contains(*byte)) {
        split(&|other| other == byte);
    }
    let mut classes: FxHashMap<u32, u8> = FxHashMap::default();
    let mut class_of = [0; 256];
    let mut representatives = Vec::new();
    for byte in READABLE_FIRST.iter().copied() {
        let at = usize::from(byte);
        let (Some(group), Some(place)) = (group_of.get(at), class_of.get_mut(at)) else {
            continue;
        };
        let fresh = u8::try_from(classes.len()).unwrap_or(u8::MAX);
        *place = *classes.entry(*group).or_insert_with(|| {
            representatives.push(byte);
            fresh
        });
    }
    (class_of, representatives)
}

/// All bytes, those first that read well in an example.
static READABLE_FIRST: LazyLock<Vec<u8>> = LazyLock::new(|| {
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
    bytes
});
