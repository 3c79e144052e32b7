//! AppArmor's glob patterns, apparmor.d(5), "Globbing (AARE)": validity, matching, and what several
//! of them have in common, with examples.

mod automaton;
mod check;
mod example;
mod matching;
mod measure;
mod meeting;
mod prefix;
mod program;
mod readable;
mod search;
mod spell;

pub use automaton::{Automaton, DEAD, MAX_STEPS, StateId};
pub use check::{GlobFault, check, first_variable, has_variable, invalid_variable};
pub use measure::is_larger;
pub use prefix::PrefixTree;
pub use program::{
    Builder, ByteSet, MAX_STATES, Program, ProgramFault, collapse_slashes, literal, literal_prefix,
};
pub use readable::readable;
pub use search::{
    Among, MAX_VISITED, TooComplex, Trace, common, common_within, outside, shortest, walk,
};
pub use spell::alternatives;
