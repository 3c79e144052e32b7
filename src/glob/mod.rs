//! AppArmor's glob patterns, apparmor.d(5), "Globbing (AARE)".

mod check;
mod matching;

pub use check::{GlobFault, check};
pub use matching::{Pattern, literal};
