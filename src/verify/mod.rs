//! Live verification: whether the running kernel decides as the decision function does.
//!
//! Tier A: the policy is compiled for this kernel, loaded, shown to be the bytes that were compiled,
//! and then the kernel's own query interface is asked about an example of everything that is promised
//! of a profile and of each of its rules. [`plan`] makes the questions without looking at the
//! machine, and [`Plan::with_existing_files`] adds those about files that are there; [`run`] puts them; [`judge`]
//! compares. Tier B: [`probe`] makes the calls themselves. Tier C: [`container`] runs the application.
//! Whatever changes the kernel is written to a [`journal`] first and undone on every way out.

pub mod audit;
mod blob;
mod capability;
mod compile;
mod confined_tasks;
pub mod container;
mod copy;
mod deadline;
mod decider;
mod environment;
mod existing;
mod interrupt;
pub mod journal;
mod judge;
mod kernel;
mod kernel_state;
mod label;
mod load;
mod plan;
mod plan_builder;
mod planner;
pub mod probe;
mod query_interface;
mod query_kernel;
mod reaper;
mod recover;
mod refusal;
mod rule_at;
mod run;
mod system_paths;
mod tiers;
mod tree;
mod wire;

pub use blob::{Malformed, names_in_policy};
pub use compile::Compilation;
pub use environment::Environment;
pub use interrupt::Interrupt;
pub use journal::Leftover;
pub use judge::{Answer, Judged, ProofStatus, Reason, Side, judge};
pub use kernel::{Kernel, LoadError, LoadedProfile, Raw};
pub use load::sha256;
pub use plan::{Asked, Gap, Plan, Planned, Question, Subject, SubjectKind, WitnessOrigin};
pub use planner::{PlanError, plan};
pub use query_interface::{QueryInterface, Reply};
pub use reaper::{SUBCOMMAND as REAP, reap};
pub use recover::cleanup;
pub use refusal::Refusal;
pub use rule_at::RuleAt;
pub use run::{Proof, Settings, Stopped, Verification, run};
pub use system_paths::SystemPaths;
pub use tiers::Tiers;
pub use tree::Tree;
pub use wire::{Ask, Wire};
