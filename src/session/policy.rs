//! Policy loaded to be asked: for queries, comparisons and tests.

use rayon::prelude::*;

use crate::access::{Effective, Image, Pool, Shape};
use crate::lang::targets::Version;
use crate::policy::{Digests, NEWEST_PARSER, PreambleCache, ProfileView, Search, Store, Unit};
use crate::source::{FileId, Vfs};

/// So many files are worth the other cores.
const MANY: usize = 8;

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
    pub fn images(&self) -> Vec<Image> {
        self.profiles()
            .map(|profile| Image {
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
    let (store, files, failures) = load(vfs, search, paths);
    in_store(&store, &files, failures, variables, parser, ask)
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
    let paths = [left, right].concat();
    let (store, files, failures) = load(vfs, search, &paths);
    in_store(&store, &files, failures, variables, parser, |both| {
        let is_left = |unit: &Unit<'_>| left.contains(&store.sources.get(unit.file).path);
        let count = both.units.iter().take_while(|unit| is_left(unit)).count();
        let (of_left, of_right) = both.units.split_at(count);
        let policy = |units, paths: &[String]| {
            let failures = both.failures.iter();
            let is_beyond = |path| store.beyond().contains(path);
            let failures = failures.filter(|(path, _)| paths.contains(path) || is_beyond(path));
            Policy {
                units,
                failures: failures.cloned().collect(),
                ..*both
            }
        };
        ask(&policy(of_left, left), &policy(of_right, right))
    })
}

/// The files at `paths` with everything that they include, the numbers of those at `paths`, and what
/// could not be read.
pub(super) fn load(
    vfs: &dyn Vfs,
    search: &Search,
    paths: &[String],
) -> (Store, Vec<FileId>, Vec<(String, String)>) {
    let (store, read) = Store::load(vfs, search, paths);
    let mut failures = Vec::new();
    let mut files: Vec<FileId> = Vec::new();
    for result in read {
        match result {
            Ok(id) if !files.contains(&id) => files.push(id),
            Ok(_) => {}
            Err((path, error)) => failures.push((path, super::failure(&error))),
        }
    }
    failures.extend(super::beyond(&store));
    (store, files, failures)
}

/// Calls `ask` with the profiles of `files`, as a version of apparmor_parser loads them.
pub(super) fn in_store<R>(
    store: &Store,
    files: &[FileId],
    failures: Vec<(String, String)>,
    variables: &[(String, Vec<String>)],
    parser: Version,
    ask: impl FnOnce(&Policy<'_>) -> R,
) -> R {
    let digests = Digests::new(store, parser);
    let cache = PreambleCache::default();
    let load = |id: &FileId| Unit::new(store, &digests, &cache, *id, variables);
    let units: Vec<Unit<'_>> = if files.len() < MANY {
        files.iter().map(load).collect()
    } else {
        files.par_iter().map(load).collect()
    };
    let policy = Policy {
        store,
        digests: &digests,
        units: &units,
        pool: &Pool::of(parser),
        failures,
    };
    ask(&policy)
}
