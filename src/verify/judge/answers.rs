//! What the kernel's answers say about what was promised.

use crate::access::bits;
use crate::verify::kernel::{Answer, Ask, Reply};
use crate::verify::plan::{Asked, Gap, Plan, Question, Subject, SubjectKind};
use crate::verify::probe::Probe;
use crate::verify::{PlannedId, QuestionId, SubjectId, Table};

/// How a promise ends.
#[derive(Copy, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum ProofStatus {
    /// The kernel decides as the policy says, and the promise is kept.
    Proved,
    /// A rule about requests that nothing puts to the kernel. It promises nothing that could be broken.
    NotAsked,
    /// The answers do not decide it.
    Inconclusive,
    /// The kernel does not mediate requests of this kind.
    NotEnforced,
    /// The promise is broken.
    Failed,
    /// The kernel decides otherwise than aalint says: one of the two is wrong about the policy.
    Disagreement,
}

impl ProofStatus {
    /// All of them, the best first.
    pub const ALL: [Self; 6] = [
        Self::Proved,
        Self::NotAsked,
        Self::Inconclusive,
        Self::NotEnforced,
        Self::Failed,
        Self::Disagreement,
    ];
}

/// Why a promise ends so.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Reason {
    /// It was not asked about, or not wholly.
    Gap(Gap),
    /// The kernel gave no answer.
    Unanswered,
    /// The profile does not mediate this kind of request: everything is allowed.
    Unmediated,
    /// The kernel allows what should be refused.
    Allowed,
    /// The kernel refuses what should be allowed.
    Refused,
    /// The profile's mode lets everything pass.
    Mode(String),
    /// aalint and kernel differ: the bits that are allowed, for aalint and for the kernel.
    Differ(u32, u32),
    /// A probe passed that should be refused.
    UnexpectedAllow(Box<Probe>),
    /// A probe was refused that should pass.
    UnexpectedDenial(Box<Probe>),
    /// A program was started under another label than it should be.
    WrongLabel(Box<Probe>),
    /// A probe showed nothing.
    Inconclusive(Box<Probe>),
    /// What a rule allows was refused for want of a capability, which is no matter of the rule: it is proved.
    WithoutCapability(Box<Probe>),
}

/// What the kernel, or the probes, decide about all requests of a subject.
#[derive(Copy, Clone, PartialEq, Eq, Debug)]
pub enum Side {
    /// All are allowed.
    Allowed,
    /// All are refused.
    Refused,
    /// Some are allowed, or some permissions of one.
    Partly,
    /// They are not mediated.
    Unmediated,
    /// Nothing was asked or answered.
    Unknown,
}

/// A subject judged.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Judged {
    /// How the promise ends.
    pub result: ProofStatus,
    /// Why it ends so; `None` where it is proved and there is nothing more to say.
    pub reason: Option<Reason>,
    /// The question whose answer decides that.
    pub question: Option<QuestionId>,
    /// What the kernel decides.
    pub kernel: Side,
    /// What probes showed.
    pub probe: Side,
}

/// Judges all subjects of a plan by the answers to its questions. `modes` are those that the kernel shows for
/// the profiles.
#[must_use]
pub fn judge(
    plan: &Plan,
    answers: &Table<QuestionId, Option<Answer>>,
    modes: &Table<PlannedId, String>,
) -> Table<SubjectId, Judged> {
    let judge = Judge {
        plan,
        answers,
        modes,
    };
    plan.subjects.map(|subject| judge.subject(subject))
}

pub(in crate::verify) struct Judge<'j> {
    pub(in crate::verify) plan: &'j Plan,
    pub(in crate::verify) answers: &'j Table<QuestionId, Option<Answer>>,
    pub(in crate::verify) modes: &'j Table<PlannedId, String>,
}

/// A question with its answer, for a subject.
pub(in crate::verify) struct AnsweredWitness<'j> {
    asked: Asked,
    question: &'j Question,
    answer: &'j Answer,
}

impl<'j> Judge<'j> {
    /// The mode that the kernel shows for a subject's profile.
    pub(in crate::verify) fn mode(&self, subject: &Subject) -> &'j str {
        self.modes
            .get(subject.profile)
            .map_or("enforce", String::as_str)
    }

    fn subject(&self, subject: &Subject) -> Judged {
        let mode = self.mode(subject);
        let shown: Vec<AnsweredWitness<'_>> = subject
            .witnesses
            .iter()
            .filter_map(|asked| self.shown(*asked))
            .collect();
        let kernel = side(&shown, mode);
        let judged = |result, reason, question| Judged {
            result,
            reason,
            question,
            kernel,
            probe: Side::Unknown,
        };
        if let Some((question, ours, theirs)) = self.difference(subject) {
            let reason = Some(Reason::Differ(ours, theirs));
            return judged(ProofStatus::Disagreement, reason, Some(question));
        }
        let is_promise = subject.is_deny || subject.kind != SubjectKind::Rule;
        let broken = shown
            .iter()
            .find(|shown| is_broken(subject.is_deny, shown, mode));
        if let Some(shown) = broken.filter(|_| is_promise) {
            let question = Some(shown.asked.question);
            if shown.answer.owner.is_unmediated() && mode != "unconfined" {
                return judged(ProofStatus::NotEnforced, Some(Reason::Unmediated), question);
            }
            let reason = match mode {
                "complain" | "unconfined" if subject.is_deny => Reason::Mode(mode.to_owned()),
                _ if subject.is_deny => Reason::Allowed,
                _ => Reason::Refused,
            };
            return judged(ProofStatus::Failed, Some(reason), question);
        }
        if let Some(gap) = &subject.gap {
            let is_set_apart = !is_promise && matches!(gap, Gap::Class(_));
            let result = match is_set_apart {
                true => ProofStatus::NotAsked,
                false => ProofStatus::Inconclusive,
            };
            return judged(result, Some(Reason::Gap(gap.clone())), None);
        }
        if shown.len() < subject.witnesses.len() || shown.is_empty() {
            return judged(ProofStatus::Inconclusive, Some(Reason::Unanswered), None);
        }
        judged(ProofStatus::Proved, None, None)
    }

    pub(in crate::verify) fn shown(&self, asked: Asked) -> Option<AnsweredWitness<'j>> {
        let question = self.plan.questions.get(asked.question)?;
        question.ask.as_ref()?;
        let answer = self.answers.get(asked.question)?.as_ref()?;
        Some(AnsweredWitness {
            asked,
            question,
            answer,
        })
    }

    /// The first question of a subject about which both sides differ, and what each allows.
    fn difference(&self, subject: &Subject) -> Option<(QuestionId, u32, u32)> {
        let witnesses = subject.witnesses.iter().map(|asked| asked.question);
        let all = witnesses.chain(subject.neighbours.iter().copied());
        all.into_iter().find_map(|id| {
            let question = self.plan.questions.get(id)?;
            let answer = self.answers.get(id)?.as_ref()?;
            let (ours, theirs) = question.difference(answer)?;
            Some((id, ours, theirs))
        })
    }
}

impl Question {
    /// What aalint and what the kernel allows, if that differs.
    #[must_use]
    pub fn difference(&self, answer: &Answer) -> Option<(u32, u32)> {
        if answer.owner.is_unmediated() {
            return None;
        }
        let ours = self.allow & self.known();
        let theirs = self.of_kernel(answer, Reply::granted);
        (ours != theirs).then_some((ours, theirs))
    }

    /// What the kernel allows, in our bits.
    #[must_use]
    pub fn granted(&self, answer: &Answer) -> u32 {
        if answer.owner.is_unmediated() {
            return self.known();
        }
        self.of_kernel(answer, Reply::granted)
    }

    /// Bits of the kernel's answer as ours, those for others shifted.
    fn of_kernel(&self, answer: &Answer, bits_of: impl Fn(&Reply) -> u32) -> u32 {
        match &self.ask {
            Some(Ask::Query(wire)) => {
                let owner = wire.ours(bits_of(&answer.owner));
                let other = answer.other.map_or(0, |other| wire.ours(bits_of(&other)));
                owner | other << bits::OTHER
            }
            // A capability is there or not.
            Some(Ask::Capability(_)) => bits_of(&answer.owner) & 1,
            None => 0,
        }
    }
}

impl AnsweredWitness<'_> {
    /// What passes under a mode, in our bits.
    pub(in crate::verify) fn passing(&self, mode: &str) -> u32 {
        match mode {
            "unconfined" => u32::MAX,
            // Only what is denied without record is refused even so.
            "complain" => !self.question.of_kernel(self.answer, |reply| reply.quiet),
            _ if self.answer.owner.is_unmediated() => u32::MAX,
            _ => self.question.of_kernel(self.answer, Reply::granted),
        }
    }
}

fn is_broken(is_deny: bool, shown: &AnsweredWitness<'_>, mode: &str) -> bool {
    let known = shown.question.known();
    let passing = shown.passing(mode);
    if is_deny {
        shown.asked.alone & known & passing != 0
    } else {
        shown.asked.mask & known & !passing != 0
    }
}

fn side(shown: &[AnsweredWitness<'_>], mode: &str) -> Side {
    if shown.is_empty() {
        return Side::Unknown;
    }
    if shown.iter().all(|shown| shown.answer.owner.is_unmediated()) && mode != "unconfined" {
        return Side::Unmediated;
    }
    if !shown.iter().any(|shown| is_broken(false, shown, mode)) {
        Side::Allowed
    } else if !shown.iter().any(|shown| is_broken(true, shown, mode)) {
        Side::Refused
    } else {
        Side::Partly
    }
}
