//! What is done while the policy is in the kernel: one tier after the other.

use std::io;
use std::path::PathBuf;

use super::install::Installed;
use super::journal::{Journal, Runtime};
use super::query_kernel::{HiddenCapabilities, query_kernel};
use super::settings::Settings;
use crate::verify::container::{Course, Engine, Spec, Trial};
use crate::verify::kernel::{Answer, KernelState, WantedProfile};
use crate::verify::probe::{self, ProbeTarget, Probed};
use crate::verify::{
    Environment, Interrupt, Kernel, LoadedProfile, Plan, PlannedId, QuestionId, Refusal, Table,
    Tree, sha256,
};

/// What is at hand while the policy is in the kernel.
pub(super) struct Live<'r> {
    pub(super) settings: &'r Settings,
    pub(super) environment: &'r Environment,
    pub(super) kernel: &'r Kernel,
    pub(super) journal: &'r Journal,
    /// What was compiled and loaded.
    pub(super) blob: &'r [u8],
    pub(super) interrupt: &'r Interrupt,
    pub(super) progress: &'r dyn Fn(&str),
}

/// What the tiers found.
pub(super) struct TierResults {
    /// What the kernel showed of the profiles at first.
    pub(super) state: KernelState,
    pub(super) answers: Table<QuestionId, Option<Answer>>,
    /// Where capabilities were not looked at.
    pub(super) blind: Vec<HiddenCapabilities>,
    pub(super) probed: Table<QuestionId, Option<Probed>>,
    pub(super) container: Option<Trial>,
    /// How many questions the parser decides otherwise because it is older than 5.0.
    pub(super) before_5: usize,
    /// What changed in the kernel's policy while it was asked.
    pub(super) change: Option<String>,
}

impl TierResults {
    fn nothing(state: KernelState) -> Self {
        Self {
            state,
            answers: Table::default(),
            blind: Vec::new(),
            probed: Table::default(),
            container: None,
            before_5: 0,
            change: None,
        }
    }
}

impl Live<'_> {
    /// Verifies one tier after the other, between two looks at what is loaded. Gives the plan with what was asked.
    pub(super) fn verify(
        &self,
        mut plan: Plan,
        engine: Option<&Engine>,
        installed: &mut Installed,
    ) -> Result<(Plan, TierResults), Refusal> {
        let tiers = self.settings.tiers;
        let revision = self.kernel.revision();
        let mut found = TierResults::nothing(self.loaded_state(&plan)?);
        let runtime = engine.zip(self.settings.container.as_ref());
        let course =
            runtime.map(|(engine, spec)| self.start(engine, spec, &found.state, installed));
        let mut course = course.transpose()?;
        // Of the container, where there is one that runs.
        let pid = course.as_ref().and_then(|course| course.trial.pid);
        let loaded: Table<PlannedId, LoadedProfile> =
            found.state.profiles.iter().cloned().collect();
        if tiers.policy {
            plan = self.completed(plan, pid, &mut found)?;
            let asked = query_kernel(&plan, &self.settings.paths, &loaded, self.interrupt)?;
            (found.answers, found.blind) = (asked.answers, asked.blind);
        }
        if let Some(signal) = self.interrupt.signal() {
            return Err(Refusal::Interrupted(signal));
        }
        if tiers.probes {
            (self.progress)("the probes");
            let target = pid.map_or(ProbeTarget::Host, ProbeTarget::Process);
            let paths = &self.settings.paths;
            found.probed = probe::run(target, &plan, &loaded, paths, self.interrupt)?;
            if let Some(course) = &mut course {
                course.forget_records();
            }
        }
        if let Some(course) = course {
            found.container = Some(course.finish(self.progress)?);
        }
        found.change = self.change(&plan, revision, &found)?;
        Ok((plan, found))
    }

    /// What the kernel shows of the plan's profiles.
    fn state(&self, plan: &Plan) -> Result<KernelState, Refusal> {
        let expected = plan.profiles.iter().map(|profile| WantedProfile {
            name: &profile.name,
            is_child: profile.is_child,
        });
        let expected: Vec<WantedProfile<'_>> = expected.collect();
        self.kernel.state(&expected, self.blob)
    }

    /// The same, where it must be what was loaded.
    fn loaded_state(&self, plan: &Plan) -> Result<KernelState, Refusal> {
        let state = self.state(plan)?;
        match state.is_same {
            Some(false) => Err(Refusal::Load(io::Error::other(
                "it shows other bytes than were loaded",
            ))),
            _ => Ok(state),
        }
    }

    /// The plan with the files that are there, for the parser that compiled the policy.
    fn completed(
        &self,
        mut plan: Plan,
        pid: Option<u32>,
        found: &mut TierResults,
    ) -> Result<Plan, Refusal> {
        if let Some(mut tree) = self.tree(pid)? {
            plan = plan.with_existing_files(&mut tree);
        }
        if self.environment.is_before_5() {
            found.before_5 = plan.differing_before_5();
            plan = plan.for_parser_before_5();
        }
        Ok(plan)
    }

    /// The files that tasks under the profile meet: those of the container that runs, or of this machine,
    /// unless the profile is for containers.
    fn tree(&self, pid: Option<u32>) -> Result<Option<Tree<'static>>, Refusal> {
        let root = match pid {
            Some(pid) => self.settings.paths.proc.join(pid.to_string()).join("root"),
            None if self.settings.is_for_container => return Ok(None),
            None => PathBuf::from("/"),
        };
        let refused =
            |error| Refusal::System("the files cannot be seen that the profile is about", error);
        Tree::open(&root).map(Some).map_err(refused)
    }

    /// The container, started under the profile.
    fn start<'c>(
        &'c self,
        engine: &'c Engine,
        spec: &'c Spec,
        state: &KernelState,
        installed: &mut Installed,
    ) -> Result<Course<'c>, Refusal> {
        let run = run_name();
        let runtime = Runtime {
            endpoint: spec.endpoint.clone(),
            run: run.clone(),
        };
        let paths = &self.settings.paths;
        let noted = installed.note_runtime(self.journal, runtime);
        noted.map_err(|error| Refusal::Journal {
            place: paths.journal.display().to_string(),
            error,
        })?;
        let loaded = state.profiles.iter().find(|one| one.name == spec.profile);
        let mode = loaded.map_or("enforce", |loaded| loaded.mode.as_str());
        Course::begin(
            engine,
            spec,
            paths,
            (run, mode),
            self.interrupt,
            self.progress,
        )
    }

    /// What changed in the kernel's policy since the first look.
    fn change(
        &self,
        plan: &Plan,
        revision: Option<String>,
        found: &TierResults,
    ) -> Result<Option<String>, Refusal> {
        let change = match self.state(plan) {
            Ok(after) if found.state != after => "the profile was changed",
            Ok(_) if revision != self.kernel.revision() => {
                "policy was loaded or removed by somebody else"
            }
            Ok(_) => return Ok(None),
            // What the container showed meanwhile is worth telling.
            Err(_) if found.container.is_some() => "the profile was removed",
            Err(refusal) => return Err(refusal),
        };
        Ok(Some(change.to_owned()))
    }
}

/// A name that no other run has.
#[expect(
    clippy::disallowed_methods,
    reason = "the name of a run depends on when it is"
)]
fn run_name() -> String {
    let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH);
    let nanos = now.unwrap_or_default().as_nanos();
    let hash = sha256(format!("{} {nanos}", std::process::id()).as_bytes());
    hash.get(..12).unwrap_or(&hash).to_owned()
}
