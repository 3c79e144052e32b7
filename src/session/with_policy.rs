//! Policy at some paths, for code that needs no more than that.

use super::options::Options;
use super::policy::Policy;
use super::workspace::Workspace;
use crate::lang::targets::Version;
use crate::policy::{NEWEST_PARSER, Search};
use crate::source::{Snapshot, Vfs};

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
