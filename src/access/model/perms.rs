//! Permission bits of the classes other than files, and the words for them.
//!
//! Each class has its own bits. `r` and `w` in a rule stand for the words `read` and `write`.

use crate::access::Class;

/// Permissions of `signal` rules.
pub mod signal {
    /// `send`
    pub const SEND: u32 = 1;
    /// `receive`
    pub const RECEIVE: u32 = 1 << 1;
}

/// Permissions of `ptrace` rules.
pub mod ptrace {
    /// `read`
    pub const READ: u32 = 1;
    /// `trace`
    pub const TRACE: u32 = 1 << 1;
    /// `readby`
    pub const READ_BY: u32 = 1 << 2;
    /// `tracedby`
    pub const TRACED_BY: u32 = 1 << 3;
}

/// Permissions of `network` and `unix` rules.
pub mod socket {
    /// `send`
    pub const SEND: u32 = 1;
    /// `receive`
    pub const RECEIVE: u32 = 1 << 1;
    /// `create`
    pub const CREATE: u32 = 1 << 2;
    /// `shutdown`
    pub const SHUTDOWN: u32 = 1 << 3;
    /// `connect`
    pub const CONNECT: u32 = 1 << 4;
    /// `setattr`
    pub const SET_ATTRIBUTES: u32 = 1 << 5;
    /// `getattr`
    pub const GET_ATTRIBUTES: u32 = 1 << 6;
    /// `accept`
    pub const ACCEPT: u32 = 1 << 7;
    /// `bind`
    pub const BIND: u32 = 1 << 8;
    /// `listen`
    pub const LISTEN: u32 = 1 << 9;
    /// `setopt`
    pub const SET_OPTION: u32 = 1 << 10;
    /// `getopt`
    pub const GET_OPTION: u32 = 1 << 11;
    /// All of them.
    pub const ALL: u32 = (1 << 12) - 1;
    /// Those that have a peer.
    pub const WITH_PEER: u32 = SEND | RECEIVE | CONNECT | ACCEPT;
    /// `setopt` and `getopt`
    pub const OPTIONS: u32 = SET_OPTION | GET_OPTION;
}

/// Permissions of `dbus` rules.
pub mod dbus {
    /// `send`
    pub const SEND: u32 = 1;
    /// `receive`
    pub const RECEIVE: u32 = 1 << 1;
    /// `bind`
    pub const BIND: u32 = 1 << 2;
    /// `eavesdrop`
    pub const EAVESDROP: u32 = 1 << 3;
}

/// Permissions of `mqueue` rules.
pub mod mqueue {
    /// `read`
    pub const READ: u32 = 1;
    /// `write`
    pub const WRITE: u32 = 1 << 1;
    /// `create`
    pub const CREATE: u32 = 1 << 2;
    /// `open`
    pub const OPEN: u32 = 1 << 3;
    /// `delete`
    pub const DELETE: u32 = 1 << 4;
    /// `getattr`
    pub const GET_ATTRIBUTES: u32 = 1 << 5;
    /// `setattr`
    pub const SET_ATTRIBUTES: u32 = 1 << 6;
}

/// The permission of `userns` rules.
pub mod userns {
    /// `create`
    pub const CREATE: u32 = 1;
}

/// Permissions of `io_uring` rules.
pub mod io_uring {
    /// `sqpoll`
    pub const SQPOLL: u32 = 1;
    /// `override_creds`
    pub const OVERRIDE_CREDS: u32 = 1 << 1;
}

/// What rules of the mount family are about.
pub mod mount {
    /// `mount` and `remount`
    pub const MOUNT: u32 = 1;
    /// `umount`
    pub const UMOUNT: u32 = 1 << 1;
    /// `pivot_root`
    pub const PIVOT_ROOT: u32 = 1 << 2;
}

/// What `change_profile` rules are about. Where a rule names a program, the bit for `x` of files says
/// so, and the verdict's `exec` whether the environment is scrubbed; else it is.
pub mod change_profile {
    /// The change at once.
    pub const NOW: u32 = 1;
    /// The change at the next exec.
    pub const ON_EXEC: u32 = 1 << 1;
    /// Of a program and a label: what [`ON_EXEC`] says of the label alone, as domain.c asks at
    /// change_profile(2).
    pub const LABEL_ON_EXEC: u32 = 1 << 8;
    /// Of a program and a label: what [`ON_EXEC`] says of the program alone, as domain.c asks at the exec.
    pub const PROGRAM_ON_EXEC: u32 = 1 << 9;
    /// All that a change at the exec of a program needs, asked of program and label.
    pub const WHOLE_ON_EXEC: u32 = ON_EXEC | LABEL_ON_EXEC | PROGRAM_ON_EXEC;
}

/// The permission of `capability` rules.
pub const USE: u32 = 1;

const SIGNAL: &[(&str, u32)] = &[
    ("send", signal::SEND),
    ("receive", signal::RECEIVE),
    ("write", signal::SEND),
    ("read", signal::RECEIVE),
];
const PTRACE: &[(&str, u32)] = &[
    ("read", ptrace::READ),
    ("trace", ptrace::TRACE),
    ("readby", ptrace::READ_BY),
    ("tracedby", ptrace::TRACED_BY),
    ("write", ptrace::TRACE),
];
const SOCKET: &[(&str, u32)] = &[
    ("create", socket::CREATE),
    ("bind", socket::BIND),
    ("listen", socket::LISTEN),
    ("accept", socket::ACCEPT),
    ("connect", socket::CONNECT),
    ("shutdown", socket::SHUTDOWN),
    ("getattr", socket::GET_ATTRIBUTES),
    ("setattr", socket::SET_ATTRIBUTES),
    ("getopt", socket::GET_OPTION),
    ("setopt", socket::SET_OPTION),
    ("send", socket::SEND),
    ("receive", socket::RECEIVE),
    ("write", socket::SEND),
    ("read", socket::RECEIVE),
];
const DBUS: &[(&str, u32)] = &[
    ("send", dbus::SEND),
    ("receive", dbus::RECEIVE),
    ("bind", dbus::BIND),
    ("eavesdrop", dbus::EAVESDROP),
    ("write", dbus::SEND),
    ("read", dbus::RECEIVE),
];
const MQUEUE: &[(&str, u32)] = &[
    ("create", mqueue::CREATE),
    ("open", mqueue::OPEN),
    ("delete", mqueue::DELETE),
    ("getattr", mqueue::GET_ATTRIBUTES),
    ("setattr", mqueue::SET_ATTRIBUTES),
    ("read", mqueue::READ),
    ("write", mqueue::WRITE),
];
const MOUNT: &[(&str, u32)] = &[
    ("mount", mount::MOUNT),
    ("umount", mount::UMOUNT),
    ("pivot_root", mount::PIVOT_ROOT),
];
const CHANGE_PROFILE: &[(&str, u32)] = &[
    ("now", change_profile::NOW),
    ("at exec", change_profile::ON_EXEC),
];

impl Class {
    /// The words for the permission bits of the class, each bit's usual word first. Files have
    /// letters instead, and none here.
    #[must_use]
    pub const fn words(self) -> &'static [(&'static str, u32)] {
        match self {
            Self::File => &[],
            Self::Capability => &[("capability", USE)],
            Self::Mount => MOUNT,
            Self::Network | Self::Unix => SOCKET,
            Self::Signal => SIGNAL,
            Self::Ptrace => PTRACE,
            Self::Dbus => DBUS,
            Self::Mqueue => MQUEUE,
            Self::Userns => &[("create", userns::CREATE)],
            Self::IoUring => &[
                ("sqpoll", io_uring::SQPOLL),
                ("override_creds", io_uring::OVERRIDE_CREDS),
            ],
            Self::ChangeProfile => CHANGE_PROFILE,
        }
    }

    /// The bits of all its words.
    #[must_use]
    pub fn all_bits(self) -> u32 {
        self.words().iter().fold(0, |bits, (_, bit)| bits | bit)
    }

    /// The bits that a permission word of a rule stands for: a word, or letters as in `rw`.
    #[must_use]
    pub fn bits_of(self, word: &str) -> Option<u32> {
        let find = |word: &str| {
            let found = self.words().iter().find(|(known, _)| *known == word);
            found.map(|(_, bit)| *bit)
        };
        if let Some(bits) = find(word) {
            return Some(bits);
        }
        let letters = word.chars().map(|letter| match letter {
            'r' | 'R' => find("read"),
            'w' | 'W' => find("write"),
            _ => None,
        });
        letters.reduce(|a, b| Some(a? | b?)).flatten()
    }
}
