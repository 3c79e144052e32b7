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
mod made;
mod message;
mod mount;
mod operation;
mod peer;
mod plan;
mod ring;
mod run;
mod socket;
mod task;
mod worker;

pub use made::{Probe, Probed};
pub use message::{ARGUMENT, Destination, ProbeOutcome, ProbeResult, ProbeSpec};
pub use operation::{FileCall, ProbeOperation, SocketCall};
pub use plan::{ProbePlan, Unprobed};
pub use run::{ProbeTarget, run};
pub use worker::work;
