//! Tier B: real system calls, made under the profile and beside it.
//!
//! The query interface tells what the policy says. A probe shows what happens: a task enters the
//! profile and makes the call, and a task that differs in nothing but the label makes the same call
//! from the same state. Only where that one passes does the first one say anything, and then AppArmor
//! is what made the difference.

mod capability;
mod decoy_root;
mod driver;
mod elf;
mod file;
mod judge;
mod message;
mod mount;
mod operation;
mod peer;
mod plan;
mod real;
mod ring;
mod socket;
mod task;
mod worker;

use std::path::Path;

use super::{Interrupt, LoadedProfile, Plan, Refusal, SystemPaths};

pub(super) use decoy_root::can_be_a_path;
pub use judge::refine;
pub use message::{Destination, ProbeOutcome, ProbeResult, ProbeSpec};
pub use operation::{FileCall, MountCall, ProbeOperation, SocketCall};
pub use plan::{ProbePlan, Unprobed};
pub use real::requests;
pub use worker::work;

/// The hidden argument that makes this program a worker.
pub const ARGUMENT: &str = "__probe";

/// In whose namespaces the probes are made.
#[derive(Copy, Clone, PartialEq, Eq, Debug, Default)]
pub enum ProbeTarget {
    /// Those of this machine.
    #[default]
    Host,
    /// Those of a process, such as the first one of a container.
    Process(u32),
}

/// What the probes of a question showed.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Probed {
    /// The probes that were made.
    pub probes: Vec<Probe>,
    /// The permissions that were not probed.
    pub unprobed: Vec<(u32, Unprobed)>,
}

/// A probe that was made.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Probe {
    /// The permission that it shows, as a bit of the question's class.
    pub bit: u32,
    /// What was done.
    pub operation: ProbeOperation,
    /// Where an exec should have led to.
    pub leads_to: Option<Destination>,
    /// What came of it for who is not confined.
    pub control: ProbeResult,
    /// What came of it under the profile, if the control passed.
    pub confined: Option<ProbeResult>,
}

/// Makes the probes of a plan under its profiles, which must be loaded; `loaded` tells their modes, in
/// the order of the plan. What comes back is in the order of the plan's questions; `None` for those that
/// show nothing that was promised.
///
/// # Errors
/// If no probes can be made here, or somebody interrupts.
pub fn run(
    target: ProbeTarget,
    plan: &Plan,
    loaded: &[LoadedProfile],
    paths: &SystemPaths,
    interrupt: &Interrupt,
) -> Result<Vec<Option<Probed>>, Refusal> {
    let planned = ProbePlan::of(plan).with_families(|family| socket::is_there(&paths.proc, family));
    let mut probed: Vec<Option<Probed>> = planned
        .unprobed
        .into_iter()
        .map(|unprobed| {
            (!unprobed.is_empty()).then(|| Probed {
                probes: Vec::new(),
                unprobed,
            })
        })
        .collect();
    let job = message::Job {
        join: match target {
            ProbeTarget::Host => None,
            ProbeTarget::Process(process) => Some(process),
        },
        profiles: loaded
            .iter()
            .map(|loaded| (loaded.name.clone(), loaded.mode.clone()))
            .collect(),
        specs: planned.specs.clone(),
        first: 0,
    };
    let made = driver::drive(&place(&paths.proc), job, interrupt)
        .map_err(|error| Refusal::System("the probes cannot be made", error))?;
    if let Some(signal) = interrupt.signal() {
        return Err(Refusal::Interrupted(signal));
    }
    for (one, (control, confined)) in planned.specs.into_iter().zip(made) {
        if let Some(place) = probed.get_mut(one.question) {
            place.get_or_insert_default().probes.push(Probe {
                bit: one.bit,
                operation: one.operation,
                leads_to: one.leads_to,
                control,
                confined,
            });
        }
    }
    Ok(probed)
}

fn place(proc: &Path) -> String {
    proc.to_string_lossy().into_owned()
}
