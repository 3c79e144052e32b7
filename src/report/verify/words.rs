//! Words for results, decisions and requests.

use super::super::words::outcome;
use super::super::{Style, ansi, one_line};
use crate::access::{Outcome, bits, show};
use crate::diagnostic::Severity;
use crate::verify::{Ask, Asked, Plan, ProofStatus, Question, Side, WitnessOrigin};

/// The word for a result.
pub(super) const fn result(result: ProofStatus) -> &'static str {
    match result {
        ProofStatus::Proved => "proved",
        ProofStatus::NotAsked => "not asked",
        ProofStatus::Inconclusive => "inconclusive",
        ProofStatus::NotEnforced => "not enforced",
        ProofStatus::Failed => "failed",
        ProofStatus::Disagreement => "disagreement",
    }
}

/// All words for what aalint decides come from these.
pub(super) const DECIDED: [Outcome; 5] = [
    Outcome::Allowed,
    Outcome::Refused,
    Outcome::Partly,
    Outcome::Asked,
    Outcome::Unknown,
];

/// The word for what aalint decides.
pub(super) const fn decided(decided: Outcome) -> &'static str {
    match decided {
        // The kernel does not say which of them it is.
        Outcome::Denied | Outcome::Unmatched => outcome(Outcome::Refused),
        other => outcome(other),
    }
}

/// The word for what the kernel decides.
pub(super) const fn side(side: Side) -> &'static str {
    match side {
        Side::Allowed => "allowed",
        Side::Refused => "refused",
        Side::Partly => "partly",
        Side::Unmediated => "unmediated",
        Side::Unknown => "-",
    }
}

/// A question as a request for these permissions; those that only others have are asked as `other`.
pub(super) fn request(question: &Question, mask: u32) -> String {
    show(question.class, &question.text, mask, None)
}

/// The path from which symbolic links lead to a witness.
pub(super) fn linked_from(plan: &Plan, asked: &Asked) -> Option<String> {
    let WitnessOrigin::Link(from) = asked.origin else {
        return None;
    };
    let question = plan.questions.get(from)?;
    Some(one_line(&String::from_utf8_lossy(&question.text)))
}

/// The bits for owners, and those for others where these are told apart.
pub(super) const fn halves(question: &Question, mask: u32) -> (u32, Option<u32>) {
    match &question.ask {
        Some(Ask::Query(wire)) if wire.has_owner => {
            (mask & bits::HALF, Some(mask >> bits::OTHER & bits::HALF))
        }
        _ => (mask, None),
    }
}

/// The word for a result, in its colour.
pub(super) fn painted(of: ProofStatus, style: Style) -> String {
    ansi::paint(result(of), ansi::severity(color(of)), style.color)
}

pub(super) const fn color(result: ProofStatus) -> Severity {
    match result {
        ProofStatus::Proved | ProofStatus::NotAsked => Severity::Hint,
        ProofStatus::Inconclusive => Severity::Warning,
        ProofStatus::NotEnforced | ProofStatus::Failed | ProofStatus::Disagreement => {
            Severity::Error
        }
    }
}
