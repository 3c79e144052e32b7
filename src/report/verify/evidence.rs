//! Probes as evidence in a JSON document.

use serde::Serialize;

use super::probes::{errno, outcome, permission, unprobed as words};
use crate::access::{Class, bits};
use crate::verify::Question;
use crate::verify::probe::{self, ProbeOutcome, ProbeResult};

/// A probe.
#[derive(Serialize)]
pub(super) struct ProbedJson {
    permission: String,
    owner: Option<bool>,
    control: Side,
    confined: Option<Side>,
}

/// One side of it.
#[derive(Serialize)]
struct Side {
    call: Option<String>,
    outcome: &'static str,
    error: Option<String>,
    label: Option<String>,
    started: Option<String>,
}

/// Permissions that were not probed.
#[derive(Serialize)]
pub(super) struct UnprobedJson {
    permission: String,
    reason: String,
}

/// The probes of a question that are about one of the permissions in `mask`.
pub(super) fn probes(
    question: &Question,
    probed: Option<&probe::Probed>,
    mask: u32,
) -> Vec<ProbedJson> {
    let all = probed.map_or(&[][..], |probed| probed.probes.as_slice());
    let of_mask = all.iter().filter(|probe| probe.bit & mask != 0);
    of_mask
        .map(|probe| ProbedJson {
            permission: permission(question, probe.bit),
            owner: (question.class == Class::File).then_some(probe.bit <= bits::HALF),
            control: side(&probe.control),
            confined: probe.confined.as_ref().map(side),
        })
        .collect()
}

/// The permissions in `mask` that were not probed.
pub(super) fn unprobed(
    question: &Question,
    probed: Option<&probe::Probed>,
    mask: u32,
) -> Vec<UnprobedJson> {
    let all = probed.map_or(&[][..], |probed| probed.unprobed.as_slice());
    let of_mask = all.iter().filter(|(bits, _)| bits & mask != 0);
    of_mask
        .map(|(bits, why)| UnprobedJson {
            permission: permission(question, *bits),
            reason: words(question, *why),
        })
        .collect()
}

fn side(trial: &ProbeResult) -> Side {
    Side {
        call: (!trial.call.is_empty()).then(|| trial.call.clone()),
        outcome: outcome(&trial.outcome),
        error: match &trial.outcome {
            ProbeOutcome::Failed(number) | ProbeOutcome::Unplaced(number) => Some(errno(*number)),
            ProbeOutcome::Astray(why) => Some(why.clone()),
            _ => None,
        },
        label: trial.label.clone(),
        started: trial.started.clone(),
    }
}
