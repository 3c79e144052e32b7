//! Which probes show what a plan asks.

mod file;

use super::message::{Destination, ProbeSpec};
use super::operation::{ProbeOperation, SocketCall};
use super::socket::calls;
use crate::access::Class;
use crate::access::perms::{change_profile, io_uring, ptrace, signal, socket};
use crate::verify::plan::{UNCONFINED, can_be_a_path, mount_call};
use crate::verify::{Plan, Question, QuestionId, Table};

/// Why a permission is not probed.
#[derive(Copy, Clone, PartialEq, Eq, Debug)]
pub enum Unprobed {
    /// No file can have that name.
    Name,
    /// It is a directory, for which the permission means nothing.
    Directory,
    /// It is of no use without this other permission, which the profile refuses.
    Without(u32),
    /// A link is shown by its path together with that of its target.
    LinkAlone,
    /// No socket of that family and type is there to be made.
    Socket,
    /// It takes another process with that label, and none can be had.
    Peer,
    /// No probe makes such requests.
    Class(Class),
}

/// The probes of a plan.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct ProbePlan {
    /// All probes.
    pub specs: Vec<ProbeSpec>,
    /// For each question the permissions that are not probed.
    pub unprobed: Table<QuestionId, Vec<(u32, Unprobed)>>,
}

/// The label of another process.
enum Peer {
    /// It is not confined.
    Nobody,
    /// The profile's own.
    Own(String),
}

/// The test whether a process is there, as compiled policy numbers signals.
const EXISTS: u8 = 35;
/// The last signal that is no real-time signal.
const LAST_SIGNAL: u8 = 31;

/// The permission that a call on a socket takes.
const fn bit_of(call: SocketCall) -> u32 {
    match call {
        SocketCall::Create => socket::CREATE,
        SocketCall::Bind => socket::BIND,
        SocketCall::Connect => socket::CONNECT,
        SocketCall::Listen => socket::LISTEN,
        SocketCall::GetAttributes => socket::GET_ATTRIBUTES,
        SocketCall::GetOption => socket::GET_OPTION,
    }
}

impl ProbePlan {
    /// Without what takes a socket of a family that is not there.
    #[must_use]
    pub fn with_families(mut self, is_there: impl Fn(u8) -> bool) -> Self {
        let unprobed = &mut self.unprobed;
        self.specs.retain(|one| {
            let ProbeOperation::Socket { family, .. } = one.operation else {
                return true;
            };
            let is_there = is_there(family);
            if let Some(unprobed) = unprobed.get_mut(one.question).filter(|_| !is_there) {
                unprobed.push((one.bit, Unprobed::Socket));
            }
            is_there
        });
        self
    }

    /// Those for a plan.
    #[must_use]
    pub fn of(plan: &Plan) -> Self {
        let mut wanted: Table<QuestionId, u32> = plan.questions.map(|_| 0);
        for subject in &plan.subjects {
            for asked in &subject.witnesses {
                let mask = if subject.is_deny {
                    asked.alone
                } else {
                    asked.mask
                };
                if let Some(place) = wanted.get_mut(asked.question) {
                    *place |= mask;
                }
            }
        }
        let mut probes = Self {
            specs: Vec::new(),
            unprobed: plan.questions.map(|_| Vec::new()),
        };
        for ((id, question), wanted) in plan.questions.numbered().zip(wanted) {
            let wanted = wanted & question.known();
            if wanted != 0 {
                ProbePlanner {
                    plan,
                    probes: &mut probes,
                    id,
                    question,
                }
                .attempt(wanted);
            }
        }
        probes
    }
}

struct ProbePlanner<'a> {
    plan: &'a Plan,
    probes: &'a mut ProbePlan,
    id: QuestionId,
    question: &'a Question,
}

impl ProbePlanner<'_> {
    fn attempt(&mut self, wanted: u32) {
        let text = &self.question.text;
        match self.question.class {
            Class::File => {
                let paths: Vec<&[u8]> = text.split(|byte| *byte == 0).collect();
                match *paths.as_slice() {
                    _ if !paths.iter().all(|path| can_be_a_path(path)) => {
                        self.skip(wanted, Unprobed::Name);
                    }
                    [path] => self.file(path, wanted),
                    [link, target] => self.link(link, target, wanted),
                    _ => self.skip(wanted, Unprobed::Name),
                }
            }
            Class::Capability => match text.first() {
                Some(number) => self.add(wanted, ProbeOperation::Capability(*number), None),
                None => self.skip(wanted, Unprobed::Class(Class::Capability)),
            },
            Class::Network => self.socket(wanted),
            Class::Mount => match mount_call(text) {
                Some(call) => self.add(wanted, ProbeOperation::Mount(call), None),
                None => self.skip(wanted, Unprobed::Class(Class::Mount)),
            },
            Class::Signal => self.signal(wanted),
            Class::Ptrace => self.ptrace(wanted),
            Class::ChangeProfile => self.change_profile(wanted),
            Class::Userns => self.add(wanted, ProbeOperation::UserNamespace, None),
            Class::IoUring if text.is_empty() && wanted & io_uring::SQPOLL != 0 => {
                self.add(io_uring::SQPOLL, ProbeOperation::IoUring, None);
            }
            class => self.skip(wanted, Unprobed::Class(class)),
        }
    }

    fn socket(&mut self, wanted: u32) {
        let (Some(family), Some(kind)) = (self.question.text.first(), self.question.text.get(1))
        else {
            return self.skip(wanted, Unprobed::Socket);
        };
        let (family, kind) = (*family, *kind);
        let mut left = wanted;
        for call in calls(family, kind) {
            let bit = bit_of(*call);
            if wanted & bit != 0 {
                left &= !bit;
                let operation = ProbeOperation::Socket {
                    family,
                    kind,
                    call: *call,
                };
                self.add(bit, operation, None);
            }
        }
        if left != 0 {
            self.skip(left, Unprobed::Socket);
        }
    }

    fn signal(&mut self, wanted: u32) {
        let Some((number, peer)) = self.question.text.split_first() else {
            return self.skip(wanted, Unprobed::Class(Class::Signal));
        };
        let number = match *number {
            // As compiled policy numbers the question whether a process is there.
            EXISTS => 0,
            number @ 1..=LAST_SIGNAL => number,
            _ => return self.skip(wanted, Unprobed::Class(Class::Signal)),
        };
        let operation = |peer: &str, is_sender| ProbeOperation::Signal {
            peer: peer.to_owned(),
            number,
            is_sender,
        };
        match self.peer(peer) {
            Some(Peer::Nobody) => {
                for (bit, is_sender) in [(signal::SEND, true), (signal::RECEIVE, false)] {
                    if wanted & bit != 0 {
                        self.add(bit, operation(UNCONFINED, is_sender), None);
                    }
                }
            }
            Some(Peer::Own(name)) => {
                self.mutual(
                    wanted,
                    signal::SEND,
                    signal::RECEIVE,
                    &operation(&name, true),
                );
            }
            None => self.skip(wanted, Unprobed::Peer),
        }
    }

    /// Who is not confined may look at every task, whatever its profile says.
    fn ptrace(&mut self, wanted: u32) {
        let operation = |peer: &str, is_trace| ProbeOperation::Ptrace {
            peer: peer.to_owned(),
            is_trace,
        };
        match self.peer(&self.question.text) {
            Some(Peer::Nobody) => {
                for (bit, is_trace) in [(ptrace::TRACE, true), (ptrace::READ, false)] {
                    if wanted & bit != 0 {
                        self.add(bit, operation(UNCONFINED, is_trace), None);
                    }
                }
                let rest = wanted & !(ptrace::TRACE | ptrace::READ);
                if rest != 0 {
                    self.skip(rest, Unprobed::Peer);
                }
            }
            Some(Peer::Own(name)) => {
                let (trace, read) = (operation(&name, true), operation(&name, false));
                self.mutual(wanted, ptrace::TRACE, ptrace::TRACED_BY, &trace);
                self.mutual(wanted, ptrace::READ, ptrace::READ_BY, &read);
            }
            None => self.skip(wanted, Unprobed::Peer),
        }
    }

    /// Between tasks of one profile a call takes both permissions.
    fn mutual(&mut self, wanted: u32, first: u32, second: u32, operation: &ProbeOperation) {
        for (bit, other) in [(first, second), (second, first)] {
            if wanted & bit == 0 {
                continue;
            }
            if self.question.allow & bit != 0 && self.question.allow & other == 0 {
                self.skip(bit, Unprobed::Without(other));
            } else {
                self.add(bit, operation.clone(), None);
            }
        }
    }

    fn change_profile(&mut self, wanted: u32) {
        let now = wanted & change_profile::NOW;
        let to = std::str::from_utf8(&self.question.text).unwrap_or_default();
        let is_loaded = self.plan.profiles.iter().any(|one| one.name == to);
        if now != 0 && (to == UNCONFINED || is_loaded) {
            let operation = ProbeOperation::ChangeProfile(to.to_owned());
            self.add(now, operation, None);
        } else if now != 0 {
            self.skip(now, Unprobed::Peer);
        }
        if wanted != now {
            self.skip(wanted & !now, Unprobed::Class(Class::ChangeProfile));
        }
    }

    fn peer(&self, label: &[u8]) -> Option<Peer> {
        let own = self.plan.profiles.get(self.question.profile)?;
        if label == UNCONFINED.as_bytes() {
            Some(Peer::Nobody)
        } else if label == own.name.as_bytes() {
            Some(Peer::Own(own.name.clone()))
        } else {
            None
        }
    }

    fn skip(&mut self, bits: u32, why: Unprobed) {
        if let Some(unprobed) = self.probes.unprobed.get_mut(self.id) {
            unprobed.push((bits, why));
        }
    }

    fn add(&mut self, bit: u32, operation: ProbeOperation, leads_to: Option<Destination>) {
        self.probes.specs.push(ProbeSpec {
            question: self.id,
            profile: self.question.profile,
            bit,
            operation,
            leads_to,
        });
    }
}
