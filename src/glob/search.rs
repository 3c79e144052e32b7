//! Finding a text that NFAs decide in a certain way: the shortest one, breadth first.

use std::collections::VecDeque;
use std::ops::ControlFlow;

use rustc_hash::FxHashSet;

use super::input_domain::{InputDomain, Seen};
use super::lazy_dfa::{DEAD, LazyDfa, StateId};
use super::nfa::Nfa;

/// Most states that a search visits. What needs more is reported as too complex, never guessed.
pub const MAX_VISITED: usize = 200_000;

/// A search that was given up.
#[derive(Copy, Clone, PartialEq, Eq, Debug)]
pub struct TooComplex;

/// A text that a walk has come to.
#[derive(Copy, Clone, Debug)]
pub struct Trace<'w>(Way<'w>);

#[derive(Copy, Clone, Debug)]
enum Way<'w> {
    /// The last byte's number among those visited, each with the number of the one before.
    Visited(&'w [(usize, u8)], usize),
    Text(&'w [u8]),
}

impl<'w> Trace<'w> {
    /// This text.
    #[must_use]
    pub const fn of(text: &'w [u8]) -> Self {
        Self(Way::Text(text))
    }

    /// The text. It is the shortest one that leads where it leads.
    #[must_use]
    pub fn text(&self) -> Vec<u8> {
        let (visited, mut index) = match self.0 {
            Way::Text(text) => return text.to_vec(),
            Way::Visited(visited, index) => (visited, index),
        };
        let mut text = Vec::new();
        while let Some((before, byte)) = visited.get(index).filter(|_| index != 0) {
            text.push(*byte);
            index = *before;
        }
        text.reverse();
        text
    }
}

/// Visits every combination of matching NFAs that a text of `domain` can have, shortest texts
/// first, some combinations more than once, as long as `visit` wants more. Only what the first `guides`
/// NFAs can match is followed; `is_open` says of a state whether anything worthwhile can follow.
///
/// # Errors
/// If it would take more than [`MAX_VISITED`] steps, or more states than `automaton` may have.
pub fn walk(
    automaton: &mut LazyDfa<'_>,
    domain: InputDomain,
    guides: usize,
    mut is_open: impl FnMut(&LazyDfa<'_>, StateId) -> bool,
    mut visit: impl FnMut(&[u32], Trace<'_>) -> ControlFlow<()>,
) -> Result<(), TooComplex> {
    let start = (automaton.start(), Seen::Nothing);
    let mut seen: FxHashSet<(StateId, Seen)> = FxHashSet::from_iter([start]);
    // Each with the index of the one before and the byte between.
    let mut visited: Vec<(usize, u8)> = vec![(0, 0)];
    let mut open = VecDeque::from([(start, 0)]);
    let mut bytes = Vec::new();
    if !is_open(automaton, automaton.start()) {
        return Ok(());
    }
    while let Some(((state, path), index)) = open.pop_front() {
        if domain.may_end(path) {
            let trace = Trace(Way::Visited(&visited, index));
            if visit(automaton.accepted(state), trace).is_break() {
                return Ok(());
            }
        }
        automaton.bytes_from(state, guides, &mut bytes);
        bytes.retain(|byte| domain.after(path, *byte).is_some());
        automaton.explore(state, &bytes).ok_or(TooComplex)?;
        for byte in &bytes {
            let Some(path) = domain.after(path, *byte) else {
                continue;
            };
            let next = automaton.next(state, *byte).ok_or(TooComplex)?;
            if next == DEAD || !is_open(automaton, next) || !seen.insert((next, path)) {
                continue;
            }
            if visited.len() >= MAX_VISITED {
                return Err(TooComplex);
            }
            visited.push((index, *byte));
            open.push_back(((next, path), visited.len() - 1));
        }
    }
    Ok(())
}

/// The shortest text of `domain` at which `is_goal` holds for the NFAs that match it; see
/// [`walk`].
///
/// # Errors
/// As [`walk`].
pub fn shortest(
    automaton: &mut LazyDfa<'_>,
    domain: InputDomain,
    guides: usize,
    is_open: impl FnMut(&LazyDfa<'_>, StateId) -> bool,
    mut is_goal: impl FnMut(&[u32]) -> bool,
) -> Result<Option<Vec<u8>>, TooComplex> {
    let mut found = None;
    walk(automaton, domain, guides, is_open, |accepted, trace| {
        if is_goal(accepted) {
            found = Some(trace.text());
            return ControlFlow::Break(());
        }
        ControlFlow::Continue(())
    })?;
    Ok(found)
}

/// A text that `wanted` matches and none of `others`; the shortest.
///
/// # Errors
/// If that is too complex to find out.
pub fn outside(
    wanted: &Nfa,
    others: &[&Nfa],
    domain: InputDomain,
) -> Result<Option<Vec<u8>>, TooComplex> {
    let nfas = std::iter::once(wanted).chain(others.iter().copied());
    let mut automaton = LazyDfa::new(nfas.collect(), MAX_VISITED);
    shortest(
        &mut automaton,
        domain,
        1,
        |automaton, state| automaton.is_alive(state, 0..1),
        |accepted| accepted == [0],
    )
}

/// A text that all of `wanted` match and none of `others`; the shortest.
///
/// # Errors
/// If that is too complex to find out.
pub fn common(
    wanted: &[&Nfa],
    others: &[&Nfa],
    domain: InputDomain,
) -> Result<Option<Vec<u8>>, TooComplex> {
    let mut steps = super::MAX_STEPS;
    common_within(wanted, others, domain, &mut steps)
}

/// The same within a number of steps; those that it takes are taken off.
///
/// # Errors
/// If that is too complex to find out.
pub fn common_within(
    wanted: &[&Nfa],
    others: &[&Nfa],
    domain: InputDomain,
    steps: &mut u64,
) -> Result<Option<Vec<u8>>, TooComplex> {
    let count = wanted.len();
    let nfas = wanted.iter().chain(others).copied();
    let allowed = (*steps).min(super::MAX_STEPS);
    let mut automaton = LazyDfa::new(nfas.collect(), MAX_VISITED).within(allowed);
    let found = shortest(
        &mut automaton,
        domain,
        count,
        |automaton, state| (0..count).all(|number| automaton.is_alive(state, number..number + 1)),
        |accepted| accepted.len() == count && (0..).zip(accepted).all(|(at, number)| at == *number),
    );
    *steps -= allowed - automaton.steps_left();
    found
}
