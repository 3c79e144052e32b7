//! Kinds of requests, and the permission bits of each.

use crate::glob::{InputDomain, Nfa};

/// A kind of request. Each has its own strings and permission bits.
#[derive(Copy, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Class {
    /// Files; the string is the path, or for the second half of a link the link's path, NUL and the
    /// target's path. Bits: [`bits`].
    File,
    /// Capabilities; the string is one byte, the capability's number.
    Capability,
    /// Mounts. The string is the mount point, NUL, the source, NUL, the type of file system, NUL, and
    /// a byte for each flag that is set: the number of its bit in mount(2) plus one, in ascending
    /// order. For `umount` it is the mount point alone; for `pivot_root` the new root, NUL, and where
    /// the old one goes.
    Mount,
    /// Network sockets. The string is a byte each for family, type and protocol, and then for the
    /// local address and for that of the peer a byte 0 (none), 4 or 6 with as many bytes as such an
    /// address has, and two bytes of port. Unix sockets count here as well: this is what kernels ask
    /// that know no more of them than family and type.
    Network,
    /// Unix sockets, as the kernel asks for them. The string is a byte for the type. That is all for
    /// `create`. For all else the local address follows, NUL, the label of the socket, NUL; an address
    /// is empty, or a byte 1 (anonymous), or a byte 0 and an abstract name. Then follows a byte 2 for
    /// `listen`, a byte 4 for options, and for what has a peer a byte 1, its address, NUL and label.
    Unix,
    /// Signals; the string is a byte for the signal, as the parser numbers them, and the label of the
    /// peer.
    Signal,
    /// Tracing; the string is the label of the peer.
    Ptrace,
    /// Messages and names on a bus. The string is bus, name, label of the peer, path, interface and
    /// member with NUL between them; for `bind` it ends behind the name, and for `eavesdrop` behind
    /// the bus.
    Dbus,
    /// Message queues. The string is `p` and the name of a posix queue or `s` and the number of a
    /// System V queue; of a queue that has a label, NUL and the label follow.
    Mqueue,
    /// User namespaces; the string is empty.
    Userns,
    /// io_uring; the string is the label whose credentials are taken, and empty for `sqpoll`.
    IoUring,
    /// Changes of profile that the program asks for. The string is the new label. For a change at the
    /// next exec there must be an answer for the label, one for the path of the program, and one for
    /// path, NUL and label: the compiled policy does not tell a path from a label. What label and path
    /// answer is kept as bits of path, NUL and label as well, so that one string tells the whole.
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

    /// The keyword of its rules.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::File => "file",
            Self::Capability => "capability",
            Self::Mount => "mount",
            Self::Network => "network",
            Self::Unix => "unix",
            Self::Signal => "signal",
            Self::Ptrace => "ptrace",
            Self::Dbus => "dbus",
            Self::Mqueue => "mqueue",
            Self::Userns => "userns",
            Self::IoUring => "io_uring",
            Self::ChangeProfile => "change_profile",
        }
    }

    /// The texts that make sense as requests which `nfa` matches.
    #[must_use]
    pub fn domain(self, nfa: &Nfa) -> InputDomain {
        match self {
            Self::File if nfa.has_nul() => InputDomain::Pairs,
            Self::File => InputDomain::Paths,
            _ => InputDomain::Bytes,
        }
    }
}

/// Permission bits of files: those of [`crate::lang::permissions`], once for files of the task's own
/// user, once for those of others.
pub mod bits {
    use crate::lang::permissions::{APPEND, EXEC, LOCK, MMAP, READ, WRITE};

    /// The bits of one half.
    pub const HALF: u32 = 0x7f;
    /// How far the bits for files of others are shifted.
    pub const OTHER: u32 = 7;
    /// The second half of a link: the new link must not grant more than the target. The parser and the
    /// kernel keep this in the bit that means `k` elsewhere (AA_LINK_SUBSET), for the owner only; a
    /// deny rule for `k` that matches the pair, by a class that takes NUL, takes it away.
    pub const SUBSET: u32 = LOCK as u32;
    /// `x` in both halves.
    pub const EXECS: u32 = EXEC as u32 | (EXEC as u32) << OTHER;

    /// The permissions of calls that follow a symbolic link at the end of a path: to link, rename or remove means the link itself.
    pub const FOLLOWING: u32 = both(READ | WRITE | APPEND | EXEC | MMAP | LOCK);

    /// `bits` in the halves that an entry is about.
    #[must_use]
    pub const fn both(bits: u8) -> u32 {
        bits as u32 | (bits as u32) << OTHER
    }
}
