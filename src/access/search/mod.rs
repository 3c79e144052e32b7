//! Questions about many requests at once: walks over all that a pattern means, with an example of what they find.

mod answer;
mod certainty;
mod decide;
mod decider;
mod decision;
mod examples;
mod find;
mod uncertain;
mod unknown;
mod witness;

pub use answer::Answer;
pub use decider::Decider;
pub use decision::{Decision, Example, Outcome, Ruling};
pub use find::Found;
pub use unknown::Unknown;
pub use witness::Witness;
