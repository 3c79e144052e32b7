//! Policy: files with their includes, variables and conditionals resolved, as the parser sees them.

mod abi;
mod aliases;
mod beginnings;
mod bits;
mod builtin;
mod env;
mod expand;
mod expansion_cache;
mod fact;
mod file_summary;
mod include_chain;
mod limit;
mod problem;
mod profile;
mod scope;
mod store;
mod unit;
mod variable_uses;

pub use abi::{AbiFile, DeclaredAbi};
pub use aliases::Aliases;
pub use bits::Bits;
pub use builtin::is_tunable;
pub use env::{Definition, Env};
pub use expand::{MAX_EXPANSION_BYTES, MAX_TEXTS, MAX_VARIABLE_DEPTH};
pub use expansion_cache::Expanded;
pub use fact::{Fact, InBlock};
pub use file_summary::{FileSummaries, FileSummary, VariableUse};
pub use include_chain::IncludeChain;
pub use limit::{Limit, MAX_INCLUDE_DEPTH, MAX_PROFILES};
pub use problem::{Problem, ProblemKind};
pub use profile::{ProfileId, ProfileView, RuleId, Segment};
pub use scope::{DropReason, Dropped, DroppedItem, NEWEST_PARSER};
pub use store::{IncludeTarget, LoadResult, Loaded, Origin, Search, Store, includes, is_ignored};
pub use unit::{PreambleCache, Unit};
pub use variable_uses::{VariableUses, variable_uses};
