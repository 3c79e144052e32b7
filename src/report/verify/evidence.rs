//! Probes as evidence in a JSON document.

use schemars::JsonSchema;
use serde::Serialize;

use super::probes::{errno, outcome, permission, unprobed as words};
use crate::access::{Class, bits};
use crate::verify::Question;
use crate::verify::probe::{self, ProbeOutcome, ProbeResult};

/// A real system call, made under the profile and without it from the same state.
#[derive(Serialize, JsonSchema)]
pub(super) struct ProbedJson {
    /// What it shows, in the letters or words of rules.
    permission: String,
    /// For a file: whether the file belonged to the task that tried.
    owner: Option<bool>,
    /// The call without the profile.
    control: TrialJson,
    /// The call under the profile; null where the control did not pass, so that nothing was tried.
    confined: Option<TrialJson>,
}

/// How one of the two calls ended.
#[derive(Serialize, JsonSchema)]
struct TrialJson {
    /// The last system call that was made.
    call: Option<String>,
    /// `astray`: the call was not made under the label that it should be made under. `unplaced`: what the call needs could not
    /// be prepared.
    #[schemars(extend("enum" = ["passed", "failed", "killed", "timed out", "astray", "unplaced"]))]
    outcome: &'static str,
    /// The name of the error, or what went wrong.
    error: Option<String>,
    /// The label that the task read after the call; null for the control.
    label: Option<String>,
    /// The label of the program that was started.
    started: Option<String>,
}

/// A permission that was not probed.
#[derive(Serialize, JsonSchema)]
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

fn side(trial: &ProbeResult) -> TrialJson {
    TrialJson {
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
