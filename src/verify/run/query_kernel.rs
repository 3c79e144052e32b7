//! The plan's questions put to the kernel.

use crate::verify::kernel::{Answer, Ask, QueryInterface, Reply, Wire, capabilities};
use crate::verify::{
    Interrupt, LoadedProfile, Plan, PlannedId, QuestionId, Refusal, SystemPaths, Table,
};

/// A profile whose capabilities were not looked at.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct HiddenCapabilities {
    /// Its name.
    pub profile: String,
    /// Why.
    pub why: String,
}

/// What the kernel answered, and where it could not be asked.
#[derive(Debug)]
pub(super) struct KernelAnswers {
    /// The answers.
    pub(super) answers: Table<QuestionId, Option<Answer>>,
    /// Where capabilities were not looked at.
    pub(super) blind: Vec<HiddenCapabilities>,
}

/// Puts all questions of a plan, whose profiles are loaded.
pub(super) fn query_kernel(
    plan: &Plan,
    paths: &SystemPaths,
    loaded: &Table<PlannedId, LoadedProfile>,
    interrupt: &Interrupt,
) -> Result<KernelAnswers, Refusal> {
    let interface = QueryInterface::new(&paths.apparmor);
    let mut answers = query_policy(plan, &interface, interrupt)?;
    let blind = query_capabilities(plan, paths, loaded, &mut answers);
    Ok(KernelAnswers { answers, blind })
}

/// Puts what the query interface takes.
fn query_policy(
    plan: &Plan,
    interface: &QueryInterface,
    interrupt: &Interrupt,
) -> Result<Table<QuestionId, Option<Answer>>, Refusal> {
    let mut ids = Vec::new();
    let mut queries: Vec<(&str, &Wire)> = Vec::new();
    for (id, question) in plan.questions.numbered() {
        if let (Some(Ask::Query(wire)), Some(profile)) =
            (&question.ask, plan.profiles.get(question.profile))
        {
            ids.push(id);
            queries.push((&profile.name, wire));
        }
    }
    let failed = |error| Refusal::System("the kernel's query interface fails", error);
    let found = interface.answers(&queries, interrupt).map_err(failed)?;
    let mut answers = plan.questions.map(|_| None);
    for (id, answer) in ids.into_iter().zip(found) {
        if let Some(place) = answers.get_mut(id) {
            *place = Some(answer);
        }
    }
    Ok(answers)
}

/// Looks which capabilities each profile leaves; gives why that was not possible, by profile.
fn query_capabilities(
    plan: &Plan,
    paths: &SystemPaths,
    loaded: &Table<PlannedId, LoadedProfile>,
    answers: &mut Table<QuestionId, Option<Answer>>,
) -> Vec<HiddenCapabilities> {
    let mut blind = Vec::new();
    for (id, loaded) in loaded.numbered() {
        let of_profile = plan.questions.numbered();
        let of_profile = of_profile.filter(|(_, question)| question.profile == id);
        let asked: Vec<(QuestionId, u8)> = of_profile
            .filter_map(|(question, asked)| match asked.ask {
                Some(Ask::Capability(capability)) => Some((question, capability)),
                _ => None,
            })
            .collect();
        if asked.is_empty() {
            continue;
        }
        let mut hide = |why| {
            let profile = loaded.name.clone();
            blind.push(HiddenCapabilities { profile, why });
        };
        if !matches!(loaded.mode.as_str(), "enforce" | "kill") {
            hide(format!("they are not shown in {} mode", loaded.mode));
            continue;
        }
        match capabilities(&paths.proc, loaded) {
            Ok(kept) => {
                for (question, capability) in asked {
                    let allow = u32::from(kept >> capability & 1 != 0);
                    let owner = Reply {
                        allow,
                        ..Reply::default()
                    };
                    if let Some(place) = answers.get_mut(question) {
                        *place = Some(Answer { owner, other: None });
                    }
                }
            }
            Err(error) => hide(error.to_string()),
        }
    }
    blind
}
