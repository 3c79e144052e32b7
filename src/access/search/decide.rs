//! Deciding a request, with examples, and saying what the decision depends on.

use super::examples::examples;
use crate::access::{Decision, Effective, Example, Outcome, ProfileMode, Request, Ruling, Unknown};
use crate::glob::TooComplex;
use crate::policy::{FileSummaries, ProfileView};

impl<'e> Decision<'e> {
    /// Asks a profile. `effective` is what its rules decide.
    #[must_use]
    pub fn of(
        effective: &'e Effective,
        request: &Request,
        mode: ProfileMode,
        profile: &ProfileView<'_>,
        summaries: &FileSummaries<'_>,
    ) -> Self {
        let (examples, conflict) = match examples(effective, request, mode) {
            Ok(found) => found,
            Err(TooComplex) => {
                return Self {
                    mode,
                    outcome: Outcome::Unknown,
                    examples: Vec::new(),
                    open: Some(Unknown::TooComplex),
                };
            }
        };
        let open = conflict;
        let open = open.or_else(|| Unknown::of(effective, &examples, mode, profile, summaries));
        let outcome = outcome(&examples);
        let is_firm = match open {
            None => true,
            // What an include could hold is reckoned without priorities.
            Some(Unknown::Include(_) | Unknown::Limit(..)) => outcome == Outcome::Denied,
            Some(_) => false,
        };
        Self {
            mode,
            outcome: if is_firm { outcome } else { Outcome::Unknown },
            examples,
            open,
        }
    }
}

fn outcome(examples: &[Example<'_>]) -> Outcome {
    let mut rulings: Vec<Ruling> = examples.iter().map(|example| example.ruling).collect();
    rulings.dedup();
    match rulings.as_slice() {
        [] => Outcome::Unknown,
        [Ruling::Allowed] => Outcome::Allowed,
        [Ruling::Denied] => Outcome::Denied,
        [Ruling::Unmatched] => Outcome::Unmatched,
        [Ruling::Asked] => Outcome::Asked,
        [Ruling::Allowed, ..] => Outcome::Partly,
        _ => Outcome::Refused,
    }
}
