//! What aalint says: a diagnostic with its labels, reasons and edits.

mod claim;
mod finding;
mod fix;
mod meta;
mod severity;

pub use claim::{Claim, ClaimedDecision};
pub use finding::{Diagnostic, Label, LabelStyle, RootCause};
pub use fix::{Applicability, Edit, Fix, apply_edits};
pub use meta::{Level, Meta, is_code};
pub use severity::Severity;
