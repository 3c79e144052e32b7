//! What came of a run.

use super::query_kernel::HiddenCapabilities;
use crate::verify::container::Trial;
use crate::verify::kernel::Answer;
use crate::verify::probe::Probed;
use crate::verify::{
    Environment, Judged, Leftover, PlannedId, ProofStatus, QuestionId, Refusal, SubjectId, Table,
    Tiers,
};

/// What came of a run.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Verification {
    /// What was verified.
    pub tiers: Tiers,
    /// The machine.
    pub environment: Environment,
    /// What shows that the kernel decided by the policy in question.
    pub proof: Proof,
    /// The parser's warnings.
    pub warnings: Vec<String>,
    /// The answers; none without tier A.
    pub answers: Table<QuestionId, Option<Answer>>,
    /// What probes showed; none without tier B.
    pub probed: Table<QuestionId, Option<Probed>>,
    /// Where capabilities were not looked at.
    pub blind: Vec<HiddenCapabilities>,
    /// The verdicts; none without tier A.
    pub judged: Table<SubjectId, Judged>,
    /// How many questions a parser before 5.0 decides otherwise than later ones, if this is one.
    pub before_5: usize,
    /// What came of the container.
    pub container: Option<Trial>,
    /// What could not be undone.
    pub leftover: Option<Leftover>,
    /// Whether an earlier run had left something, which was cleaned up.
    pub has_recovered: bool,
}

impl Verification {
    /// How many probes showed something.
    #[must_use]
    pub fn probes(&self) -> usize {
        let probes = self.probed.iter().flatten().flat_map(|one| &one.probes);
        probes.filter(|probe| probe.has_passed().is_some()).count()
    }
}

/// What shows that the kernel decided by the policy in question.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Proof {
    /// The hash of what the parser compiled.
    pub sha256: String,
    /// The hash of what the kernel says it loaded, where it shows that.
    pub kernel_sha256: Option<String>,
    /// Whether the kernel's bytes are those that were compiled; `None` where it does not show them.
    pub is_same: Option<bool>,
    /// The mode that the kernel shows for each profile.
    pub modes: Table<PlannedId, String>,
    /// Whether the policy was loaded already.
    pub was_loaded: bool,
    /// Whether other policy was in its place meanwhile, and was put back.
    pub has_replaced: bool,
    /// What changed in the kernel's policy while it was asked.
    pub change: Option<String>,
}

impl Verification {
    /// All results, of promises and of the container.
    pub fn results(&self) -> impl Iterator<Item = ProofStatus> + '_ {
        let judged = self.judged.iter().map(|judged| judged.result);
        let trials = self.container.iter();
        judged.chain(trials.flat_map(|trial| trial.lines.iter().map(|line| line.result)))
    }
}

/// Why a run stopped, and what it left.
#[derive(Debug)]
pub struct Stopped {
    /// Why.
    pub refusal: Refusal,
    /// What could not be undone.
    pub leftover: Option<Leftover>,
}

impl From<Refusal> for Stopped {
    fn from(refusal: Refusal) -> Self {
        Self {
            refusal,
            leftover: None,
        }
    }
}
