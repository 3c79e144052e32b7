//! Containers: which profile names compose files and Kubernetes manifests expect, and what the default
//! profiles of engines keep.

mod engine_profile;
mod manifest;
mod near_miss;
mod ports;
mod yaml;

use crate::source::Span;

pub use engine_profile::{ENGINE_PROFILES, EngineFact, EngineProfile};
pub use manifest::{Expectation, MAX_NESTING, Manifest, ManifestFault, classify, read};
pub use near_miss::near_miss;

/// A profile name that something other than policy names.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct ExpectedProfile {
    /// The name.
    pub name: String,
    /// Where it is named.
    pub span: Span,
    /// Who names it: `service web`, `container app`, `aalint.toml`.
    pub who: String,
    /// The ports of the container that are published or said to be listened on, where that is known.
    pub ports: Vec<u16>,
}
