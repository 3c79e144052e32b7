//! Questions about many requests at once: walks over all that a pattern means, with an example of what they find.

mod certainty;
mod decide;
mod decider;
mod decision;
mod examples;
mod find;
mod outcome_examples;
mod uncertain;
mod unknown;
mod witness;

pub use decider::Decider;
pub use decision::{Decision, Example, Outcome, Ruling};
pub use find::Found;
pub use outcome_examples::OutcomeExamples;
pub use unknown::Unknown;
pub use witness::Witness;
