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
mod cover;
mod decider;
mod decision;
mod delta;
mod denies;
mod effective;
mod effort;
mod encode;
mod entry;
mod examples;
mod exchange;
mod exec;
mod exposure;
mod find;
pub mod graph;
mod left_open;
mod mode;
mod own;
pub mod perms;
mod pool;
mod possible;
mod request;
mod shape;
mod shared;
mod show;
mod twofold;
mod uncertain;
mod unknown;
mod why;
mod witness;

pub use breadth::{breadth, is_among_much, opens_everything, reaches_all};
pub use changes::{Cause, Change, Subject, Version, change_at, changes, is_alike};
pub use class::{Class, bits};
pub use combine::{Conflict, Verdict, combine, mmap_before_5};
pub use compare::{Detail, Difference, differences, is_equal};
pub use decider::Decider;
pub use decision::{Decision, Example, Outcome, Ruling};
pub use delta::{Delta, Relation};
pub use denies::Denies;
pub use effective::{Effective, EntryRef, NO_SEGMENT, Part};
pub use effort::Effort;
pub use entry::{Entry, Rules};
pub use exchange::{Between, EXCHANGES, Exchange, Refusal, Side};
pub use exec::Exec;
pub use exposure::{Opened, OpenedFile, Target, Targets};
pub use find::Found;
pub use left_open::LeftOpen;
pub use mode::ProfileMode;
pub use own::{Meaning, OwnRule};
pub use pool::Pool;
pub use request::{Answer, REQUEST_PREFIX, Request, RequestFault, Want};
pub use shape::{Flags, Image, Shape, is_same_policy};
pub use shared::{Member, SharedEntries};
pub use show::{show, word};
pub use twofold::{IsCode, Twofold};
pub use unknown::Unknown;
pub use why::{Deciding, Lost, deciding};
pub use witness::Witness;
