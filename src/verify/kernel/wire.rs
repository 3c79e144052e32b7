//! Questions in the form that the kernel's query interface takes them.
//!
//! The numbers of classes and permission bits are those of the kernel's security/apparmor/include
//! (apparmor.h, perms.h, net.h, mount.h, ipc.h), as libapparmor's `aa_query_label` passes them on.

use crate::access::Class;
use crate::access::bits;
use crate::access::perms::{change_profile, io_uring, mount, ptrace, signal, socket, userns};
use crate::lang::permissions::{APPEND, EXEC, LINK, LOCK, MMAP, READ, WRITE};

/// How a request is put to the kernel.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Ask {
    /// By a query of `.access`.
    Query(Wire),
    /// By looking which capabilities a confined task has; the number.
    Capability(u8),
}

/// A query.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Wire {
    /// What follows the label: the class and the string that is matched.
    pub bytes: Vec<u8>,
    /// Permission bits: ours, and the kernel's.
    pub bits: &'static [(u32, u32)],
    /// Whether the answer depends on who owns the object.
    pub has_owner: bool,
}

const FILE: &[(u32, u32)] = &[
    (EXEC as u32, 0x1),
    (WRITE as u32, 0x2),
    (READ as u32, 0x4),
    (APPEND as u32, 0x8),
    (LOCK as u32, 0x8000),
    (MMAP as u32, 0x1_0000),
    (LINK as u32, 0x4_0000),
];
/// Of a link and its target: the link itself, and the subset test.
const PAIR: &[(u32, u32)] = &[(LINK as u32, 0x4_0000), (bits::SUBSET, 0x8000)];
const CHANGE_PROFILE: &[(u32, u32)] = &[
    (change_profile::NOW, 0x4000_0000),
    (change_profile::ON_EXEC, 0x2000_0000),
];
const SOCKET: &[(u32, u32)] = &[
    (socket::SEND, 0x2),
    (socket::RECEIVE, 0x4),
    (socket::CREATE, 0x10),
    (socket::SHUTDOWN, 0x20),
    (socket::CONNECT, 0x40),
    (socket::SET_ATTRIBUTES, 0x100),
    (socket::GET_ATTRIBUTES, 0x200),
    (socket::ACCEPT, 0x10_0000),
    (socket::BIND, 0x20_0000),
    (socket::LISTEN, 0x40_0000),
    (socket::SET_OPTION, 0x100_0000),
    (socket::GET_OPTION, 0x200_0000),
];
const SIGNAL: &[(u32, u32)] = &[(signal::SEND, 0x2), (signal::RECEIVE, 0x4)];
const PTRACE: &[(u32, u32)] = &[
    (ptrace::TRACE, 0x2),
    (ptrace::READ, 0x4),
    (ptrace::TRACED_BY, 0x8),
    (ptrace::READ_BY, 0x10),
];
const MOUNT: &[(u32, u32)] = &[
    (mount::PIVOT_ROOT, 0x1),
    (mount::MOUNT, 0x2),
    (mount::UMOUNT, 0x4),
];
const USERNS: &[(u32, u32)] = &[(userns::CREATE, 0x8)];
const IO_URING: &[(u32, u32)] = &[(io_uring::SQPOLL, 0x10), (io_uring::OVERRIDE_CREDS, 0x8)];

impl Ask {
    /// The question for a request; `None` where this kind of request is not put to the kernel.
    #[must_use]
    pub fn of(class: Class, text: &[u8]) -> Option<Self> {
        let behind = |prefix: &[u8]| [prefix, text].concat();
        let (bytes, bits) = match class {
            Class::File if text.contains(&0) => (behind(&[2]), PAIR),
            Class::File => (behind(&[2]), FILE),
            // The kernel has labels and paths in one automaton.
            Class::ChangeProfile => (behind(&[2]), CHANGE_PROFILE),
            Class::Capability => return Some(Self::Capability(*text.first()?)),
            // Without addresses, family and type are all that is asked; two bytes each.
            Class::Network => (vec![14, 0, *text.first()?, 0, *text.get(1)?], SOCKET),
            Class::Signal => (behind(&[10]), SIGNAL),
            // Within the class of labels.
            Class::Ptrace => (behind(&[16, 9]), PTRACE),
            Class::Mount => (behind(&[7]), MOUNT),
            Class::Userns => (vec![21], USERNS),
            Class::IoUring => (behind(&[22]), IO_URING),
            Class::Unix | Class::Dbus | Class::Mqueue => return None,
        };
        Some(Self::Query(Wire {
            bytes,
            bits,
            has_owner: class == Class::File,
        }))
    }
}

impl Wire {
    /// Our bits of the kernel's.
    #[must_use]
    pub fn ours(&self, kernel: u32) -> u32 {
        let set = self.bits.iter().filter(|(_, bit)| kernel & bit != 0);
        set.fold(0, |bits, (ours, _)| bits | ours)
    }

    /// Our bits that the kernel tells apart.
    #[must_use]
    pub fn known(&self) -> u32 {
        self.ours(u32::MAX)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn query(class: Class, text: &[u8]) -> Wire {
        match Ask::of(class, text) {
            Some(Ask::Query(wire)) => wire,
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn classes_have_the_kernels_numbers() {
        assert_eq!(query(Class::File, b"/a").bytes, b"\x02/a");
        assert_eq!(query(Class::Ptrace, b"x").bytes, b"\x10\x09x");
        assert_eq!(query(Class::Signal, b"\x0fx").bytes, b"\x0a\x0fx");
        assert_eq!(
            query(Class::Network, &[2, 1, 6, 0, 0, 0, 0, 0, 0]).bytes,
            [14, 0, 2, 0, 1]
        );
        assert_eq!(Ask::of(Class::Capability, &[21]), Some(Ask::Capability(21)));
        assert_eq!(Ask::of(Class::Dbus, b"system"), None);
    }

    #[test]
    fn every_bit_has_one_of_the_kernels() {
        for class in Class::ALL {
            let Some(Ask::Query(wire)) = Ask::of(class, b"/a") else {
                continue;
            };
            if class != Class::File {
                assert_eq!(wire.known(), class.all_bits(), "{class:?}");
            }
            let kernel = wire.bits.iter().fold(0, |bits, (_, bit)| bits | bit);
            assert_eq!(kernel.count_ones() as usize, wire.bits.len(), "{class:?}");
        }
        assert_eq!(query(Class::File, b"/a").known(), bits::HALF);
        // What `network inet stream` gives on a real kernel.
        assert_eq!(
            query(Class::Network, &[2, 1]).ours(0x0370_8376),
            socket::ALL
        );
    }
}
