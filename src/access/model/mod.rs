//! What is decided: classes of requests, rules compiled to entries, and the fold over those that match.

mod class;
mod combine;
mod effective;
mod encode;
mod entry;
mod exec;
mod mode;
mod patterns;
pub mod perms;
mod pool;
mod request;
mod request_domain;
mod search_budget;
mod sockets;
mod why;

pub use class::{Class, bits};
pub use combine::{Conflict, Verdict, combine, mmap_before_5};
pub use effective::{Effective, EntryRef, NO_SEGMENT, Part};
pub use entry::{Entry, Rules};
pub use exec::Exec;
pub use mode::ProfileMode;
pub use pool::Pool;
pub use request::{REQUEST_PREFIX, Request, RequestFault, Want};
pub use search_budget::SearchBudget;
pub use why::{Deciding, Lost, deciding};
