//! AppArmor's audit records: what the kernel says it refused, let pass or recorded, and which rule
//! decided so.
//!
//! [`parse`] reads one line of a log, whoever wrote it down; [`explain`] asks the decision function
//! what the policy says of the request, and for what is refused for want of a rule names the narrowest
//! rule that is missing. [`Explainer`] does that for many records. Where lines come from is no concern
//! of either.

mod explain;
mod fields;
mod record;
mod request;
mod suggest;

pub use explain::{Cause, Explainer, Explanation, RuleAt, explain};
pub use record::{Kind, Record, Time, parse};
pub use request::{NotAsked, Requested, requests};
pub use suggest::Suggestion;
