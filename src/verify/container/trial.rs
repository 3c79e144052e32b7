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
    /// Whether the application was at work under the profile.
    fn has_started(&self) -> bool {
        let is_it =
            |line: &Line| line.check == ContainerCheck::Ready && line.result == ProofStatus::Proved;
        self.lines.iter().any(is_it)
    }

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
            // What the application does after its start would have been refused, or not.
            ([], _) if !self.has_started() => (
                ProofStatus::Inconclusive,
                "not reached: the application did not start under the profile".to_owned(),
            ),
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::policy::Search;
    use crate::session::with_policy;
    use crate::source::MemoryVfs;

    /// What is said of the records, where the application has answered, or has not, and some were lost, or none.
    fn judged(ready: Option<ProofStatus>, has_lost: bool) -> Line {
        let line = ready.map(|result| Line {
            check: ContainerCheck::Ready,
            result,
            evidence: String::new(),
        });
        let mut trial = Trial {
            lines: line.into_iter().collect(),
            has_lost,
            ..Trial::default()
        };
        let mut vfs = MemoryVfs::default();
        vfs.insert("web", "profile web {\n}\n");
        let paths = ["web".to_owned()];
        with_policy(&vfs, &Search::default(), &paths, &[], |policy| {
            trial.explain(policy);
        });
        trial.lines.pop().unwrap()
    }

    #[test]
    fn what_was_not_reached_is_never_proved() {
        for ready in [
            None,
            Some(ProofStatus::Failed),
            Some(ProofStatus::Inconclusive),
        ] {
            for has_lost in [false, true] {
                let line = judged(ready, has_lost);
                assert_eq!(line.check, ContainerCheck::Records);
                assert_eq!(line.result, ProofStatus::Inconclusive);
                assert!(line.evidence.starts_with("not reached"), "{line:?}");
            }
        }
        let started = Some(ProofStatus::Proved);
        assert_eq!(judged(started, false).result, ProofStatus::Proved);
        assert_eq!(judged(started, true).result, ProofStatus::Inconclusive);
    }
}
