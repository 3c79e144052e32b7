//! Live verification: whether the running kernel decides as the decision function does.
//!
//! Tier A: the policy is compiled for this kernel, loaded, shown to be the bytes that were compiled,
//! and then the kernel's own query interface is asked about an example of everything that is promised
//! of a profile and of each of its rules. [`plan`] makes the questions without looking at the
//! machine, and [`Plan::with_existing_files`] adds those about files that are there; [`run`] puts them; [`judge`]
//! compares. Tier B: [`probe`] makes the calls themselves. Tier C: [`container`] runs the application.
//! Whatever changes the kernel is written to a journal first and undone on every way out.

pub mod container;
mod deadline;
mod interrupt;
mod judge;
mod kernel;
mod leftover;
mod listen;
mod plan;
pub mod probe;
mod refusal;
mod run;
mod system_paths;
mod table;
mod tiers;

pub use interrupt::Interrupt;
pub use judge::{Judged, ProofStatus, Reason, Side, judge, refine};
pub use kernel::{
    Answer, Ask, Compilation, Environment, Kernel, LoadError, LoadedProfile, Malformed,
    QueryInterface, Raw, Reply, Wire, names_in_policy, sha256,
};
pub use leftover::Leftover;
pub use listen::{Heard, Watch};
pub use plan::{
    Asked, Gap, MountCall, Plan, PlanError, Planned, Question, Subject, SubjectKind, Tree,
    WitnessOrigin, plan, requests,
};
pub use refusal::Refusal;
pub use run::{
    HiddenCapabilities, Proof, REAP, Settings, Stopped, Verification, cleanup, reap, run,
};
pub use system_paths::SystemPaths;
pub use table::{Id, PlannedId, QuestionId, SubjectId, Table};
pub use tiers::Tiers;
