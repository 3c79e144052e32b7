//! What is shown of records that say the same.

use crate::audit::{Explanation, Record, Repeated, Time};

/// A record as it is shown.
#[derive(Copy, Clone, Debug)]
pub struct ShownRecord<'r> {
    /// The first of those that say the same.
    pub record: &'r Record,
    /// What explains it.
    pub explanation: &'r Explanation,
    /// How many records say the same.
    pub count: usize,
    /// When the last of them was made, if the log keeps that.
    pub last: Option<Time>,
    /// Whether they are of more than one process.
    pub has_other_pids: bool,
}

impl<'r> From<&'r Repeated> for ShownRecord<'r> {
    fn from(repeated: &'r Repeated) -> Self {
        Self {
            record: &repeated.record,
            explanation: &repeated.explanation,
            count: repeated.count,
            last: repeated.last,
            has_other_pids: repeated.has_other_pids,
        }
    }
}
