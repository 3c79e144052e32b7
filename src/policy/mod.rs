//! Policy: files with their includes, variables and conditionals resolved, as the parser sees them.

mod abi;
mod aliases;
mod builtin;
mod digest;
mod env;
mod expand;
mod problem;
mod profile;
mod scope;
mod store;
mod unit;

pub use abi::{AbiFile, DeclaredAbi};
pub use aliases::Aliases;
pub use digest::{Bits, Digest, Digests, Fact, VariableUse, VariableUses, variable_uses};
pub use env::{Definition, Env};
pub use expand::{Expanded, MAX_EXPANSION_BYTES, MAX_TEXTS, MAX_VARIABLE_DEPTH};
pub use problem::{Limit, Problem, ProblemKind};
pub use profile::{ProfileId, ProfileView, Segment, Way};
pub use scope::{DropReason, Dropped, DroppedItem, InBlock, NEWEST_PARSER};
pub use store::{IncludeTarget, Loaded, Origin, Outcome, Search, Store, includes, is_ignored};
pub use unit::{MAX_INCLUDE_DEPTH, MAX_PROFILES, PreambleCache, Unit};
