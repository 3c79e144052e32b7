//! All probes of a plan, made.

use std::path::Path;

use super::driver;
use super::made::{Probe, Probed};
use super::message::Job;
use super::plan::ProbePlan;
use super::socket;
use crate::verify::{
    Interrupt, LoadedProfile, Plan, PlannedId, QuestionId, Refusal, SystemPaths, Table,
};

/// In whose namespaces the probes are made.
#[derive(Copy, Clone, PartialEq, Eq, Debug, Default)]
pub enum ProbeTarget {
    /// Those of this machine.
    #[default]
    Host,
    /// Those of a process, such as the first one of a container.
    Process(u32),
}

/// Makes the probes of a plan under its profiles, which must be loaded; `loaded` tells their modes. Gives
/// `None` for questions that show nothing that was promised.
///
/// # Errors
/// If no probes can be made here, or somebody interrupts.
pub fn run(
    target: ProbeTarget,
    plan: &Plan,
    loaded: &Table<PlannedId, LoadedProfile>,
    paths: &SystemPaths,
    interrupt: &Interrupt,
) -> Result<Table<QuestionId, Option<Probed>>, Refusal> {
    let planned = ProbePlan::of(plan).with_families(|family| socket::is_there(&paths.proc, family));
    let mut probed: Table<QuestionId, Option<Probed>> = planned
        .unprobed
        .into_iter()
        .map(|unprobed: Vec<_>| {
            (!unprobed.is_empty()).then(|| Probed {
                probes: Vec::new(),
                unprobed,
            })
        })
        .collect();
    let job = Job {
        join: match target {
            ProbeTarget::Host => None,
            ProbeTarget::Process(process) => Some(process),
        },
        profiles: loaded.clone(),
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
