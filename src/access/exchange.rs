//! What needs two profiles: one that does something to the other, and one that accepts it.

use super::perms::{ptrace, signal};
use super::{Class, Effective, EntryRef, Verdict};
use crate::lang::mediation::Mediated;

/// Something that one profile does to another one.
#[derive(Clone, Debug)]
pub struct Exchange {
    /// The class of the rules on both sides.
    pub class: Class,
    /// The same for the question whether it is enforced.
    pub kind: Mediated,
    /// The bit that who does it needs, and the word for it.
    pub done: (u32, &'static str),
    /// The bit that who accepts it needs, and the word for it.
    pub accepted: (u32, &'static str),
}

/// Those of which profiles name the other one.
pub const EXCHANGES: [Exchange; 3] = [
    Exchange {
        class: Class::Signal,
        kind: Mediated::Signal,
        done: (signal::SEND, "send"),
        accepted: (signal::RECEIVE, "receive"),
    },
    Exchange {
        class: Class::Ptrace,
        kind: Mediated::Ptrace,
        done: (ptrace::TRACE, "trace"),
        accepted: (ptrace::TRACED_BY, "tracedby"),
    },
    Exchange {
        class: Class::Ptrace,
        kind: Mediated::Ptrace,
        done: (ptrace::READ, "read"),
        accepted: (ptrace::READ_BY, "readby"),
    },
];

/// One side: what a profile decides, and its label.
#[derive(Copy, Clone, Debug)]
pub struct Side<'e> {
    /// What it decides.
    pub effective: &'e Effective,
    /// Its label.
    pub label: &'e str,
}

/// What one side may do and the other refuses.
#[derive(Clone, Debug)]
pub struct Refusal {
    /// The signals that are refused; for a trace nothing.
    pub signals: Vec<u8>,
    /// Whether the rule is about all signals.
    pub is_any: bool,
    /// A request that is refused, as the other side is asked.
    pub request: Vec<u8>,
}

/// All signals that processes send each other; not those of real time, nor the test whether a process
/// is there.
const SIGNALS: std::ops::RangeInclusive<u8> = 1..=31;

impl Exchange {
    /// What of that which `entry` grants `mine` the other side refuses. A rule about any signal is
    /// about the one or the other, so nothing is refused if one of them is accepted.
    #[must_use]
    pub fn refusal(
        &self,
        mine: Side<'_>,
        entry: &EntryRef<'_>,
        theirs: Side<'_>,
    ) -> Option<Refusal> {
        let is_about = |signal: &u8| {
            entry
                .entry
                .program
                .matches(&self.request(*signal, theirs.label))
        };
        let is_done = |signal: &u8| {
            let verdict = self.verdict(theirs.label, *signal, mine.effective);
            is_about(signal) && verdict.allow & self.done.0 != 0
        };
        let is_refused = |signal: &u8| self.is_refused(*signal, mine, theirs);
        if self.class != Class::Signal {
            return (is_done(&0) && is_refused(&0)).then(|| Refusal {
                signals: Vec::new(),
                is_any: false,
                request: self.request(0, mine.label),
            });
        }
        let is_any = SIGNALS.clone().all(|signal| is_about(&signal));
        let sent: Vec<u8> = SIGNALS.filter(is_done).collect();
        if is_any && !sent.iter().all(is_refused) {
            return None;
        }
        let signals: Vec<u8> = sent.into_iter().filter(is_refused).collect();
        let request = self.request(*signals.first()?, mine.label);
        Some(Refusal {
            signals,
            is_any,
            request,
        })
    }

    fn is_refused(&self, signal: u8, mine: Side<'_>, theirs: Side<'_>) -> bool {
        let is_accepted = |verdict: &Verdict| verdict.allow & self.accepted.0 != 0;
        let plain = self.verdict(mine.label, signal, theirs.effective);
        if is_accepted(&plain) || plain.deny & self.accepted.0 != 0 {
            return !is_accepted(&plain);
        }
        // Who runs stacked on the other profile has both names.
        let labels = [(theirs.label, mine.label), (mine.label, theirs.label)];
        let mut stacks = labels.iter().map(|(below, above)| {
            self.verdict(&format!("{below}//&{above}"), signal, theirs.effective)
        });
        !stacks.any(|verdict| is_accepted(&verdict))
    }

    fn verdict(&self, label: &str, signal: u8, asked: &Effective) -> Verdict {
        asked.decide(self.class, &self.request(signal, label))
    }

    /// What is asked about a peer with this label.
    fn request(&self, signal: u8, label: &str) -> Vec<u8> {
        let mut request = Vec::with_capacity(label.len() + 1);
        if self.class == Class::Signal {
            request.push(signal);
        }
        request.extend_from_slice(label.as_bytes());
        request
    }
}
