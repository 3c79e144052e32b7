//! How many profiles differ in which way.

use crate::access::Relation;
use crate::session::diff::{PolicyDiff, Status};

/// How many profiles there are of each kind; those that were renamed count by how they compare too.
#[derive(Default)]
pub(super) struct Counts {
    pub(super) unknown: usize,
    pub(super) equal: usize,
    pub(super) narrower: usize,
    pub(super) wider: usize,
    pub(super) incomparable: usize,
    pub(super) added: usize,
    pub(super) removed: usize,
    pub(super) renamed: usize,
}

impl Counts {
    pub(super) fn of(diff: &PolicyDiff) -> Self {
        let mut counts = Self::default();
        for profile in &diff.profiles {
            let count = match (&profile.status, profile.relation) {
                (Status::Added(_), _) => &mut counts.added,
                (Status::Removed(_), _) => &mut counts.removed,
                _ if profile.is_undecided => &mut counts.unknown,
                (_, Relation::Equal) => &mut counts.equal,
                (_, Relation::Narrower) => &mut counts.narrower,
                (_, Relation::Wider) => &mut counts.wider,
                (_, Relation::Incomparable) => &mut counts.incomparable,
            };
            *count += 1;
            if matches!(profile.status, Status::Renamed(_)) {
                counts.renamed += 1;
            }
        }
        counts
    }
}
