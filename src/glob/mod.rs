//! AppArmor's glob patterns, apparmor.d(5), "Globbing (AARE)": validity, matching, and what several
//! of them have in common, with examples.

mod automaton;
mod check;
mod index;
mod meeting;
mod overlap;
mod prefix;
mod program;
mod search;

pub use automaton::{Automaton, DEAD, StateId};
pub use check::{GlobFault, check};
pub use index::PrefixIndex;
pub use overlap::{Overlap, literal_prefix, overlap};
pub use prefix::PrefixTree;
pub use program::{Builder, ByteSet, MAX_STATES, Program, ProgramFault, collapse_slashes, literal};
pub use search::{Among, MAX_VISITED, TooComplex, Trace, common, outside, shortest, walk};
