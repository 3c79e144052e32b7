//! What is judged of a container.

use crate::verify::ProofStatus;

/// What is judged.
#[derive(Copy, Clone, PartialEq, Eq, Debug)]
pub enum ContainerCheck {
    /// The unconfined twin works: without it nothing could be told of the other.
    Twin,
    /// Each task has the profile's label after the start.
    LabelStarted,
    /// The application answers as it is expected to.
    Ready,
    /// The answer is the twin's.
    Body,
    /// What the engine executes in the container has the profile's label.
    LabelExecuted,
    /// It ends when it is asked to, as the twin does.
    Stop,
    /// It answers again after a second start.
    Restart,
    /// Each task has the profile's label after the second start.
    LabelRestarted,
    /// Nothing was refused except by `deny` rules.
    Records,
}

impl ContainerCheck {
    /// In the order in which they are judged.
    pub const ALL: [Self; 9] = [
        Self::Twin,
        Self::LabelStarted,
        Self::Ready,
        Self::Body,
        Self::LabelExecuted,
        Self::Stop,
        Self::Restart,
        Self::LabelRestarted,
        Self::Records,
    ];

    /// A stable name.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Twin => "control",
            Self::LabelStarted => "label-started",
            Self::Ready => "ready",
            Self::Body => "body",
            Self::LabelExecuted => "label-executed",
            Self::Stop => "stop",
            Self::Restart => "restart",
            Self::LabelRestarted => "label-restarted",
            Self::Records => "records",
        }
    }

    /// What is claimed.
    #[must_use]
    pub const fn claim(self) -> &'static str {
        match self {
            Self::Twin => "the unconfined control works",
            Self::LabelStarted => "every task is confined",
            Self::Ready => "the application answers",
            Self::Body => "the answer is the control's",
            Self::LabelExecuted => "`exec` is confined",
            Self::Stop => "it stops when asked to",
            Self::Restart => "it answers after a restart",
            Self::LabelRestarted => "every task is confined after it",
            Self::Records => "nothing unforeseen is refused",
        }
    }
}

/// A judged line.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Line {
    /// What is judged.
    pub check: ContainerCheck,
    /// How the promise ends.
    pub result: ProofStatus,
    /// What was seen, in a sentence.
    pub evidence: String,
}
