//! The lint engine: what a rule is, what it sees, and how rules are run and silenced.

mod cx;
mod decisions;
mod describe_exec_target;
mod intents;
mod pledge;
mod role;
mod rule;
mod run;
mod select;
mod suppress;
mod watched;
mod wording;

pub use cx::{Containment, Cx, FileView};
pub use decisions::Decisions;
pub use describe_exec_target::describe_exec_target;
pub use intents::{Broken, Chosen, Counterexample, Promise, broken, promises};
pub use pledge::{Pledge, closed};
pub use role::{FileRole, is_intents};
pub use rule::{Check, Rule, Sink};
pub use run::{Found, SuppressedName, SuppressionView, run};
pub use select::{Selection, Selector, UnknownSelector};
pub use suppress::{Suppression, Suppressions};
pub use watched::{Exposure, Watched};
pub use wording::{listed, verbs};
