//! What a rule for sockets is about, but for addresses.

use crate::glob::ByteSet;

/// The families, types and protocols that a rule is about.
#[derive(Copy, Clone, PartialEq, Eq, Hash, Debug)]
pub(in crate::access) struct Sockets {
    pub(super) families: ByteSet,
    pub(super) types: ByteSet,
    pub(super) protocols: ByteSet,
}
