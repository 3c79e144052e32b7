//! How many states programs need once they are made deterministic.

use super::automaton::Automaton;
use super::program::{Program, State};

/// How many steps a measurement may take.
const MOST_STEPS: u64 = 2_000_000;

/// How many states `programs`, side by side, need as one deterministic automaton.
///
/// # Errors
/// The number of those that were found when there were more than `most`, or when it took too long.
pub fn deterministic_size(programs: &[&Program], most: usize) -> Result<usize, usize> {
    let mut automaton = Automaton::new(programs.to_vec(), most).within(MOST_STEPS);
    let bytes = automaton.representatives().to_vec();
    let mut state = 0;
    while (state as usize) < automaton.size() {
        for byte in &bytes {
            if automaton.next(state, *byte).is_none() {
                return Err(automaton.size());
            }
        }
        state += 1;
    }
    Ok(automaton.size())
}

impl Program {
    /// How many sets stand behind the first repetition that something else follows, not counting those
    /// that are repeated: with each of them the number of states can double. `None` if nothing follows
    /// a repetition: then nothing is searched for.
    #[must_use]
    pub fn wildcards_behind_search(&self) -> Option<usize> {
        let length = u32::try_from(self.states.len()).unwrap_or(u32::MAX);
        let mut at = (0..length).find(|at| self.repeats(*at))?;
        let (mut count, mut is_search) = (0, false);
        while let Some(state) = self.states.get(at as usize) {
            if self.repeats(at) {
                at += 3;
                continue;
            }
            is_search |= matches!(state, State::Byte(_) | State::Set(_));
            count += usize::from(matches!(state, State::Set(_)));
            at += 1;
        }
        is_search.then_some(count)
    }

    /// Whether its first repetition goes over directories.
    #[must_use]
    pub fn searches_directories(&self) -> bool {
        let length = u32::try_from(self.states.len()).unwrap_or(u32::MAX);
        let first = (0..length).find(|at| self.repeats(*at));
        let repeated = first.and_then(|at| self.states.get(at as usize + 1));
        matches!(repeated, Some(State::Set(set)) if self.set(*set).contains(b'/'))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes() {
        let of = |pattern: &str| Program::path(pattern).unwrap();
        assert!(deterministic_size(&[&of("/a/b*")], 100).is_ok());
        let hard = of("/**a????????????????????");
        assert_eq!(deterministic_size(&[&hard], 10_000), Err(10_000));
        assert_eq!(hard.wildcards_behind_search(), Some(20));
        assert_eq!(of("/etc/**").wildcards_behind_search(), None);
        assert_eq!(of("/etc/{a,b}").wildcards_behind_search(), None);
        assert_eq!(of("/**.so").wildcards_behind_search(), Some(0));
        let many: Vec<Program> = (b'a'..=b'p')
            .map(|c| of(&format!("/**{}**", char::from(c))))
            .collect();
        let many: Vec<&Program> = many.iter().collect();
        assert!(deterministic_size(&many, 10_000).is_err_and(|size| size > 2_000));
    }
}
