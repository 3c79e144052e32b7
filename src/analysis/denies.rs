//! The deny rules of a profile, found without comparing with all of them.

use crate::access::{Class, Effective, EntryRef, SearchBudget};
use crate::glob::{Nfa, PrefixIndex};

/// The deny rules of a class, by how what they match begins.
#[derive(Debug)]
pub struct Denies<'e> {
    /// The rules.
    pub entries: Vec<EntryRef<'e>>,
    by_prefix: PrefixIndex,
}

impl<'e> Denies<'e> {
    /// Those of a profile.
    #[must_use]
    pub fn of(effective: &'e Effective, class: Class) -> Self {
        let entries: Vec<EntryRef<'e>> = effective.denies(class).collect();
        let prefixes = entries.iter().map(|deny| deny.entry.nfa.prefixes());
        let by_prefix = PrefixIndex::new((0..).zip(prefixes));
        Self { entries, by_prefix }
    }

    /// Whether one of them denies some of the bits of `mask` for an example of what an NFA matches.
    /// Not, once too much was spent.
    #[must_use]
    pub fn deny_example(&self, nfa: &Nfa, mask: u32, budget: &SearchBudget) -> bool {
        if budget.left() == 0 || !self.by_prefix.intersects(nfa.prefixes()) {
            return false;
        }
        let example = nfa.example();
        let mut numbers = Vec::new();
        self.by_prefix.matching(&example, &mut numbers);
        budget.spend(numbers.len() as u64);
        numbers.iter().any(|number| {
            self.entries
                .get(*number as usize)
                .is_some_and(|deny| deny.entry.mask & mask != 0 && deny.entry.nfa.matches(&example))
        })
    }
}
