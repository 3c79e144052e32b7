//! The messages between aalint and its worker: JSON, one message a line.

use serde::{Deserialize, Serialize};

use super::operation::ProbeOperation;
use crate::verify::{LoadedProfile, PlannedId, QuestionId, Table};

/// The hidden argument that makes this program a worker.
pub const ARGUMENT: &str = "__probe";

/// A probe.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct ProbeSpec {
    /// The question that it is for.
    pub question: QuestionId,
    /// The profile.
    pub profile: PlannedId,
    /// The permission that it shows, as a bit of the question's class.
    pub bit: u32,
    /// What is tried.
    pub operation: ProbeOperation,
    /// Where an exec should lead to.
    pub leads_to: Option<Destination>,
}

/// Where an exec leads to.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub enum Destination {
    /// This profile.
    Profile(String),
    /// A profile whose name begins so, or one that is attached to the path.
    Some(String),
    /// No confinement.
    Unconfined,
}

/// How a probe ended for one side.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub enum ProbeOutcome {
    /// The kernel let it pass.
    Passed,
    /// A call failed with this error number.
    Failed(i32),
    /// The task was killed.
    Killed,
    /// It was not done in time.
    TimedOut,
    /// It was not made under the label that it should be made under, and why.
    Astray(String),
    /// The decoy could not be placed, with this error number.
    Unplaced(i32),
}

/// One side of a probe.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct ProbeResult {
    /// The last system call that was made.
    pub call: String,
    /// How it ended.
    pub outcome: ProbeOutcome,
    /// The label that the task read as its own.
    pub label: Option<String>,
    /// The label of the program that was started.
    pub started: Option<String>,
}

impl ProbeResult {
    /// One that came to nothing.
    pub(super) fn without_call(outcome: ProbeOutcome) -> Self {
        Self {
            call: String::new(),
            outcome,
            label: None,
            started: None,
        }
    }

    /// Whether the kernel let it pass.
    #[must_use]
    pub fn has_passed(&self) -> bool {
        self.outcome == ProbeOutcome::Passed
    }
}

/// What a process is to do that this program starts.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub(super) struct Order {
    /// Who starts it.
    pub(super) parent: u32,
    /// The process file system.
    pub(super) proc: String,
    /// The work itself.
    pub(super) task: WorkerTask,
}

/// The work of a process that this program starts.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub(super) enum WorkerTask {
    /// To make probes.
    Probe(Job),
    /// To be there, under this profile.
    Stand(Option<LoadedProfile>),
    /// To make a user namespace under this profile.
    UserNamespace(Option<LoadedProfile>),
}

/// What the worker is to do.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub(super) struct Job {
    /// Whose namespaces to join.
    pub(super) join: Option<u32>,
    /// The profiles.
    pub(super) profiles: Table<PlannedId, LoadedProfile>,
    /// The probes.
    pub(super) specs: Vec<ProbeSpec>,
    /// The number of the first of them: an earlier worker was ended by one.
    pub(super) first: usize,
}

impl Job {
    /// Whether the profile of a probe kills who does what it refuses.
    pub(super) fn kills(&self, number: usize) -> bool {
        let profile = self.specs.get(number).map(|one| one.profile);
        let profile = profile.and_then(|profile| self.profiles.get(profile));
        profile.is_some_and(|profile| profile.mode == "kill")
    }
}

/// What the worker tells.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub(super) enum Event {
    /// It begins.
    Ready,
    /// The control of a probe was made, and passed; now it is made under the profile.
    Confined(usize, ProbeResult),
    /// A probe is done; what is not there was not made.
    Done(usize, ProbeResult, Option<ProbeResult>),
    /// The peer runs, under this label.
    Stands(String),
    /// It cannot work.
    Failed(String),
}

#[cfg(test)]
mod tests {
    use super::super::operation::FileCall;
    use super::*;
    use crate::verify::Id;

    #[test]
    fn messages_come_back_as_they_were() {
        let job = Job {
            join: Some(12),
            profiles: vec![LoadedProfile {
                name: "a (b)".to_owned(),
                mode: "enforce".to_owned(),
            }]
            .into(),
            specs: vec![ProbeSpec {
                question: QuestionId::from_number(3),
                profile: PlannedId::from_number(0),
                bit: 1 << 7,
                operation: ProbeOperation::File {
                    path: b"/a\xff\n".to_vec(),
                    is_own: false,
                    call: FileCall::Lock { is_reading: true },
                },
                leads_to: Some(Destination::Unconfined),
            }],
            first: 1,
        };
        let order = Order {
            parent: 7,
            proc: "/proc".to_owned(),
            task: WorkerTask::Probe(job),
        };
        let text = serde_json::to_string(&order).unwrap();
        assert!(!text.contains('\n'));
        assert_eq!(serde_json::from_str::<Order>(&text).unwrap(), order);
        for event in [
            Event::Ready,
            Event::Confined(2, ProbeResult::without_call(ProbeOutcome::Passed)),
            Event::Done(2, ProbeResult::without_call(ProbeOutcome::Failed(13)), None),
            Event::Failed("a\nb".to_owned()),
        ] {
            let text = serde_json::to_string(&event).unwrap();
            assert!(!text.contains('\n'));
            assert_eq!(serde_json::from_str::<Event>(&text).unwrap(), event);
        }
    }
}
