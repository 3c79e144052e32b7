//! Patterns and rules that mean "all but": what they leave out, and patterns that leave out exactly that.

mod ladder;
mod negated_prefix;

pub use ladder::{Ladders, Step, steps};
pub use negated_prefix::{Rung, all_but};
