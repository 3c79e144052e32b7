//! The decision function: what a profile allows, denies and leaves unmatched.
//!
//! Every request is a byte string of a [`Class`] and a set of permission bits. Rules compile to
//! [`Entry`]s: an NFA that matches the strings of their requests, and what they do to which bits.
//! [`combine`] gives the verdict of the entries that match one string. Everything else, from a query
//! to a comparison of two profiles, asks these three.

mod compare;
pub mod graph;
mod model;
mod search;
mod show;

pub use compare::{
    Change, ChangeCause, ComparedProfile, CompiledImage, Delta, Detail, Difference, ImageFlags,
    PolicyVersion, Relation, Shape, change_at, changes, differences, is_alike, is_equal,
    is_same_entries, is_same_language, is_same_policy,
};
pub use model::{
    Class, Conflict, Deciding, Effective, Entry, EntryRef, Exec, Lost, NO_SEGMENT, Part, Pool,
    ProfileMode, REQUEST_PREFIX, Request, RequestFault, Rules, SearchBudget, Verdict, Want, bits,
    combine, deciding, mmap_before_5, perms,
};
pub use search::{
    Decider, Decision, Example, Found, Outcome, OutcomeExamples, Ruling, Unknown, Witness,
};
pub use show::{show, word};
