//! What an exec leads to.

use std::sync::Arc;

use crate::lang::permissions::{ExecKind, ExecMode};

/// What an exec leads to. Two rules whose values differ conflict where both match.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct Exec {
    /// Which profile, and what happens without that profile; whether the environment is scrubbed.
    pub mode: ExecMode,
    /// The profile's name, where one is given; children by their full names.
    pub target: Option<Arc<str>>,
}

impl Exec {
    /// Whether the program may stay in the profile: `m` then comes with `x`, and `pix` and `cix`
    /// count as well (process_dfa_entry in parser_regex.c).
    #[must_use]
    pub const fn may_inherit(&self) -> bool {
        matches!(
            self.mode.kind,
            ExecKind::Inherit | ExecKind::ProfileOrInherit | ExecKind::ChildOrInherit
        )
    }
}
