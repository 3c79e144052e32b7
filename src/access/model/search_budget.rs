//! How much may be spent on one profile.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use crate::glob::{InputDomain, MAX_STEPS, Nfa, TooComplex, common_within};

/// Steps that are left for searches in a profile; without end unless [limited](Self::limited).
#[derive(Clone, Debug)]
pub struct SearchBudget(Arc<AtomicU64>);

impl Default for SearchBudget {
    fn default() -> Self {
        Self(Arc::new(AtomicU64::new(u64::MAX)))
    }
}

impl SearchBudget {
    /// A number of steps for all searches together: rules ask many questions, and on a profile of hostile
    /// patterns each could take as long as one search may.
    #[must_use]
    pub fn limited(steps: u64) -> Self {
        Self(Arc::new(AtomicU64::new(steps)))
    }

    /// How many steps one search may take.
    #[must_use]
    pub fn left(&self) -> u64 {
        self.0.load(Ordering::Relaxed).min(MAX_STEPS)
    }

    /// Takes steps off.
    pub fn spend(&self, steps: u64) {
        let left = self.0.load(Ordering::Relaxed);
        if left != u64::MAX {
            self.0.store(left.saturating_sub(steps), Ordering::Relaxed);
        }
    }

    /// A text that `wanted` matches and none of `others`; the shortest.
    ///
    /// # Errors
    /// As [`Self::common`].
    pub fn outside(
        &self,
        wanted: &Nfa,
        others: &[&Nfa],
        domain: InputDomain,
    ) -> Result<Option<Vec<u8>>, TooComplex> {
        self.common(&[wanted], others, domain)
    }

    /// A text that all of `wanted` match and none of `others`; the shortest.
    ///
    /// # Errors
    /// If that is too complex to find out, or too much was spent already.
    pub fn common(
        &self,
        wanted: &[&Nfa],
        others: &[&Nfa],
        domain: InputDomain,
    ) -> Result<Option<Vec<u8>>, TooComplex> {
        let before = self.left();
        let mut steps = before;
        let found = common_within(wanted, others, domain, &mut steps);
        self.spend(before - steps);
        found
    }
}
