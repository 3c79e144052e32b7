//! The plan's questions put to the kernel.

use super::capability::capabilities;
use super::interrupt::Interrupt;
use super::judge::Answer;
use super::query_interface::{QueryInterface, Reply};
use super::wire::{Ask, Wire};
use super::{LoadedProfile, Plan, Refusal, SystemPaths};

/// Puts all queries, first as owner, then as somebody else where that matters.
pub(super) fn query_policy(
    plan: &Plan,
    interface: &QueryInterface,
    interrupt: &Interrupt,
) -> Result<Vec<Option<Answer>>, Refusal> {
    let mut answers = vec![None; plan.questions.len()];
    let mut numbers = Vec::new();
    let mut asked: Vec<(&str, &Wire)> = Vec::new();
    for (number, question) in plan.questions.iter().enumerate() {
        if let (Some(Ask::Query(wire)), Some(profile)) =
            (&question.ask, plan.profiles.get(question.profile))
        {
            numbers.push(number);
            asked.push((&profile.name, wire));
        }
    }
    let failed = |error| Refusal::System("the kernel's query interface fails", error);
    let owner = interface.ask(&asked, true, interrupt).map_err(failed)?;
    let owned: Vec<usize> = (0..asked.len())
        .filter(|at| asked.get(*at).is_some_and(|(_, wire)| wire.has_owner))
        .collect();
    let others: Vec<(&str, &Wire)> = owned
        .iter()
        .filter_map(|at| asked.get(*at).copied())
        .collect();
    let other = interface.ask(&others, false, interrupt).map_err(failed)?;
    let mut others: Vec<Option<Reply>> = vec![None; asked.len()];
    for (at, reply) in owned.into_iter().zip(other) {
        if let Some(place) = others.get_mut(at) {
            *place = Some(reply);
        }
    }
    for ((number, owner), other) in numbers.into_iter().zip(owner).zip(others) {
        if let Some(place) = answers.get_mut(number) {
            *place = Some(Answer { owner, other });
        }
    }
    Ok(answers)
}

/// Looks which capabilities each profile leaves; gives why that was not possible, by profile.
pub(super) fn query_capabilities(
    plan: &Plan,
    paths: &SystemPaths,
    loaded: &[LoadedProfile],
    answers: &mut [Option<Answer>],
) -> Vec<(String, String)> {
    let mut blind = Vec::new();
    for (number, loaded) in loaded.iter().enumerate() {
        let asked: Vec<(usize, u8)> = plan
            .questions
            .iter()
            .enumerate()
            .filter(|(_, question)| question.profile == number)
            .filter_map(|(at, question)| match question.ask {
                Some(Ask::Capability(capability)) => Some((at, capability)),
                _ => None,
            })
            .collect();
        if asked.is_empty() {
            continue;
        }
        if !matches!(loaded.mode.as_str(), "enforce" | "kill") {
            let why = format!("they are not shown in {} mode", loaded.mode);
            blind.push((loaded.name.clone(), why));
            continue;
        }
        match capabilities(&paths.proc, loaded) {
            Ok(kept) => {
                for (at, capability) in asked {
                    let allow = u32::from(kept >> capability & 1 != 0);
                    let owner = Reply {
                        allow,
                        ..Reply::default()
                    };
                    if let Some(place) = answers.get_mut(at) {
                        *place = Some(Answer { owner, other: None });
                    }
                }
            }
            Err(error) => blind.push((loaded.name.clone(), error.to_string())),
        }
    }
    blind
}
