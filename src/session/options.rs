//! What to read, and how.

use std::sync::Arc;

use rustc_hash::FxHashSet;

use super::discovery::{Input, InputKind};
use super::rule_selection::CommandLine;
use super::views::GivenImage;
use crate::config::ConfigFile;
use crate::lang::targets::{Target, Version};
use crate::lint::Rule;
use crate::policy::Search;

/// Which files are loaded to profiles.
#[derive(Copy, Clone, PartialEq, Eq, Debug, Default)]
pub enum Loads {
    /// Those that apparmor_parser would be given: parts that others include are not.
    #[default]
    Profiles,
    /// All that are named.
    All,
}

/// What to check, and how.
#[derive(Clone, Debug, Default)]
pub struct Options {
    /// The files, in any order.
    pub inputs: Vec<Input>,
    /// The paths of those that nobody named, but a directory around them: a manifest among them that
    /// cannot be read is noted, not reported.
    pub found: FxHashSet<String>,
    /// Whether findings in files of the base directory that AppArmor itself brings are shown, though nobody named the
    /// file. Errors always are.
    pub includes_base: bool,
    /// Files of policy that belong to it and are not checked: promises of the configuration may be
    /// about profiles in them. `None` if what the promises are about does not matter.
    pub elsewhere: Option<Vec<String>>,
    /// Where includes are searched.
    pub search: Search,
    /// The configuration.
    pub config: Option<Arc<ConfigFile>>,
    /// Selections from the command line.
    pub cli: CommandLine,
    /// Intents that all profiles must keep in addition to those of the configuration: names, or paths.
    pub intents: Vec<String>,
    /// Images of containers that somebody named.
    pub images: Vec<GivenImage>,
    /// Whether the inputs are a whole policy set.
    pub is_whole_set: bool,
    /// Where the policy will run, if not as the configuration says.
    pub target: Option<Target>,
    /// The parser that loads the policy, if not that of the target.
    pub parser: Option<Version>,
    /// Which files are loaded to profiles.
    pub loads: Loads,
    /// Requests, one a line, with the name of where they are written.
    pub requests: Vec<(String, String)>,
    /// The rules whose implied intents are planned; none where nothing is verified.
    pub implied_by: &'static [Rule],
    /// Variables that a build step defines, instead of those of the configuration.
    pub variables: Vec<(String, Vec<String>)>,
}

impl Options {
    /// All profiles of the policy files at `paths`, with includes searched in `search`.
    #[must_use]
    pub fn of_policy(paths: &[String], search: Search) -> Self {
        let inputs = paths.iter().map(|path| Input {
            path: path.clone(),
            kind: InputKind::Policy,
        });
        Self {
            inputs: inputs.collect(),
            search,
            loads: Loads::All,
            ..Self::default()
        }
    }
}
