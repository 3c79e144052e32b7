//! AppArmor's glob patterns, apparmor.d(5), "Globbing (AARE)": validity, matching, and what several
//! of them have in common, with examples.

mod braces;
mod check;
mod example;
mod input_domain;
mod intersection;
mod lazy_dfa;
mod matching;
mod measure;
mod nfa;
mod prefix;
mod readable;
mod search;
mod spell;

pub use braces::joined_in_braces;
pub use check::{GlobFault, check, first_variable, has_variable, invalid_variable};
pub use input_domain::InputDomain;
pub use lazy_dfa::{DEAD, LazyDfa, MAX_STEPS, StateId};
pub use measure::is_larger;
pub use nfa::{
    Builder, ByteSet, MAX_STATES, Nfa, NfaFault, collapse_slashes, literal, literal_prefix,
};
pub use prefix::PrefixIndex;
pub use readable::readable;
pub use search::{MAX_VISITED, TooComplex, Trace, common, common_within, outside, shortest, walk};
pub use spell::alternatives;
