//! A run of tier A, from the look at the machine to the last undoing.

use std::io;

use super::ask::{Oracle, Reply};
use super::capability::capabilities;
use super::compile::compile;
use super::interrupt::Interrupt;
use super::journal::{Journal, recover};
use super::judge::{Answer, Judged, judge};
use super::load::{Installed, install_policy, sha256};
use super::probe::{self, Probed, Target};
use super::wire::{Ask, Wire};
use super::{Environment, Kernel, Leftover, Loaded, Plan, Refusal, Roots};
use crate::lang::keywords::suggest;
use crate::policy::Search;
use crate::source::Vfs;

/// How to run.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Settings {
    /// Where the kernel shows itself.
    pub roots: Roots,
    /// Where includes are searched.
    pub search: Search,
    /// Whether loaded profiles of the same names may be replaced for the time of the run.
    pub may_replace: bool,
    /// Where probes are made, if they are.
    pub probes: Option<Target>,
}

/// What came of a run.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Verification {
    /// The machine.
    pub environment: Environment,
    /// What shows that the kernel decided by the policy in question.
    pub proof: Proof,
    /// What the parser said besides.
    pub warnings: Vec<String>,
    /// The answers, in the order of the plan's questions.
    pub answers: Vec<Option<Answer>>,
    /// What probes showed, in the order of the plan's questions; empty where none were made.
    pub probed: Vec<Option<Probed>>,
    /// Why capabilities were not looked at, by profile.
    pub blind: Vec<(String, String)>,
    /// The verdicts, in the order of the plan's subjects.
    pub judged: Vec<Judged>,
    /// What is still in the kernel.
    pub leftover: Option<Leftover>,
    /// Whether an earlier run had left something, which was cleaned up.
    pub has_recovered: bool,
}

impl Verification {
    /// How many probes showed something.
    #[must_use]
    pub fn probes(&self) -> usize {
        let probes = self.probed.iter().flatten().flat_map(|one| &one.probes);
        probes.filter(|probe| probe.has_passed().is_some()).count()
    }
}

/// What shows that the kernel decided by the policy in question.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Proof {
    /// The hash of what the parser compiled.
    pub sha256: String,
    /// The hash of what the kernel says it loaded, where it shows that.
    pub kernel_sha256: Option<String>,
    /// Whether the kernel's bytes are those that were compiled; `None` where it does not show them.
    pub is_same: Option<bool>,
    /// The mode that the kernel shows for each profile of the plan.
    pub modes: Vec<String>,
    /// Whether the policy was loaded already.
    pub was_loaded: bool,
    /// Whether other policy was in its place meanwhile, and was put back.
    pub has_replaced: bool,
    /// What changed in the kernel's policy while it was asked.
    pub change: Option<String>,
}

/// Why a run stopped, and what it left.
#[derive(Debug)]
pub struct Stopped {
    /// Why.
    pub refusal: Refusal,
    /// What is still in the kernel.
    pub leftover: Option<Leftover>,
}

impl From<Refusal> for Stopped {
    fn from(refusal: Refusal) -> Self {
        Self {
            refusal,
            leftover: None,
        }
    }
}

impl Plan {
    /// Whether the file defines the profile that the runtime asks for.
    ///
    /// # Errors
    /// If it does not; what it defines instead.
    pub fn defines(&self, wanted: &str) -> Result<(), Refusal> {
        let names = || self.profiles.iter().map(|profile| profile.name.as_str());
        if names().any(|name| name == wanted) {
            return Ok(());
        }
        let similar = suggest(wanted, names());
        let defined = match (similar, names().collect::<Vec<_>>().as_slice()) {
            (Some(name), _) => format!("did you mean `{name}`?"),
            (None, [only]) => format!("it defines `{only}`"),
            (None, names) => format!("it defines `{}`", names.join("`, `")),
        };
        Err(Refusal::Name {
            path: self.path.clone(),
            wanted: wanted.to_owned(),
            defined,
        })
    }
}

/// Loads the policy of a plan into the kernel, asks the kernel, and takes the policy out again.
/// `environment` is what [`Environment::examine`] found.
///
/// # Errors
/// If the machine cannot verify it, or somebody interrupts.
pub fn run(
    vfs: &dyn Vfs,
    plan: &Plan,
    environment: Environment,
    settings: &Settings,
    interrupt: &Interrupt,
) -> Result<Verification, Stopped> {
    let roots = &settings.roots;
    let journal = Journal::open(&roots.journal)?;
    let has_recovered = recover(&journal, roots)?;
    let compiled = compile(
        &environment.program,
        &plan.path,
        &settings.search,
        vfs,
        interrupt,
    )?;
    let kernel = Kernel::new(&roots.apparmor);
    let installed = install_policy(
        &kernel,
        &journal,
        plan,
        &compiled.blob,
        settings.may_replace,
    )?;
    let mut proof = Proof {
        sha256: sha256(&compiled.blob),
        was_loaded: matches!(installed, Installed::Found),
        has_replaced: matches!(installed, Installed::Replaced(_)),
        ..Proof::default()
    };
    let asked = ask(
        plan,
        &kernel,
        settings,
        &compiled.blob,
        &mut proof,
        interrupt,
    );
    let leftover = installed
        .undo_in_kernel(&kernel, &journal, &roots.proc)
        .err();
    let Asked {
        answers,
        blind,
        probed,
    } = match asked {
        Ok(asked) => asked,
        Err(refusal) => return Err(Stopped { refusal, leftover }),
    };
    let mut judged = judge(plan, &answers, &proof.modes);
    probe::refine(plan, &answers, &proof.modes, &probed, &mut judged);
    Ok(Verification {
        judged,
        environment,
        proof,
        warnings: compiled.warnings,
        answers,
        probed,
        blind,
        leftover,
        has_recovered,
    })
}

struct Asked {
    answers: Vec<Option<Answer>>,
    blind: Vec<(String, String)>,
    probed: Vec<Option<Probed>>,
}

fn ask(
    plan: &Plan,
    kernel: &Kernel,
    settings: &Settings,
    blob: &[u8],
    proof: &mut Proof,
    interrupt: &Interrupt,
) -> Result<Asked, Refusal> {
    let roots = &settings.roots;
    let revision = kernel.revision();
    let before = state(plan, kernel, blob)?;
    if before.is_same == Some(false) {
        let error = io::Error::other("it shows other bytes than were loaded");
        return Err(Refusal::Load(error));
    }
    proof.kernel_sha256.clone_from(&before.sha256);
    proof.is_same = before.is_same;
    proof.modes = before
        .profiles
        .iter()
        .map(|loaded| loaded.mode.clone())
        .collect();
    let mut answers = queries(plan, &Oracle::new(&roots.apparmor), interrupt)?;
    let blind = of_capabilities(plan, roots, &before.profiles, &mut answers);
    if let Some(signal) = interrupt.signal() {
        return Err(Refusal::Interrupted(signal));
    }
    let probed = match settings.probes {
        Some(target) => probe::run(target, plan, &before.profiles, roots, interrupt)?,
        None => Vec::new(),
    };
    let after = state(plan, kernel, blob)?;
    proof.change = if before != after {
        Some("the profile was changed".to_owned())
    } else if revision != kernel.revision() {
        Some("policy was loaded or removed by somebody else".to_owned())
    } else {
        None
    };
    Ok(Asked {
        answers,
        blind,
        probed,
    })
}

/// What the kernel shows of the profiles.
#[derive(Clone, PartialEq, Eq, Debug)]
struct State {
    profiles: Vec<Loaded>,
    sha256: Option<String>,
    is_same: Option<bool>,
}

fn state(plan: &Plan, kernel: &Kernel, blob: &[u8]) -> Result<State, Refusal> {
    let system = |error| Refusal::System("the loaded profiles cannot be read", error);
    let loaded = kernel.loaded().map_err(system)?;
    let mut profiles = Vec::new();
    let (mut sha256, mut is_same) = (None, Some(true));
    for profile in &plan.profiles {
        let found = loaded.iter().find(|loaded| loaded.name == profile.name);
        let missing = || {
            let name = &profile.name;
            Refusal::Load(io::Error::other(format!(
                "it does not show the profile `{name}`"
            )))
        };
        profiles.push(found.cloned().ok_or_else(missing)?);
        if profile.is_child {
            continue;
        }
        match kernel.raw(&profile.name) {
            Ok(Some(raw)) => {
                is_same = is_same.map(|same| same && raw.bytes == blob);
                sha256 = raw.sha256;
            }
            Ok(None) => return Err(missing()),
            Err(_) => is_same = None,
        }
    }
    Ok(State {
        profiles,
        sha256,
        is_same,
    })
}

/// Puts all queries, first as owner, then as somebody else where that matters.
fn queries(
    plan: &Plan,
    oracle: &Oracle,
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
    let owner = oracle.ask(&asked, true, interrupt).map_err(failed)?;
    let owned: Vec<usize> = (0..asked.len())
        .filter(|at| asked.get(*at).is_some_and(|(_, wire)| wire.has_owner))
        .collect();
    let others: Vec<(&str, &Wire)> = owned
        .iter()
        .filter_map(|at| asked.get(*at).copied())
        .collect();
    let other = oracle.ask(&others, false, interrupt).map_err(failed)?;
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
fn of_capabilities(
    plan: &Plan,
    roots: &Roots,
    loaded: &[Loaded],
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
        match capabilities(&roots.proc, loaded) {
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
