//! How many states NFAs need once they are made deterministic.

use super::lazy_dfa::{LazyDfa, MAX_STEPS};
use super::nfa::{ByteSet, Nfa, NfaState};

/// Whether `nfas`, side by side, need more than `most` states as one deterministic automaton.
/// `None` if that takes more than `steps`; those that it takes are taken off.
#[must_use]
pub fn is_larger(nfas: &[&Nfa], most: usize, steps: &mut u64) -> Option<bool> {
    let allowed = (*steps).min(MAX_STEPS);
    let mut automaton = LazyDfa::new(nfas.to_vec(), most).within(allowed);
    let bytes = automaton.representatives().to_vec();
    let mut state = 0;
    let mut is_complete = true;
    while is_complete && (state as usize) < automaton.size() {
        is_complete = automaton.explore(state, &bytes).is_some();
        state += 1;
    }
    *steps -= allowed - automaton.steps_left();
    if is_complete {
        Some(false)
    } else {
        (automaton.size() >= most).then_some(true)
    }
}

impl Nfa {
    /// How many sets stand behind the first repetition that something else follows, not counting those
    /// that are repeated, nor those in which what is searched for cannot begin again: with each of the
    /// others the number of states can double. `None` if nothing follows a repetition: then nothing is
    /// searched for.
    #[must_use]
    pub fn wildcards_behind_search(&self) -> Option<usize> {
        let length = u32::try_from(self.states.len()).unwrap_or(u32::MAX);
        let mut at = (0..length).find(|at| self.repeats(*at))?;
        let (mut count, mut is_search, mut is_behind) = (0, false, false);
        let mut begins = ByteSet::default();
        while let Some(state) = self.states.get(at) {
            if self.repeats(at) {
                is_behind = true;
                at += 3;
                continue;
            }
            let taken = match state {
                NfaState::Byte(byte) => Some(ByteSet::of([byte])),
                NfaState::Set(set) => Some(self.set(set)),
                _ => None,
            };
            if let Some(taken) = taken {
                if std::mem::take(&mut is_behind) {
                    begins.extend(taken);
                }
                is_search = true;
                count +=
                    usize::from(matches!(state, NfaState::Set(_)) && taken.intersects(&begins));
            }
            at += 1;
        }
        is_search.then_some(count)
    }

    /// Whether it searches for one text below directories, and for another one behind that: while it
    /// searches for the second it must remember that the first was there.
    #[must_use]
    pub fn has_stages(&self) -> bool {
        let length = u32::try_from(self.states.len()).unwrap_or(u32::MAX);
        let (mut at, mut stages, mut is_searching) = (0, 0, false);
        while at < length {
            if self.repeats(at) {
                let repeated = self.states.get(at + 1);
                is_searching |=
                    matches!(repeated, Some(NfaState::Set(set)) if self.set(set).contains(b'/'));
                at += 3;
                continue;
            }
            if is_searching
                && matches!(
                    self.states.get(at),
                    Some(NfaState::Byte(_) | NfaState::Set(_))
                )
            {
                stages += 1;
                is_searching = false;
            }
            at += 1;
        }
        stages > 1
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes() {
        let of = |pattern: &str| Nfa::path(pattern).unwrap();
        let is_larger = |nfas: &[&Nfa], most| is_larger(nfas, most, &mut 5_000_000);
        assert_eq!(is_larger(&[&of("/a/b*")], 100), Some(false));
        let hard = of("/**a????????????????????");
        assert_eq!(is_larger(&[&hard], 10_000), Some(true));
        assert_eq!(super::is_larger(&[&hard], 10_000, &mut 1_000), None);
        assert_eq!(hard.wildcards_behind_search(), Some(20));
        assert_eq!(of("/etc/**").wildcards_behind_search(), None);
        assert_eq!(of("/etc/{a,b}").wildcards_behind_search(), None);
        assert_eq!(of("/**.so").wildcards_behind_search(), Some(0));
        let many = |patterns: fn(char) -> String, count: u8| {
            let nfas = (b'a'..b'a' + count).map(|c| of(&patterns(char::from(c))));
            let nfas: Vec<Nfa> = nfas.collect();
            is_larger(&nfas.iter().collect::<Vec<_>>(), 10_000)
        };
        assert_eq!(many(|c| format!("/**/{c}/**/{c}{c}"), 4), Some(false));
        assert_eq!(many(|c| format!("/**/{c}/**/{c}{c}"), 12), Some(true));
        assert_eq!(many(|c| format!("/**.{c}"), 20), Some(false));
    }

    #[test]
    fn stages() {
        for (pattern, has_stages) in [
            ("/a/b*", false),
            ("/**a/**", false),
            ("/**/a/*.txt", false),
            ("/**/a/**/b", true),
            ("/**a**b", true),
            ("/*/a/*/b", false),
        ] {
            assert_eq!(
                Nfa::path(pattern).unwrap().has_stages(),
                has_stages,
                "{pattern}"
            );
        }
    }
}
