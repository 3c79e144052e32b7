//! Deciding many requests of one class.
//!
//! [`Effective::decide`] looks at the rules that may match. For many requests that is done once for
//! all that begin alike: the rules become one automaton, built as far as requests lead, and each of its
//! states has one verdict.

use crate::access::{Class, Effective, EntryRef, Verdict, combine};
use crate::glob::{LazyDfa, StateId};

/// Most states that are kept: some 30 MB. Requests beyond are decided one by one.
const MAX_STATES: usize = 1 << 16;

/// Decides requests of one class, the faster the more there were.
#[derive(Debug)]
pub struct Decider<'e> {
    effective: &'e Effective,
    class: Class,
    entries: Vec<EntryRef<'e>>,
    automaton: LazyDfa<'e>,
    /// By state.
    verdicts: Vec<Option<Verdict>>,
    /// The last verdict that no state has.
    single: Verdict,
}

impl Effective {
    /// What decides many requests of a class.
    #[must_use]
    pub fn decider(&self, class: Class) -> Decider<'_> {
        let entries: Vec<EntryRef<'_>> = self.entries(class).collect();
        let nfas = entries.iter().map(|found| &*found.entry.nfa);
        Decider {
            effective: self,
            class,
            automaton: LazyDfa::new(nfas.collect(), MAX_STATES).within(u64::MAX),
            entries,
            verdicts: Vec::new(),
            single: Verdict::default(),
        }
    }
}

impl Decider<'_> {
    /// What is decided for a request: the same as [`Effective::decide`] says.
    pub fn decide(&mut self, text: &[u8]) -> &Verdict {
        let Some(state) = self.automaton.walk(text) else {
            self.single = self.effective.decide(self.class, text);
            return &self.single;
        };
        let at = state as usize;
        if self.verdicts.len() <= at {
            self.verdicts.resize(at + 1, None);
        }
        let known = self.verdicts.get(at).is_some_and(Option::is_some);
        let fresh = (!known).then(|| self.of_state(state));
        match self.verdicts.get_mut(at) {
            Some(place) => place.get_or_insert_with(|| fresh.unwrap_or_default()),
            None => &self.single,
        }
    }

    fn of_state(&self, state: StateId) -> Verdict {
        let matching = self.automaton.accepted(state).iter();
        let entries = matching.filter_map(|at| self.entries.get(*at as usize));
        combine(&entries.map(|found| found.entry).collect::<Vec<_>>())
    }
}
