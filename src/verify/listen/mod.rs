//! Audit records while they are made: where they are heard.
//!
//! [`Watch`] gives the lines; what they say is for [`crate::audit`] to find out.

mod heard;
mod kmsg;
mod netlink;
mod source;

pub use heard::Heard;
pub use source::Watch;
