//! A request of each class: what it is about, whoever has to answer it.

use std::fmt;

use super::tables::{self, Bits};

/// A class as it is counted.
#[derive(Copy, Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum Kind {
    Signal,
    Ptrace,
    /// Unix sockets in a profile without `network` rules.
    Unix,
    UnixBesideNetwork,
    Network,
    Dbus,
    Mount,
    Umount,
    PivotRoot,
    Mqueue,
    MqueueWithoutLabel,
    IoUring,
    Userns,
    ChangeProfile,
    Capability,
    Rlimit,
}

impl Kind {
    pub const ALL: [Self; 16] = [
        Self::Signal,
        Self::Ptrace,
        Self::Unix,
        Self::UnixBesideNetwork,
        Self::Network,
        Self::Dbus,
        Self::Mount,
        Self::Umount,
        Self::PivotRoot,
        Self::Mqueue,
        Self::MqueueWithoutLabel,
        Self::IoUring,
        Self::Userns,
        Self::ChangeProfile,
        Self::Capability,
        Self::Rlimit,
    ];

    pub const fn name(self) -> &'static str {
        match self {
            Self::Signal => "signal",
            Self::Ptrace => "ptrace",
            Self::Unix => "unix alone",
            Self::UnixBesideNetwork => "unix beside network",
            Self::Network => "network",
            Self::Dbus => "dbus",
            Self::Mount => "mount and remount",
            Self::Umount => "umount",
            Self::PivotRoot => "pivot_root",
            Self::Mqueue => "mqueue with label",
            Self::MqueueWithoutLabel => "mqueue without label",
            Self::IoUring => "io_uring",
            Self::Userns => "userns",
            Self::ChangeProfile => "change_profile",
            Self::Capability => "capability",
            Self::Rlimit => "rlimit",
        }
    }
}

/// The address of a unix socket.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Address {
    /// There is none yet: a socket that is bound without a name gets one.
    Unnamed,
    Anonymous,
    Abstract(Vec<u8>),
}

/// What is asked of a unix socket that has an address.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Unix {
    Create,
    /// With the own address and label.
    Own(Address, Vec<u8>),
    Listen(Address, Vec<u8>),
    Option(Address, Vec<u8>),
    /// With those of the peer.
    Peer(Address, Vec<u8>, Address, Vec<u8>),
}

/// A queue's name.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Queue {
    Posix(Vec<u8>),
    SystemV(u32),
}

/// A request.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Ask {
    Signal(u8, Vec<u8>),
    Ptrace(Vec<u8>),
    Unix(u8, Unix),
    Network {
        family: u8,
        kind: u8,
        protocol: u8,
    },
    /// Bus; bus and name; or bus, name, label, path, interface and member.
    Dbus(Vec<Vec<u8>>),
    Mount {
        point: Vec<u8>,
        source: Vec<u8>,
        fstype: Vec<u8>,
        /// Numbers of bits.
        flags: Vec<u8>,
    },
    Umount(Vec<u8>),
    PivotRoot(Vec<u8>, Vec<u8>),
    Mqueue(Queue, Option<Vec<u8>>),
    OverrideCreds(Vec<u8>),
    Sqpoll,
    Userns,
    Change(Vec<u8>),
    /// The program and the label.
    ChangeOnExec(Vec<u8>, Vec<u8>),
    Capability(u8),
}

impl Ask {
    pub fn kind(&self, has_network: bool) -> Kind {
        match self {
            Self::Signal(..) => Kind::Signal,
            Self::Ptrace(_) => Kind::Ptrace,
            Self::Unix(..) if has_network => Kind::UnixBesideNetwork,
            Self::Unix(..) => Kind::Unix,
            Self::Network { .. } => Kind::Network,
            Self::Dbus(_) => Kind::Dbus,
            Self::Mount { .. } => Kind::Mount,
            Self::Umount(_) => Kind::Umount,
            Self::PivotRoot(..) => Kind::PivotRoot,
            Self::Mqueue(_, Some(_)) => Kind::Mqueue,
            Self::Mqueue(_, None) => Kind::MqueueWithoutLabel,
            Self::OverrideCreds(_) | Self::Sqpoll => Kind::IoUring,
            Self::Userns => Kind::Userns,
            Self::Change(_) | Self::ChangeOnExec(..) => Kind::ChangeProfile,
            Self::Capability(_) => Kind::Capability,
        }
    }

    /// The permissions that can be asked for so.
    pub fn bits(&self) -> Bits {
        match self {
            Self::Signal(..) => tables::SIGNAL,
            Self::Ptrace(_) => tables::PTRACE,
            Self::Unix(_, Unix::Create) => tables::UNIX_CREATE,
            Self::Unix(_, Unix::Own(..)) => tables::UNIX_OWN,
            Self::Unix(_, Unix::Listen(..)) => tables::UNIX_LISTEN,
            Self::Unix(_, Unix::Option(..)) => tables::UNIX_OPTION,
            Self::Unix(_, Unix::Peer(..)) => tables::UNIX_PEER,
            Self::Network { .. } => tables::NETWORK,
            Self::Dbus(parts) => match parts.len() {
                1 => tables::DBUS_EAVESDROP,
                2 => tables::DBUS_BIND,
                _ => tables::DBUS_MESSAGE,
            },
            Self::Mount { .. } => tables::MOUNT,
            Self::Umount(_) => tables::UMOUNT,
            Self::PivotRoot(..) => tables::PIVOT_ROOT,
            Self::Mqueue(..) => tables::MQUEUE,
            Self::OverrideCreds(_) => tables::OVERRIDE_CREDS,
            Self::Sqpoll => tables::SQPOLL,
            Self::Userns => tables::USERNS,
            Self::Change(_) => tables::CHANGE_NOW,
            Self::ChangeOnExec(..) => tables::CHANGE_ON_EXEC,
            Self::Capability(_) => &[("capability", 1)],
        }
    }
}

impl fmt::Display for Ask {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{self:?}")
    }
}
