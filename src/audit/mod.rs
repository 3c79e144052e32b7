//! AppArmor's audit records: what the kernel says it refused, let pass or recorded, and which rule
//! decided so.
//!
//! [`parse`] reads one line of a log, by whatever program it was written; [`explain`] asks the decision function
//! what the policy says of the request, and for what is refused for want of a rule names the narrowest
//! rule that is missing. [`Explainer`] does that for many records, and [`Groups`] counts those that say the same. Where
//! lines come from is no concern of this module.

mod explain;
mod fields;
mod groups;
mod hats;
mod json;
mod promised;
mod record;
mod request;
mod suggest;

pub use explain::{Cause, Disconnected, Explainer, Explanation, explain};
pub use groups::{Added, Groups, MAX_KEPT_BYTES, Repeated};
pub use hats::Hats;
pub use promised::Forbidden;
pub use record::{Kind, Record, Time, looks_like_record, parse};
pub use request::{NotAsked, Requested, requests};
pub use suggest::Suggestion;
