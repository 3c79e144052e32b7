//! Policy loaded to be asked: for queries, comparisons and tests.

use super::{Options, Workspace};
use crate::access::{CompiledImage, Effective, Pool, Shape};
use crate::lang::targets::Version;
use crate::policy::{Digests, NEWEST_PARSER, ProfileView, Search, Store, Unit};
use crate::source::{Snapshot, Vfs};

/// Files with all profiles in them.
#[derive(Debug)]
pub struct Policy<'s> {
    /// All files that were read.
    pub store: &'s Store,
    /// What they boil down to.
    pub digests: &'s Digests<'s>,
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
        Effective::of(profile, self.digests, &self.store.sources, self.pool)
    }

    /// What all profiles, children and hats compile to.
    #[must_use]
    pub fn images(&self) -> Vec<CompiledImage> {
        self.profiles()
            .map(|profile| CompiledImage {
                shape: Shape::of(profile, self.digests, &self.store.sources),
                effective: self.effective(profile),
            })
            .collect()
    }
}

/// Loads the files at `paths` with everything that they include and calls `ask`. `variables` are
/// those that a build step defines.
pub fn with_policy<R>(
    vfs: &dyn Vfs,
    search: &Search,
    paths: &[String],
    variables: &[(String, Vec<String>)],
    ask: impl FnOnce(&Policy<'_>) -> R,
) -> R {
    with_policy_of(NEWEST_PARSER, vfs, search, paths, variables, ask)
}

/// The same as a version of apparmor_parser loads it.
pub fn with_policy_of<R>(
    parser: Version,
    vfs: &dyn Vfs,
    search: &Search,
    paths: &[String],
    variables: &[(String, Vec<String>)],
    ask: impl FnOnce(&Policy<'_>) -> R,
) -> R {
    let options = options_of(parser, search, paths, variables);
    ask(&Workspace::open(Snapshot::new(vfs), options).policy())
}

/// Loads two policies from one place, each of the files at its paths, and calls `ask`. What both
/// include is read and compiled once. No path may be in both.
pub fn with_policies<R>(
    parser: Version,
    vfs: &dyn Vfs,
    search: &Search,
    [left, right]: [&[String]; 2],
    variables: &[(String, Vec<String>)],
    ask: impl FnOnce(&Policy<'_>, &Policy<'_>) -> R,
) -> R {
    let options = options_of(parser, search, &[left, right].concat(), variables);
    let workspace = Workspace::open(Snapshot::new(vfs), options);
    ask(&workspace.policy_at(left), &workspace.policy_at(right))
}

fn options_of(
    parser: Version,
    search: &Search,
    paths: &[String],
    variables: &[(String, Vec<String>)],
) -> Options {
    Options {
        parser: Some(parser),
        variables: variables.to_vec(),
        ..Options::of_policy(paths, search.clone())
    }
}
