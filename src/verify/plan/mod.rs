//! What will be asked, made from the policy alone and completed by the files that are there.

mod builder;
mod decider;
mod existing;
mod feasible;
mod loadable;
mod model;
mod planner;
mod tree;

pub use feasible::{MountCall, requests};
pub use model::{Asked, Gap, Plan, Planned, Question, Subject, SubjectKind, WitnessOrigin};
pub use planner::{PlanError, plan};
pub use tree::Tree;

pub(super) use feasible::{
    UNCONFINED, can_be_a_path, family, mount_call, socket_kinds, socket_type,
};
