//! Live verification: whether the running kernel decides as the decision function does.
//!
//! Tier A: the policy is compiled for this kernel, loaded, shown to be the bytes that were compiled,
//! and then the kernel's own query interface is asked about an example of everything that is promised
//! of a profile and of each of its rules. [`plan`] makes the questions without looking at the
//! machine, and [`Plan::meet`] adds those about files that are there; [`run`] puts them; [`judge`]
//! compares. Tier B: [`probe`] makes the calls themselves. Tier C: [`container`] runs the application.
//! Whatever changes the kernel is written to a [`journal`] first and undone on every way out.

mod ask;
pub mod audit;
mod blob;
mod capability;
mod compile;
mod confined;
pub mod container;
mod copy;
mod environment;
mod existing;
mod interrupt;
pub mod journal;
mod judge;
mod kernel;
mod label;
mod load;
mod patience;
mod plan;
mod planner;
pub mod probe;
mod put;
mod reaper;
mod recover;
mod refusal;
mod roots;
mod rule_at;
mod run;
mod state;
mod tiers;
mod tree;
mod wire;

pub use ask::{Oracle, Reply};
pub use blob::{Malformed, names_in_policy};
pub use compile::Compilation;
pub use environment::Environment;
pub use interrupt::Interrupt;
pub use journal::Leftover;
pub use judge::{Answer, Judged, Reason, Result, Side, judge};
pub use kernel::{Kernel, LoadError, Loaded, Raw};
pub use load::sha256;
pub use plan::{
    Asked, Gap, Origin, Plan, PlanError, Planned, Question, Subject, SubjectKind, plan,
};
pub use reaper::{SUBCOMMAND as REAP, reap};
pub use recover::cleanup;
pub use refusal::Refusal;
pub use roots::Roots;
pub use rule_at::RuleAt;
pub use run::{Proof, Settings, Stopped, Verification, run};
pub use tiers::Tiers;
pub use tree::Tree;
pub use wire::{Ask, Wire};
