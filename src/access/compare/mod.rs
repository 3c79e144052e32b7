//! Two profiles, or two versions of one: where they decide differently, and what that makes of the permissions.

mod changes;
mod delta;
mod shape;
mod walk;

pub use changes::{
    Change, ChangeCause, ComparedProfile, PolicyVersion, change_at, changes, is_alike,
};
pub use delta::{Delta, Relation};
pub use shape::{CompiledImage, ImageFlags, Shape, is_same_language, is_same_policy};
pub use walk::{Detail, Difference, differences, is_equal, is_same_entries};
