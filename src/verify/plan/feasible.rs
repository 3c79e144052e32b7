//! Requests that a probe can make, for rules and promises that describe many.
//!
//! The shortest example of what a rule describes is often one that nobody can make: a mount of no type, a signal to a
//! label that is not there. So where a promise covers one of these, it is asked about as well.

use serde::{Deserialize, Serialize};

use crate::access::Class;
use crate::lang::signal;

/// The label of who is not confined.
pub(in crate::verify) const UNCONFINED: &str = "unconfined";

/// Maximum length of a file's name and of a path, in bytes (limits.h).
const MAX_NAME: usize = 255;
const MAX_PATH: usize = 4095;

/// Families of sockets, `AF_…`, by their numbers in the kernel.
pub(in crate::verify) mod family {
    pub(in crate::verify) const UNIX: u8 = 1;
    pub(in crate::verify) const INET: u8 = 2;
    pub(in crate::verify) const INET6: u8 = 10;
    pub(in crate::verify) const NETLINK: u8 = 16;
    pub(in crate::verify) const PACKET: u8 = 17;
    pub(in crate::verify) const ALG: u8 = 38;
    pub(in crate::verify) const VSOCK: u8 = 40;
}

/// Types of sockets, `SOCK_…`, by their numbers in the kernel.
pub(in crate::verify) mod socket_type {
    pub(in crate::verify) const STREAM: u8 = 1;
    pub(in crate::verify) const DATAGRAM: u8 = 2;
    pub(in crate::verify) const RAW: u8 = 3;
    pub(in crate::verify) const SEQPACKET: u8 = 5;
}

/// Families and types of which sockets can be made.
const SOCKETS: &[(u8, &[u8])] = {
    use family::{ALG, INET, INET6, NETLINK, PACKET, UNIX, VSOCK};
    use socket_type::{DATAGRAM, RAW, SEQPACKET, STREAM};
    &[
        (UNIX, &[STREAM, DATAGRAM, SEQPACKET]),
        (INET, &[STREAM, DATAGRAM, RAW]),
        (INET6, &[STREAM, DATAGRAM, RAW]),
        (NETLINK, &[DATAGRAM, RAW]),
        (PACKET, &[DATAGRAM, RAW]),
        (ALG, &[SEQPACKET]),
        (VSOCK, &[STREAM, DATAGRAM]),
    ]
};

/// All families and types of which sockets can be made.
pub(in crate::verify) fn socket_kinds() -> impl Iterator<Item = (u8, u8)> {
    let of_family = |(family, kinds): &'static (u8, &'static [u8])| {
        kinds.iter().map(move |kind| (*family, *kind))
    };
    SOCKETS.iter().flat_map(of_family)
}

/// What is done with a mount, at fixed places below `/aalint`.
#[derive(Copy, Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub enum MountCall {
    /// A new temporary file system.
    New,
    /// A directory bound to another one.
    Bind,
    /// A mount taken away.
    Umount,
    /// The root exchanged.
    PivotRoot,
}

impl MountCall {
    const ALL: [Self; 4] = [Self::New, Self::Bind, Self::Umount, Self::PivotRoot];

    /// Where something is mounted.
    pub(in crate::verify) const POINT: &'static str = "/aalint/here/";
    /// What is bound there.
    pub(in crate::verify) const SOURCE: &'static str = "/aalint/there/";
    /// Where the root goes that is exchanged.
    pub(in crate::verify) const OLD_ROOT: &'static str = "/aalint/here/old/";
    /// The device of a new file system.
    pub(in crate::verify) const DEVICE: &'static str = "aalint";
    /// Its type.
    pub(in crate::verify) const TYPE: &'static str = "tmpfs";
    /// The byte for MS_BIND, mount(2): the number of its bit, from 1.
    const BIND_FLAG: u8 = 13;

    /// The string by which the kernel asks for the call.
    pub(in crate::verify) fn text(self) -> Vec<u8> {
        let point = Self::POINT;
        match self {
            Self::New => format!("{point}\0{}\0{}\0", Self::DEVICE, Self::TYPE).into_bytes(),
            Self::Bind => [
                format!("{point}\0{}\0\0", Self::SOURCE).as_bytes(),
                &[Self::BIND_FLAG],
            ]
            .concat(),
            Self::Umount => point.as_bytes().to_vec(),
            Self::PivotRoot => format!("{point}\0{}", Self::OLD_ROOT).into_bytes(),
        }
    }
}

/// Strings of requests that can be made under a profile of that name.
#[must_use]
pub fn requests(class: Class, profile: &str) -> Vec<Vec<u8>> {
    let peers = [UNCONFINED, profile];
    match class {
        Class::Network => socket_kinds()
            .map(|(family, kind)| vec![family, kind, 0, 0, 0, 0, 0, 0, 0])
            .collect(),
        Class::Mount => MountCall::ALL.into_iter().map(MountCall::text).collect(),
        Class::Signal => {
            let number = signal::number("term").unwrap_or_default();
            let with = |peer: &str| [&[number], peer.as_bytes()].concat();
            peers.into_iter().map(with).collect()
        }
        Class::Ptrace => peers.map(|peer| peer.as_bytes().to_vec()).into(),
        Class::ChangeProfile => vec![UNCONFINED.as_bytes().to_vec()],
        _ => Vec::new(),
    }
}

/// The call that makes a request of the mount family, if it is one of [`requests`].
pub(in crate::verify) fn mount_call(text: &[u8]) -> Option<MountCall> {
    MountCall::ALL.into_iter().find(|call| call.text() == text)
}

/// Whether a file can lie at a path: whether there can be a file of that name at all.
pub(in crate::verify) fn can_be_a_path(path: &[u8]) -> bool {
    let Some(rest) = path.strip_prefix(b"/") else {
        return false;
    };
    let rest = rest.strip_suffix(b"/").unwrap_or(rest);
    path.len() <= MAX_PATH
        && (rest.is_empty() && path == b"/" || !rest.is_empty())
        && (rest.is_empty() || rest.split(|byte| *byte == b'/').all(can_be_a_name))
}

fn can_be_a_name(name: &[u8]) -> bool {
    !matches!(name, b"" | b"." | b"..") && name.len() <= MAX_NAME && !name.contains(&0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn mounts_are_found_again() {
        for call in MountCall::ALL {
            assert_eq!(mount_call(&call.text()), Some(call));
        }
        assert_eq!(mount_call(b"/mnt/"), None);
    }

    #[test]
    fn paths_at_which_a_decoy_can_lie() {
        for path in ["/", "/a", "/a/", "/a/b c", "/\u{e4}/\n"] {
            assert!(can_be_a_path(path.as_bytes()), "{path:?}");
        }
        for path in ["", "a", "//", "/a//b", "/a/../b", "/./a", "/a\0b"] {
            assert!(!can_be_a_path(path.as_bytes()), "{path:?}");
        }
        assert!(can_be_a_path(format!("/{}", "a".repeat(255)).as_bytes()));
        assert!(!can_be_a_path(format!("/{}", "a".repeat(256)).as_bytes()));
        assert!(!can_be_a_path("/a".repeat(2048).as_bytes()));
    }
}
