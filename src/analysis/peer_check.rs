//! Operations that need two profiles: one that does something to its peer, and one that accepts it.

use crate::access::perms::{ptrace, signal};
use crate::access::{Class, Effective, EntryRef};
use crate::lang::mediation::Mediated;
use crate::syntax::ast::Mode;

/// Something that one profile does to another one.
#[derive(Clone, Debug)]
pub struct PeerOperation {
    /// The class of the rules on both sides.
    pub class: Class,
    /// The same for the question whether it is enforced.
    pub kind: Mediated,
    /// The bit that who does it needs, and the word for it.
    pub done: (u32, &'static str),
    /// The bit that who accepts it needs, and the word for it.
    pub accepted: (u32, &'static str),
}

/// Operations whose rules name the peer.
pub const PEER_OPERATIONS: [PeerOperation; 3] = [
    PeerOperation {
        class: Class::Signal,
        kind: Mediated::Signal,
        done: (signal::SEND, "send"),
        accepted: (signal::RECEIVE, "receive"),
    },
    PeerOperation {
        class: Class::Ptrace,
        kind: Mediated::Ptrace,
        done: (ptrace::TRACE, "trace"),
        accepted: (ptrace::TRACED_BY, "tracedby"),
    },
    PeerOperation {
        class: Class::Ptrace,
        kind: Mediated::Ptrace,
        done: (ptrace::READ, "read"),
        accepted: (ptrace::READ_BY, "readby"),
    },
];

/// One of the two profiles: what it decides, and its label.
#[derive(Copy, Clone, Debug)]
pub struct PeerProfile<'e> {
    /// What it decides.
    pub effective: &'e Effective,
    /// Its label.
    pub label: &'e str,
}

/// What one profile may do and its peer denies.
#[derive(Clone, Debug)]
pub struct PeerDenial {
    /// The signals that are denied; for a trace a 0.
    pub signals: Vec<u8>,
    /// Whether the rule is about all signals.
    pub is_any: bool,
}

/// All signals that processes send each other; not those of real time, nor the test whether a process
/// is there.
const SIGNALS: std::ops::RangeInclusive<u8> = 1..=31;

/// A label that no rule names.
const NOBODY: &str = "\u{1}";

/// What one profile may do to its peer, found out signal by signal as it is asked for.
#[derive(Clone, Debug)]
pub struct PeerCheck<'e> {
    operation: &'e PeerOperation,
    mine: PeerProfile<'e>,
    theirs: PeerProfile<'e>,
    /// Whether a signal may be sent and is denied, and whether it may be sent and is accepted.
    known: [Option<(bool, bool)>; 32],
}

impl<'e> PeerCheck<'e> {
    /// Nothing is known yet.
    #[must_use]
    pub const fn new(
        operation: &'e PeerOperation,
        mine: PeerProfile<'e>,
        theirs: PeerProfile<'e>,
    ) -> Self {
        Self {
            operation,
            mine,
            theirs,
            known: [None; 32],
        }
    }

    /// What `entry` allows and the peer denies. A rule about any signal is about one or the other, so
    /// nothing is denied if one of them is accepted.
    #[must_use]
    pub fn denial(&mut self, entry: &EntryRef<'_>) -> Option<PeerDenial> {
        let nfa = &entry.entry.nfa;
        let is_about =
            |signal: &u8| nfa.matches(&self.operation.request(*signal, self.theirs.label));
        let about: Vec<u8> = match self.operation.class {
            Class::Signal => SIGNALS.filter(is_about).collect(),
            _ => Some(0).filter(is_about).into_iter().collect(),
        };
        let is_any = about.len() == SIGNALS.count();
        let mut signals = Vec::new();
        for signal in about {
            let (is_denied, is_accepted) = self.of(signal);
            if is_any && is_accepted {
                return None;
            }
            if is_denied {
                signals.push(signal);
            }
        }
        (!signals.is_empty()).then_some(PeerDenial { signals, is_any })
    }

    fn of(&mut self, signal: u8) -> (bool, bool) {
        let known = self.known.get(usize::from(signal)).copied().flatten();
        known.unwrap_or_else(|| {
            let PeerOperation { class, done, .. } = self.operation;
            let request = self.operation.request(signal, self.theirs.label);
            let is_done = self.mine.effective.decide(*class, &request).allow & done.0 != 0;
            let is_denied = is_done && self.is_denied(signal);
            let found = (is_denied, is_done && !is_denied);
            if let Some(place) = self.known.get_mut(usize::from(signal)) {
                *place = Some(found);
            }
            found
        })
    }

    fn is_denied(&self, signal: u8) -> bool {
        let PeerOperation {
            class, accepted, ..
        } = self.operation;
        let theirs = self.theirs.effective;
        let plain = theirs.decide(*class, &self.operation.request(signal, self.mine.label));
        if (plain.allow | plain.deny) & accepted.0 != 0 {
            return plain.allow & accepted.0 == 0;
        }
        // Who runs stacked on the other profile has both names, and is meant by rules that name it so.
        let (mine, peer) = (self.mine.label, self.theirs.label);
        let stacks = |of: &str| [format!("{peer}//&{of}"), format!("{of}//&{peer}")];
        let mut meant = stacks(mine).into_iter().zip(stacks(NOBODY));
        !meant.any(|(stack, other)| {
            let [stack, other] = [stack, other].map(|label| self.operation.request(signal, &label));
            let matching = theirs.matching(*class, &stack);
            let mut naming = matching.iter().filter(|found| {
                found.entry.mask & accepted.0 != 0 && !found.entry.nfa.matches(&other)
            });
            naming.any(|found| found.entry.effect == Mode::Allow)
        })
    }
}

impl PeerOperation {
    /// What is asked about a peer with this label.
    #[must_use]
    pub fn request(&self, signal: u8, label: &str) -> Vec<u8> {
        let mut request = Vec::with_capacity(label.len() + 1);
        if self.class == Class::Signal {
            request.push(signal);
        }
        request.extend_from_slice(label.as_bytes());
        request
    }
}
