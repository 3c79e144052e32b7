//! AppArmor's glob patterns, apparmor.d(5), "Globbing (AARE)".

mod check;
mod index;
mod matching;
mod overlap;

pub use check::{GlobFault, check};
pub use index::PrefixIndex;
pub use matching::{Pattern, literal};
pub use overlap::{Overlap, literal_prefix, overlap};
