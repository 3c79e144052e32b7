//! Kinds of requests, and the permission bits of each.

/// A kind of request. Each has its own strings and permission bits.
#[derive(Copy, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Class {
    /// Files; the string is the path, or for the second half of a link the link's path, NUL and the
    /// target's path. Bits: [`bits`].
    File,
    /// Capabilities; the string is one byte, the capability's number.
    Capability,
    /// Mounts; see `mount`.
    Mount,
    /// Network sockets other than `unix`.
    Network,
    /// Unix sockets.
    Unix,
    /// Signals.
    Signal,
    /// Tracing.
    Ptrace,
    /// Messages and names on a bus.
    Dbus,
    /// Message queues.
    Mqueue,
    /// User namespaces.
    Userns,
    /// io_uring.
    IoUring,
    /// Changes of profile that the program asks for.
    ChangeProfile,
}

impl Class {
    /// All of them.
    pub const ALL: [Self; 12] = [
        Self::File,
        Self::Capability,
        Self::Mount,
        Self::Network,
        Self::Unix,
        Self::Signal,
        Self::Ptrace,
        Self::Dbus,
        Self::Mqueue,
        Self::Userns,
        Self::IoUring,
        Self::ChangeProfile,
    ];
}

/// Permission bits of files: those of [`crate::lang::permissions`], once for files of the task's own
/// user, once for those of others.
pub mod bits {
    use crate::lang::permissions::EXEC;

    /// The bits of one half.
    pub const HALF: u32 = 0x7f;
    /// How far the bits for files of others are shifted.
    pub const OTHER: u32 = 7;
    /// The second half of a link: the new link must not grant more than the target, for the owner;
    /// shifted by [`OTHER`], for others.
    pub const SUBSET: u32 = 1 << 14;
    /// `x` in both halves.
    pub const EXECS: u32 = EXEC as u32 | (EXEC as u32) << OTHER;

    /// `bits` in the halves that an entry is about.
    #[must_use]
    pub const fn both(bits: u8) -> u32 {
        bits as u32 | (bits as u32) << OTHER
    }
}
