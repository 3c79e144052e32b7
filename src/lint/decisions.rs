//! The decision functions of the profiles that are checked, each compiled when a rule first asks.

use std::sync::{Arc, OnceLock};

use rustc_hash::FxHashMap;

use super::Cx;
use crate::access::{Effective, Effort, Pool};
use crate::policy::{ProfileView, Unit};

/// Most steps that the searches of all rules in one profile may take: one or two seconds.
const MOST_STEPS: u64 = 20_000_000;

/// Decision functions by profile.
#[derive(Debug, Default)]
pub struct Decisions {
    pool: Pool,
    /// By the place of the profile, which is compared and never followed.
    known: FxHashMap<usize, OnceLock<Arc<Effective>>>,
}

fn place(profile: &ProfileView<'_>) -> usize {
    std::ptr::from_ref(profile) as usize
}

impl Decisions {
    /// Room for those of all profiles of `units`.
    #[must_use]
    pub fn new(units: &[Unit<'_>]) -> Self {
        let profiles = units.iter().flat_map(|unit| &unit.profiles);
        Self {
            pool: Pool::default(),
            known: profiles
                .map(|profile| (place(profile), OnceLock::new()))
                .collect(),
        }
    }

    pub(super) fn of(&self, profile: &ProfileView<'_>, cx: &Cx<'_>) -> Arc<Effective> {
        let compile = || {
            let sources = &cx.store.sources;
            let mut effective = Effective::of(profile, cx.digests, sources, &self.pool);
            effective.effort = Effort::limited(MOST_STEPS);
            Arc::new(effective)
        };
        match self.known.get(&place(profile)) {
            Some(slot) => Arc::clone(slot.get_or_init(compile)),
            None => compile(),
        }
    }
}
