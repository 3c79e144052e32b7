//! Patterns and rules that mean "all but": what they leave out, and patterns that leave out exactly that.

mod exact;
mod negated_prefix;
mod rules;

pub use exact::{exact_complement, refined_words};
pub use negated_prefix::{NegatedPrefix, all_but};
pub use rules::{ComplementRule, ComplementRules, complement_rules};
