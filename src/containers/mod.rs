//! Containers: what compose files and Kubernetes manifests say of them, and what the default profiles of engines keep.

mod compose;
mod compose_files;
mod docker_options;
mod embedded;
mod engine_config;
mod engine_profile;
mod helm;
mod home_assistant;
mod interpolate;
mod kubernetes;
mod lxc;
mod manifest;
mod near_miss;
mod nomad;
mod ports;
mod stated;
mod units;
mod view;
mod workload;
mod yaml;

use crate::source::Span;

pub use compose_files::NeighbourFiles;
pub use embedded::{EmbeddedKind, EmbeddedPolicy, embedded_policies};
pub use engine_profile::{ENGINE_PROFILES, EngineFact, EngineProfile};
pub use helm::is_template;
pub use manifest::{Described, Manifest, classify, read, read_with};
pub use near_miss::{NearMiss, near_miss};
pub use stated::{Listing, Stated};
pub use view::{ContainerView, ImageOrigin, KnownImage, ViewedMount, ViewedProfile, process};
pub use workload::{
    Confinement, ContainerEngine, ContainerMount, ContainerMountKind, ImageBuild, Placed, Workload,
};
pub use yaml::{MAX_NESTING, ManifestFault};

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
    /// Whether it is for a container.
    pub is_container: bool,
}

impl ExpectedProfile {
    /// The profiles that containers run under by name: each place where one is named once, for the first container that
    /// runs under it.
    #[must_use]
    pub fn of(workloads: &[Workload]) -> Vec<Self> {
        let mut known = rustc_hash::FxHashSet::default();
        let named = workloads.iter().filter_map(|workload| {
            let name = workload.profile()?;
            known.insert(name.place).then(|| Self {
                name: name.text.clone(),
                span: name.place,
                who: workload.who.clone(),
                ports: workload.ports.clone(),
                is_container: true,
            })
        });
        named.collect()
    }
}
