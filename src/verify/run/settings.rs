//! How to run.

use crate::config::Reach;
use crate::host::Foreign;
use crate::verify::container::Spec;
use crate::verify::{SystemPaths, Tiers};

/// How to run.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Settings {
    /// Where the kernel and the parser are found.
    pub paths: SystemPaths,
    /// Whether loaded profiles of the same names may be replaced for the time of the run.
    pub may_replace: bool,
    /// What is verified.
    pub tiers: Tiers,
    /// The container, for tier C.
    pub container: Option<Spec>,
    /// The path of the configuration that is used.
    pub configuration: Option<String>,
    /// What reaches beyond the confinement of the profile.
    pub reach: Vec<Reach>,
    /// Who else may change that; it is then done only with `--trust`.
    pub stranger: Option<Foreign>,
    /// Whether the profile is for containers: then the files of this machine are not those that it is about.
    pub is_for_container: bool,
}
