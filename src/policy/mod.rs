//! Policy: files with their includes, variables and conditionals resolved, as the parser sees them.

mod abi;
mod aliases;
mod builtin;
mod digest;
mod env;
mod expand;
mod fact;
mod limit;
mod memory;
mod problem;
mod profile;
mod scope;
mod store;
mod unit;
mod way;

pub use abi::{AbiFile, DeclaredAbi};
pub use aliases::Aliases;
pub use digest::{Bits, Digest, Digests, VariableUse, VariableUses, variable_uses};
pub use env::{Definition, Env};
pub use expand::{MAX_EXPANSION_BYTES, MAX_TEXTS, MAX_VARIABLE_DEPTH};
pub use fact::{Fact, InBlock};
pub use limit::{Limit, MAX_INCLUDE_DEPTH, MAX_PROFILES};
pub use memory::Expanded;
pub use problem::{Problem, ProblemKind};
pub use profile::{ProfileId, ProfileView, RuleId, Segment};
pub use scope::{DropReason, Dropped, DroppedItem, NEWEST_PARSER};
pub use store::{IncludeTarget, LoadResult, Loaded, Origin, Search, Store, includes, is_ignored};
pub use unit::{PreambleCache, Unit};
pub use way::Way;
