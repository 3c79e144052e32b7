//! Whether other entries do all that an entry does.
//!
//! An entry adds nothing to others of its effect and priority that match the same and do as much: within
//! a priority, entries of one effect are put together bit by bit. What denies or outranks them does
//! so with or without it.

use std::ops::ControlFlow;

use crate::access::{Effective, Entry, bits};
use crate::glob::{InputDomain, LazyDfa, MAX_VISITED, Nfa, TooComplex, walk};
use crate::syntax::ast::Mode;

impl Entry {
    /// Whether `other` does something of what this one does, where it matches, and nothing that this one
    /// does is lost by leaving it to `other`: both then only differ in the bits.
    #[must_use]
    pub fn is_helped_by(&self, other: &Self) -> bool {
        let shared = self.mask & other.mask;
        let is_logged_alike = match self.effect {
            Mode::Deny => self.quiet() & shared & !other.quiet() == 0,
            _ => self.audit & shared & !other.audit == 0,
        };
        let is_executed_alike = shared & bits::EXECS == 0
            || (self.exec == other.exec && self.nfa.is_exact == other.nfa.is_exact);
        shared != 0
            && self.effect == other.effect
            && self.priority == other.priority
            && is_logged_alike
            && is_executed_alike
    }

    /// The bits that a deny rule silences.
    const fn quiet(&self) -> u32 {
        self.mask & !self.audit
    }
}

impl Effective {
    /// Whether wherever `entry` matches, `helpers` that match have all of its bits together.
    ///
    /// # Errors
    /// If that is too complex to find out.
    pub fn is_covered(&self, entry: &Entry, helpers: &[&Entry]) -> Result<bool, TooComplex> {
        let nfas: Vec<&Nfa> = std::iter::once(&*entry.nfa)
            .chain(helpers.iter().map(|helper| &*helper.nfa))
            .collect();
        let before = self.budget.left();
        let mut automaton = LazyDfa::new(nfas, MAX_VISITED).within(before);
        let mut is_covered = true;
        let result = walk(
            &mut automaton,
            InputDomain::Bytes,
            1,
            |automaton, state| automaton.is_alive(state, 0..1),
            |accepted, _| {
                let Some((0, rest)) = accepted.split_first() else {
                    return ControlFlow::Continue(());
                };
                let matching = rest.iter().filter_map(|at| helpers.get(*at as usize - 1));
                let bits = matching.fold(0, |bits, helper| bits | helper.mask);
                is_covered = entry.mask & !bits == 0;
                if is_covered {
                    ControlFlow::Continue(())
                } else {
                    ControlFlow::Break(())
                }
            },
        );
        self.budget.spend(before - automaton.steps_left());
        result.map(|()| is_covered)
    }
}
