//! What probes say about what was promised, besides what the kernel said.

use super::message::{Destination, ProbeOutcome, ProbeResult};
use super::{Probe, Probed};
use crate::verify::judge::Judge;
use crate::verify::plan::{Asked, Plan, Subject};
use crate::verify::{Answer, Judged, ProofStatus, Reason, Side};

/// Puts what the probes showed into the verdicts on a plan's subjects. `answers` and `modes` are those
/// that the verdicts are of.
///
/// A verdict that was none, or a good one, becomes a failure where the calls are decided otherwise than
/// by the query interface, and inconclusive where a probe should show something and its control fails.
pub fn refine(
    plan: &Plan,
    answers: &[Option<Answer>],
    modes: &[String],
    probed: &[Option<Probed>],
    judged: &mut [Judged],
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
        }
    }
}

/// What the probes of a subject showed.
#[derive(Default)]
struct Seen {
    passed: usize,
    refused: usize,
    /// The first that was decided otherwise than it should be.
    mismatch: Option<(usize, Reason)>,
    /// The first permission of which no probe showed anything, though one was made.
    blind: Option<(usize, Reason)>,
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

fn look(judge: &Judge<'_>, subject: &Subject, probed: &[Option<Probed>]) -> Seen {
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

impl Probe {
    /// Whether the kernel let the confined task do it; `None` if the probe shows nothing.
    #[must_use]
    pub fn has_passed(&self) -> Option<bool> {
        if !self.control.has_passed() {
            return None;
        }
        match self.confined.as_ref()?.outcome {
            ProbeOutcome::Passed => Some(true),
            ProbeOutcome::Failed(_) | ProbeOutcome::Killed => Some(false),
            ProbeOutcome::TimedOut | ProbeOutcome::Astray(_) | ProbeOutcome::Unplaced(_) => None,
        }
    }

    /// The side that kept the probe from showing anything: what was made last.
    #[must_use]
    pub fn last(&self) -> &ProbeResult {
        self.confined.as_ref().unwrap_or(&self.control)
    }

    /// Whether a program was started under another profile than it should be; under one that does not
    /// enforce, names are made up.
    fn is_elsewhere(&self, mode: &str) -> bool {
        let started = self.confined.as_ref().and_then(|one| one.started.as_ref());
        let (Some(started), Some(leads_to)) = (started, &self.leads_to) else {
            return false;
        };
        matches!(mode, "enforce" | "kill") && !leads_to.is_label(started)
    }
}

impl Destination {
    /// Whether that is the label, as the kernel writes it, of what an exec led to.
    #[must_use]
    pub fn is_label(&self, label: &str) -> bool {
        let name = label.rsplit_once(" (").map_or(label, |(name, _)| name);
        match self {
            Self::Profile(wanted) => name == wanted,
            Self::Some(start) => name != "unconfined" && name.starts_with(start.as_str()),
            Self::Unconfined => label == "unconfined",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::operation::{FileCall, ProbeOperation};
    use super::*;

    fn probe(control: ProbeOutcome, confined: Option<ProbeOutcome>) -> Probe {
        let trial = |outcome| ProbeResult {
            call: "openat".to_owned(),
            ..ProbeResult::without_call(outcome)
        };
        Probe {
            bit: 1,
            operation: ProbeOperation::File {
                path: b"/a".to_vec(),
                is_own: true,
                call: FileCall::Read,
            },
            leads_to: None,
            control: trial(control),
            confined: confined.map(trial),
        }
    }

    #[test]
    fn a_probe_says_something_only_where_its_control_passes() {
        let said = |control, confined| probe(control, confined).has_passed();
        assert_eq!(
            said(ProbeOutcome::Passed, Some(ProbeOutcome::Passed)),
            Some(true)
        );
        assert_eq!(
            said(ProbeOutcome::Passed, Some(ProbeOutcome::Failed(13))),
            Some(false)
        );
        assert_eq!(
            said(ProbeOutcome::Passed, Some(ProbeOutcome::Killed)),
            Some(false)
        );
        assert_eq!(
            said(ProbeOutcome::Passed, Some(ProbeOutcome::TimedOut)),
            None
        );
        assert_eq!(
            said(
                ProbeOutcome::Passed,
                Some(ProbeOutcome::Astray(String::new()))
            ),
            None
        );
        assert_eq!(
            said(ProbeOutcome::Passed, Some(ProbeOutcome::Unplaced(28))),
            None
        );
        assert_eq!(said(ProbeOutcome::Passed, None), None);
        assert_eq!(said(ProbeOutcome::Failed(13), None), None);
        assert_eq!(
            said(ProbeOutcome::Failed(13), Some(ProbeOutcome::Failed(13))),
            None
        );
    }

    #[test]
    fn labels_of_what_an_exec_leads_to() {
        let profile = Destination::Profile("a (b)".to_owned());
        assert!(profile.is_label("a (b) (enforce)"));
        assert!(!profile.is_label("a (enforce)"));
        let child = Destination::Some("web//".to_owned());
        assert!(child.is_label("web//worker (enforce)"));
        assert!(!child.is_label("web (enforce)"));
        assert!(!Destination::Some(String::new()).is_label("unconfined"));
        assert!(Destination::Unconfined.is_label("unconfined"));
        assert!(!Destination::Unconfined.is_label("web (unconfined)"));
    }
}
