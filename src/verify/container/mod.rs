//! Tier C: the application in its container, under the profile and beside an unconfined twin.
//!
//! [`Spec`] says what to run; [`Trial`] is what came of it. That the profile is in force is shown by
//! the labels that the kernel gives for each task, not by what the engine says it was asked for. The
//! twin differs in nothing but the profile, so what works there and not here is the profile's doing.

mod build;
mod context;
mod course;
mod engine;
mod exercise;
mod export;
#[cfg(test)]
#[path = "../../../tests/common/engine.rs"]
#[allow(
    unreachable_pub,
    dead_code,
    reason = "the tests of the command line share it"
)]
mod fake;
mod label;
mod line;
mod records;
mod request;
mod run_label;
mod spec;
mod trial;
mod undo;

pub use engine::{EngineError, examine};
pub use export::{EngineImageError, engine_image};
pub use label::ContainerTask;
pub use line::{ContainerCheck, Line};
pub use records::Refused;
pub use request::HttpAnswer;
pub use spec::{Image, Spec};
pub use trial::Trial;

pub(super) use course::Course;
pub(super) use engine::Engine;
pub(super) use undo::undo_in_engine;
