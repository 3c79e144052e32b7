//! The lint engine: what a rule is, what it sees, and how rules are run and silenced.

mod broken;
mod claims;
mod containment;
mod cx;
mod decisions;
mod describe_exec_target;
mod implied;
mod intents;
mod retired;
mod role;
mod rule;
mod run;
mod select;
mod silence;
mod suppress;
mod unknown_selector;
mod watched;
mod wording;

pub use broken::{Broken, Counterexample, broken};
pub use containment::{CONTAINER_FLAGS, Containment, directories, has_flag};
pub use cx::{Cx, FileView};
pub use decisions::Decisions;
pub use describe_exec_target::describe_exec_target;
pub use implied::{ImpliedIntents, deny_all};
pub use intents::{Chosen, Promise, promises};
pub use retired::{RetiredName, RetiredNames};
pub use role::{FileRole, is_intents};
pub use rule::{Check, Rule, Sink};
pub use run::{Findings, run};
pub use select::{Selection, Selector, retired_name};
pub use silence::suppressions;
pub use suppress::{SuppressedName, Suppression, SuppressionView, Suppressions};
pub use unknown_selector::UnknownSelector;
pub use watched::{Exposure, Watched};
pub use wording::{listed, verbs};
