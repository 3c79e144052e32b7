//! Two profiles, or two versions of one: where they decide differently, and what that makes of the permissions.

mod changes;
mod delta;
mod shape;
mod walk;

pub use changes::{Cause, Change, Subject, Version, change_at, changes, is_alike};
pub use delta::{Delta, Relation};
pub use shape::{Flags, Image, Shape, is_same_policy};
pub use walk::{Detail, Difference, differences, is_equal};
