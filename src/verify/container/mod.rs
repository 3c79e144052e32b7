//! Tier C: the application in its container, under the profile and beside an unconfined twin.
//!
//! [`Spec`] says what to run; [`Trial`] runs it and judges. That the profile is in force is shown by
//! the labels that the kernel gives for each task, not by what the engine says it was asked for. The
//! twin differs in nothing but the profile, so what works there and not here is the profile's doing.

mod build;
mod context;
mod engine;
mod exercise;
#[cfg(test)]
mod fake;
mod label;
mod line;
mod records;
mod request;
mod spec;
mod trial;
mod undo;

use super::{Environment, Refusal};

pub use engine::EngineError;
pub use label::ContainerTask;
pub use line::{ContainerCheck, Line};
pub use records::Refused;
pub use request::HttpAnswer;
pub use spec::{Image, Spec};
pub use trial::Trial;

pub(super) use engine::Engine;
pub(super) use trial::Course;
pub(super) use undo::undo_in_engine;

/// Whether the engine at an address can run containers under a profile of this machine's kernel.
///
/// # Errors
/// If it cannot, or does not answer.
pub fn examine(address: &str, environment: &Environment) -> Result<(), Refusal> {
    Engine::connect(address)?.examine(environment)
}

/// The label that everything of a run bears, with the run's name.
const RUN: &str = "org.aalint.run";
