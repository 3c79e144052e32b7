//! What came of a container, and what is judged of it.

use super::label::ContainerTask;
use super::line::{ContainerCheck, Line};
use super::records::Refused;
use super::request::HttpAnswer;
use crate::audit::{Explainer, Record};
use crate::session::Policy;
use crate::verify::ProofStatus;

/// What came of the container.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Trial {
    /// Where the engine listens.
    pub endpoint: String,
    /// Its version.
    pub version: String,
    /// The image's name.
    pub image: String,
    /// The container's id.
    pub id: String,
    /// Its first process, while it runs.
    pub pid: Option<u32>,
    /// The lines, judged.
    pub lines: Vec<Line>,
    /// The tasks that were looked at, with the check that they are evidence for.
    pub tasks: Vec<(ContainerCheck, ContainerTask)>,
    /// What the application answered: the twin, and the one under the profile.
    pub answers: (Option<HttpAnswer>, Option<HttpAnswer>),
    /// The end of the log, where the application did not answer.
    pub log: Vec<String>,
    /// What was refused to it, each once.
    pub refused: Vec<Refused>,
    /// Records that are not explained yet.
    pub(super) heard: Vec<Record>,
    /// Whether records may be missing.
    pub(super) has_lost: bool,
}

impl Trial {
    /// Explains what was refused by the policy, and judges it.
    pub(in crate::verify) fn explain(&mut self, policy: &Policy<'_>) {
        let explainer = Explainer::new(policy);
        for record in std::mem::take(&mut self.heard) {
            let explanation = explainer.explain(&record);
            let mut known = self.refused.iter_mut();
            let same = known.find(|refused| {
                refused.record.operation == record.operation && refused.explanation == explanation
            });
            match same {
                Some(refused) => refused.count += 1,
                None => self.refused.push(Refused {
                    record,
                    count: 1,
                    explanation,
                }),
            }
        }
        let unforeseen: Vec<&Refused> = self
            .refused
            .iter()
            .filter(|one| one.is_unforeseen())
            .collect();
        let what = |refused: &Refused| {
            let request = refused.explanation.request.clone();
            request.unwrap_or_else(|| refused.record.operation.clone())
        };
        let (result, evidence) = match (unforeseen.as_slice(), self.has_lost) {
            ([], false) => {
                let count = self.refused.len();
                (
                    ProofStatus::Proved,
                    match count {
                        0 => "no record of a refusal".to_owned(),
                        _ => format!("{count} refused by rules that say so"),
                    },
                )
            }
            ([], true) => (
                ProofStatus::Inconclusive,
                "the kernel's records could not be read, or not all".to_owned(),
            ),
            ([only], _) => (ProofStatus::Failed, format!("`{}` was refused", what(only))),
            ([first, rest @ ..], _) => (
                ProofStatus::Failed,
                format!("`{}` was refused, and {} more", what(first), rest.len()),
            ),
        };
        self.lines.push(Line {
            check: ContainerCheck::Records,
            result,
            evidence,
        });
    }
}
