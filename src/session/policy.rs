//! Policy loaded to be asked: for queries, comparisons and tests.

use crate::access::{CompiledImage, Effective, Pool, Shape};
use crate::policy::{FileSummaries, ProfileView, Store, Unit};

/// Files with all profiles in them.
#[derive(Debug)]
pub struct Policy<'s> {
    /// All files that were read.
    pub store: &'s Store,
    /// What they boil down to.
    pub summaries: &'s FileSummaries<'s>,
    /// What each file that was asked for loads to, in the order of the paths.
    pub units: &'s [Unit<'s>],
    /// Entries that profiles share.
    pub pool: &'s Pool,
    /// Files that could not be read, and why.
    pub failures: Vec<(String, String)>,
}

impl<'s> Policy<'s> {
    /// All profiles, children and hats.
    pub fn profiles(&self) -> impl Iterator<Item = &'s ProfileView<'s>> {
        self.units.iter().flat_map(|unit| &unit.profiles)
    }

    /// What a profile decides.
    #[must_use]
    pub fn effective(&self, profile: &ProfileView<'_>) -> Effective {
        Effective::of(profile, self.summaries, &self.store.sources, self.pool)
    }

    /// What all profiles, children and hats compile to.
    #[must_use]
    pub fn images(&self) -> Vec<CompiledImage> {
        let units = self.units.iter();
        units.flat_map(|unit| self.images_of(unit)).collect()
    }

    /// What the profiles of one file compile to.
    #[must_use]
    pub fn images_of(&self, unit: &Unit<'_>) -> Vec<CompiledImage> {
        let profiles = unit.profiles.iter();
        profiles
            .map(|profile| CompiledImage {
                shape: Shape::of(profile, self.summaries, &self.store.sources),
                effective: self.effective(profile),
            })
            .collect()
    }
}
