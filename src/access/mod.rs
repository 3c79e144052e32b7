//! The decision function: what a profile allows, denies and leaves unmatched.
//!
//! Every request is a byte string of a [`Class`] and a set of permission bits. Rules compile to
//! [`Entry`]s: a program that says which strings they match, and what they do to which bits.
//! [`combine`] gives the verdict of the entries that match one string. Everything else, from a query
//! to a comparison of two profiles, asks these three.

mod breadth;
mod changes;
mod class;
mod combine;
mod compare;
mod decision;
mod delta;
mod effective;
mod encode;
mod entry;
mod exec;
mod exposure;
mod find;
pub mod graph;
mod mode;
pub mod perms;
mod pool;
mod possible;
mod request;
mod shape;
mod show;
mod unknown;
mod why;
mod witness;

pub use changes::{Cause, Change, Subject, Version, change_at, changes, is_alike};
mod twofold;
mod uncertain;

pub use breadth::{breadth, is_among_much};
pub use class::{Class, bits};
pub use combine::{Conflict, Verdict, combine};
pub use compare::{Detail, Difference, differences, is_equal};
pub use decision::{Decision, Example, Outcome, Ruling};
pub use delta::{Delta, Relation};
pub use effective::{Effective, EntryRef, NO_SEGMENT, Part};
pub use entry::{Entry, Rules};
pub use exec::Exec;
pub use exposure::{Opened, OpenedFile, Target, Targets, own_entries};
pub use find::Found;
pub use mode::ProfileMode;
pub use pool::Pool;
pub use request::{Answer, REQUEST_PREFIX, Request, RequestFault, Want};
pub use shape::{Flags, Image, Shape, is_same_policy};
pub use show::{show, word};
pub use twofold::Twofold;
pub use unknown::Unknown;
pub use why::{Deciding, Lost, deciding};
pub use witness::Witness;
