//! Patterns and rules that mean "all but": what they leave out, and patterns that leave out exactly that.

mod negated_prefix;
mod rules;

pub use negated_prefix::{NegatedPrefix, all_but};
pub use rules::{ComplementRule, ComplementRules, complement_rules};
