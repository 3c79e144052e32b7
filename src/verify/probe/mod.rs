//! Tier B: real system calls, made under the profile and beside it.
//!
//! The query interface tells what the policy says. A probe shows what happens: a task enters the
//! profile and makes the call, and a task that differs in nothing but the label makes the same call
//! from the same state. Only where that one passes does the first one say anything, and then AppArmor
//! is what made the difference.

mod act;
mod attempt;
mod capability;
mod driver;
mod elf;
mod file;
mod judge;
mod message;
mod mount;
mod peer;
mod real;
mod ring;
mod room;
mod socket;
mod task;
mod worker;

use std::path::Path;

use super::{Interrupt, Loaded, Plan, Refusal, Roots};

pub use act::{Act, FileCall, MountCall, SocketCall};
pub use attempt::{Attempts, Unprobed};
pub use judge::refine;
pub use message::{Destination, Outcome, Trial, Try};
pub use real::requests;
pub(super) use room::can_be_a_path;
pub use worker::work;

/// The hidden argument that makes this program a worker.
pub const ARGUMENT: &str = "__probe";

/// In whose namespaces the probes are made.
#[derive(Copy, Clone, PartialEq, Eq, Debug, Default)]
pub enum Target {
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
    pub act: Act,
    /// Where an exec should have led to.
    pub leads_to: Option<Destination>,
    /// What came of it for who is not confined.
    pub control: Trial,
    /// What came of it under the profile, if the control passed.
    pub confined: Option<Trial>,
}

/// Makes the probes of a plan under its profiles, which must be loaded; `loaded` tells their modes, in
/// the order of the plan. What comes back is in the order of the plan's questions; `None` for those that
/// show nothing that was promised.
///
/// # Errors
/// If no probes can be made here, or somebody interrupts.
pub fn run(
    target: Target,
    plan: &Plan,
    loaded: &[Loaded],
    roots: &Roots,
    interrupt: &Interrupt,
) -> Result<Vec<Option<Probed>>, Refusal> {
    let attempts = Attempts::of(plan).with_families(|family| socket::is_there(&roots.proc, family));
    let mut probed: Vec<Option<Probed>> = attempts
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
            Target::Host => None,
            Target::Process(process) => Some(process),
        },
        profiles: loaded
            .iter()
            .map(|loaded| (loaded.name.clone(), loaded.mode.clone()))
            .collect(),
        tries: attempts.tries.clone(),
        first: 0,
    };
    let made = driver::drive(&place(&roots.proc), job, interrupt)
        .map_err(|error| Refusal::System("the probes cannot be made", error))?;
    if let Some(signal) = interrupt.signal() {
        return Err(Refusal::Interrupted(signal));
    }
    for (one, (control, confined)) in attempts.tries.into_iter().zip(made) {
        if let Some(place) = probed.get_mut(one.question) {
            place.get_or_insert_default().probes.push(Probe {
                bit: one.bit,
                act: one.act,
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
