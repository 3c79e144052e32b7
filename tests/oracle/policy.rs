//! What an automaton says of requests other than files; the first byte of a string is the class of the request.

use super::access::Raw;
use super::decode::{Automaton, Masks};

/// The kernel's numbers of the classes (policydb.h).
pub const NETWORK: u8 = 4;
pub const MOUNT: u8 = 7;
pub const PTRACE: u8 = 9;
pub const SIGNAL: u8 = 10;
pub const NETWORK_V8: u8 = 14;
pub const NETWORK_V9: u8 = 15;
/// What is asked about labels: the next byte is another class.
pub const LABEL: u8 = 16;
pub const MQUEUE: u8 = 17;
pub const MQUEUE_SYSV: u8 = 18;
pub const USERNS: u8 = 21;
pub const IO_URING: u8 = 22;
pub const DBUS: u8 = 32;

/// Set everywhere in the older encoding (policy_compat.c), so it means nothing.
const ALWAYS: u32 = 0x8000;

impl Automaton {
    /// Whether requests of a class are looked at; the others are allowed.
    pub fn mediates(&self, class: u8) -> bool {
        self.dfa.step(self.start, class) != 0
    }

    /// The kernel's bits for a request.
    pub fn rights(&self, request: &[u8]) -> Masks<u32> {
        let state = self.dfa.walk(self.start, request);
        if self.table.is_some() {
            let Raw {
                allow,
                audit,
                quiet,
                ..
            } = self.raw(state).0;
            return Masks {
                allow: allow & !ALWAYS,
                audit,
                quiet,
            };
        }
        let (accept, accept2) = self.dfa.accept(state);
        // The bits of a second kind of subject are used for more bits of one.
        let map = |low: u32, high: u32| {
            low & 0x7f | (high & 0x3) << 8 | (high & 0x1c) << 18 | (high & 0x60) << 19
        };
        Masks {
            allow: map(accept, accept >> 14),
            audit: map(accept2, accept2 >> 14),
            quiet: map(accept2 >> 7, accept2 >> 21),
        }
    }
}
