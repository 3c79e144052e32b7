//! What the probes add to the verdicts on the kernel's answers.

use super::answers::Judge;
use crate::verify::plan::{Asked, Plan, Subject, SubjectKind};
use crate::verify::probe::Probed;
use crate::verify::{
    Answer, Judged, PlannedId, ProofStatus, QuestionId, Reason, Side, SubjectId, Table,
};

/// Puts what the probes showed into the verdicts on a plan's subjects. `answers` and `modes` are those
/// that the verdicts are of.
///
/// A verdict that was none, or a good one, becomes a failure where the calls are decided otherwise than
/// by the query interface, and inconclusive where a probe should show something and its control fails.
pub fn refine(
    plan: &Plan,
    answers: &Table<QuestionId, Option<Answer>>,
    modes: &Table<PlannedId, String>,
    probed: &Table<QuestionId, Option<Probed>>,
    judged: &mut Table<SubjectId, Judged>,
) {
    let judge = Judge {
        plan,
        answers,
        modes,
    };
    for (subject, judged) in plan.subjects.iter().zip(judged) {
        let seen = look(&judge, subject, probed);
        judged.probe = seen.side();
        if judged.result > ProofStatus::Inconclusive {
            continue;
        }
        let found = seen.mismatch.map(|found| (ProofStatus::Failed, found));
        let blind = seen.blind.map(|found| (ProofStatus::Inconclusive, found));
        let worse = found.or_else(|| blind.filter(|_| judged.result == ProofStatus::Proved));
        if let Some((result, (question, reason))) = worse {
            judged.result = result;
            judged.reason = Some(reason);
            judged.question = Some(question);
        } else if let Some((question, reason)) = seen.without_capability
            && judged.result == ProofStatus::Proved
        {
            judged.reason = Some(reason);
            judged.question = Some(question);
        }
    }
}

/// What the probes of a subject showed.
#[derive(Default)]
struct Seen {
    passed: usize,
    refused: usize,
    /// The first that was decided otherwise than it should be.
    mismatch: Option<(QuestionId, Reason)>,
    /// The first that a rule allows and that was refused for want of a capability.
    without_capability: Option<(QuestionId, Reason)>,
    /// The first permission of which no probe showed anything, though one was made.
    blind: Option<(QuestionId, Reason)>,
}

impl Seen {
    const fn side(&self) -> Side {
        match (self.passed, self.refused) {
            (0, 0) => Side::Unknown,
            (_, 0) => Side::Allowed,
            (0, _) => Side::Refused,
            _ => Side::Partly,
        }
    }
}

fn look(judge: &Judge<'_>, subject: &Subject, probed: &Table<QuestionId, Option<Probed>>) -> Seen {
    let mut seen = Seen::default();
    let mode = judge.mode(subject);
    for asked in &subject.witnesses {
        let Some(Some(probed)) = probed.get(asked.question) else {
            continue;
        };
        let mask = if subject.is_deny {
            asked.alone
        } else {
            asked.mask
        };
        let expected = expected(judge, subject, *asked);
        let probes = probed.probes.iter().filter(|probe| probe.bit & mask != 0);
        let (mut shown, mut unshown) = (0, Vec::new());
        for probe in probes {
            let Some(has_passed) = probe.has_passed() else {
                unshown.push(probe);
                continue;
            };
            shown |= probe.bit;
            // A rule promises nothing of capabilities; a promise is about what happens.
            if subject.kind == SubjectKind::Rule && probe.lacks_capability() {
                let reason = Reason::WithoutCapability(Box::new(probe.clone()));
                seen.without_capability
                    .get_or_insert((asked.question, reason));
                continue;
            }
            if has_passed {
                seen.passed += 1;
            } else {
                seen.refused += 1;
            }
            let should_pass = expected & probe.bit != 0;
            let reason = match (has_passed, should_pass) {
                (true, false) => Some(Reason::UnexpectedAllow(Box::new(probe.clone()))),
                (false, true) => Some(Reason::UnexpectedDenial(Box::new(probe.clone()))),
                (true, true) if probe.is_elsewhere(mode) => {
                    Some(Reason::WrongLabel(Box::new(probe.clone())))
                }
                _ => None,
            };
            if let Some(reason) = reason {
                seen.mismatch.get_or_insert((asked.question, reason));
            }
        }
        if let Some(probe) = unshown.into_iter().find(|probe| probe.bit & shown == 0) {
            let reason = Reason::Inconclusive(Box::new(probe.clone()));
            seen.blind.get_or_insert((asked.question, reason));
        }
    }
    seen
}

/// What should pass: what the kernel says, or else what aalint says.
fn expected(judge: &Judge<'_>, subject: &Subject, asked: Asked) -> u32 {
    match judge.shown(asked) {
        Some(shown) => shown.passing(judge.mode(subject)),
        None => judge
            .plan
            .questions
            .get(asked.question)
            .map_or(0, |question| question.allow),
    }
}
