//! The decision functions of the profiles that are checked, each compiled when a rule first asks.

use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use rustc_hash::FxHashMap;

use crate::access::{Effective, Pool, SearchBudget};
use crate::diagnostic::ClaimedDecision;
use crate::glob::Nfa;
use crate::lang::targets::Version;
use crate::policy::{FileSummaries, ProfileId, ProfileView, Unit};
use crate::source::{FileId, SourceMap};

/// Most steps that the searches of all rules in one profile may take: one or two seconds.
const MAX_STEPS: u64 = 20_000_000;

/// Decision functions by profile.
#[derive(Debug, Default)]
pub struct Decisions {
    pool: Pool,
    known: FxHashMap<ProfileId, OnceLock<Arc<Effective>>>,
    attachments: OnceLock<Vec<Attached>>,
    /// Decisions that rules have asked for.
    claimed: Mutex<FxHashMap<(ProfileId, bool, String), Option<ClaimedDecision>>>,
}

/// A profile that attaches to programs.
#[derive(Debug)]
pub(super) struct Attached {
    /// Its name with those of the profiles around it.
    pub(super) name: String,
    /// Whether there is a profile around it.
    pub(super) is_child: bool,
    /// The programs.
    pub(super) nfa: Nfa,
}

impl Decisions {
    /// Room for those of all profiles of `units`, as this parser loads them; `before` are those before a change.
    #[must_use]
    pub fn new(units: &[Unit<'_>], parser: Version, before: Option<&Self>) -> Self {
        let profiles = units.iter().flat_map(|unit| &unit.profiles);
        Self {
            pool: before.map_or_else(
                || Pool::of(parser),
                |before| Pool::after(parser, &before.pool),
            ),
            known: profiles
                .map(|profile| (profile.id, OnceLock::new()))
                .collect(),
            attachments: OnceLock::new(),
            claimed: Mutex::default(),
        }
    }

    /// Takes over those of profiles of which `is_same` says that they are made of the same files as before.
    pub fn keep(&self, before: &Self, is_same: impl Fn(FileId) -> bool) {
        for (id, slot) in self.known.iter().filter(|(id, _)| is_same(id.unit)) {
            let known = before.known.get(id).and_then(OnceLock::get);
            if let Some(known) = known {
                // What the searches of an earlier run have spent does not count.
                let effective = Effective {
                    budget: SearchBudget::limited(MAX_STEPS),
                    ..Effective::clone(known)
                };
                // A new one is empty.
                let _ = slot.set(Arc::new(effective));
            }
        }
    }

    /// What is known of a request to a profile, or else what `decide` says. The flag says whether it matters only if it is
    /// allowed.
    pub(super) fn claimed(
        &self,
        (profile, only_allowed, request): (ProfileId, bool, &str),
        decide: impl FnOnce() -> Option<ClaimedDecision>,
    ) -> Option<ClaimedDecision> {
        let key = (profile, only_allowed, request.to_owned());
        let known = || self.claimed.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(decision) = known().get(&key) {
            return *decision;
        }
        // Without the lock: others may ask meanwhile, and would get the same answer.
        let decision = decide();
        known().insert(key, decision);
        decision
    }

    /// How many are compiled.
    #[must_use]
    pub fn compiled(&self) -> usize {
        let slots = self.known.values();
        slots.filter(|slot| slot.get().is_some()).count()
    }

    /// What the profiles share.
    #[must_use]
    pub const fn pool(&self) -> &Pool {
        &self.pool
    }

    /// What the profiles of `units` attach to.
    pub(super) fn attachments(&self, units: &[Unit<'_>]) -> &[Attached] {
        let profiles = units.iter().flat_map(|unit| &unit.profiles);
        let attached = profiles.filter_map(|profile| {
            let nfa = Nfa::path(profile.attachment.as_deref()?).ok()?;
            Some(Attached {
                name: profile.full_name.clone(),
                is_child: profile.parent.is_some(),
                nfa,
            })
        });
        self.attachments.get_or_init(|| attached.collect())
    }

    pub(super) fn of(
        &self,
        profile: &ProfileView<'_>,
        summaries: &FileSummaries<'_>,
        sources: &SourceMap,
    ) -> Arc<Effective> {
        let compile = || {
            let mut effective = Effective::of(profile, summaries, sources, &self.pool);
            effective.budget = SearchBudget::limited(MAX_STEPS);
            Arc::new(effective)
        };
        match self.known.get(&profile.id) {
            Some(slot) => Arc::clone(slot.get_or_init(compile)),
            None => compile(),
        }
    }
}
