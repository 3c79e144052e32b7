//! What the answers of the kernel and of the probes say about what was promised.

mod answers;
mod probes;

pub use answers::{Judged, ProofStatus, Reason, Side, judge};
pub use probes::refine;
