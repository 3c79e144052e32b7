//! AppArmor's audit records: what the kernel says it refused, let pass or recorded, and which rule
//! decided so.
//!
//! [`parse`] reads one line of a log, by whatever program it was written; [`explain`] asks the decision function
//! what the policy says of the request, and for what is refused for want of a rule names the narrowest
//! rule that is missing. [`Explainer`] does that for many records. Where lines come from is no concern
//! of either; [`Watch`] gives them while they are made.

mod explain;
mod fields;
mod heard;
mod kmsg;
mod netlink;
mod record;
mod request;
mod source;
mod suggest;

pub use explain::{Cause, Explainer, Explanation, explain};
pub use heard::Heard;
pub use record::{Kind, Record, Time, parse};
pub use request::{NotAsked, Requested, requests};
pub use source::Watch;
pub use suggest::Suggestion;
