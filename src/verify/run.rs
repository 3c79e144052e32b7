//! A run, from the look at the machine to the last undoing.

use std::io;
use std::path::PathBuf;

use super::Compilation;
use super::container::{Course, Engine, Spec, Trial};
use super::deadline::Stopwatch;
use super::interrupt::Interrupt;
use super::journal::{Journal, Runtime};
use super::judge::{Answer, Judged, judge};
use super::kernel_state::{KernelState, read_kernel_state};
use super::load::{How, Installed, install_policy, sha256};
use super::probe::{self, ProbeTarget, Probed};
use super::query_interface::QueryInterface;
use super::query_kernel::{query_capabilities, query_policy};
use super::reaper::Reaper;
use super::recover::recover;
use super::{Environment, Kernel, Leftover, Plan, Refusal, SystemPaths, Tiers, Tree};
use crate::config::Reach;
use crate::host::Foreign;
use crate::lang::keywords::suggest;
use crate::session::Workspace;

/// How to run.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Settings {
    /// Where the kernel shows itself.
    pub paths: SystemPaths,
    /// Whether loaded profiles of the same names may be replaced for the time of the run.
    pub may_replace: bool,
    /// What is verified.
    pub tiers: Tiers,
    /// The container, for tier C.
    pub container: Option<Spec>,
    /// The configuration that is obeyed.
    pub configuration: Option<String>,
    /// What reaches beyond the confinement of the profile.
    pub reach: Vec<Reach>,
    /// Whoever else may change that; then it is only done for who trusts them.
    pub stranger: Option<Foreign>,
    /// Whether the profile is for containers: then the files of this machine are not those that it is about.
    pub is_for_container: bool,
}

/// What came of a run.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Verification {
    /// What was verified.
    pub tiers: Tiers,
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
    /// The verdicts, in the order of the plan's subjects; none without tier A.
    pub judged: Vec<Judged>,
    /// How many questions a parser before 5.0 decides otherwise than later ones, if this is one.
    pub before_5: usize,
    /// What came of the container.
    pub container: Option<Trial>,
    /// What is still there.
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
    /// What is still there.
    pub leftover: Option<Leftover>,
}

impl Verification {
    /// All results, of promises and of the container.
    pub fn results(&self) -> impl Iterator<Item = super::ProofStatus> + '_ {
        let judged = self.judged.iter().map(|judged| judged.result);
        let trials = self.container.iter();
        judged.chain(trials.flat_map(|trial| trial.lines.iter().map(|line| line.result)))
    }
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

/// Loads the policy of a plan into the kernel, verifies what the settings name, and takes it out
/// again. Gives the plan with what was asked about the files that are there. The plan is that of `workspace`, `environment` what [`Environment::examine`] found, `compilation` that of the plan's file;
/// `progress` is told what is done.
///
/// # Errors
/// If the machine cannot verify it, or somebody interrupts.
pub fn run(
    workspace: &Workspace<'_>,
    plan: Plan,
    (environment, compilation): (Environment, Compilation),
    settings: &Settings,
    interrupt: &Interrupt,
    progress: &dyn Fn(&str),
) -> Result<(Plan, Verification), Stopped> {
    let paths = &settings.paths;
    let begun = Stopwatch::start();
    let spec = settings.container.as_ref();
    let spec = spec.filter(|_| settings.tiers.container);
    let engine = spec.map(|spec| Engine::connect(&spec.endpoint));
    let engine = engine.transpose()?;
    if let Some(engine) = &engine {
        engine.examine(&environment)?;
    }
    let journal = Journal::open(&paths.journal)?;
    let has_recovered = recover(&journal, paths)?;
    let no_reaper = |error| Refusal::System("no process can be started that cleans up", error);
    let mut reaper = Reaper::start().map_err(no_reaper)?;
    let compiled = compilation.finish(interrupt)?;
    plan.defines_all_of(&compiled.blob)?;
    let kernel = Kernel::new(&paths.apparmor);
    reaper.wait_until_ready().map_err(no_reaper)?;
    let mut installed = install_policy(
        &kernel,
        &journal,
        &plan,
        &compiled.blob,
        settings.may_replace,
    )?;
    let live = Live {
        is_before_5: environment.is_before_5(),
        kernel: &kernel,
        paths,
        blob: &compiled.blob,
        interrupt,
        progress,
    };
    let mut proof = Proof {
        sha256: sha256(&compiled.blob),
        was_loaded: installed.how == How::Found,
        has_replaced: installed.how == How::Replaced,
        ..Proof::default()
    };
    let runtime = engine.as_ref().zip(spec);
    let found = live.verify(
        plan,
        settings,
        runtime,
        &journal,
        &mut installed,
        &mut proof,
    );
    let undoing = Stopwatch::start();
    let leftover = installed.undo(&journal, paths).err();
    let undone = undoing.elapsed();
    // What could not be undone now is for `--cleanup`.
    reaper.dismiss();
    let (plan, mut found) = match found {
        Ok(found) => found,
        Err(refusal) => return Err(Stopped { refusal, leftover }),
    };
    if let Some(trial) = &mut found.container {
        trial.explain(&workspace.policy());
    }
    if let Some(engine) = &engine {
        let (all, waited) = (begun.elapsed(), engine.waited() + undone);
        let others = "of them for the engine and for what runs in its containers";
        progress(&format!(
            "{:.1} s, {:.1} s {others}",
            all.as_secs_f32(),
            waited.as_secs_f32()
        ));
    }
    let mut judged = Vec::new();
    if settings.tiers.policy {
        judged = judge(&plan, &found.answers, &proof.modes);
        probe::refine(
            &plan,
            &found.answers,
            &proof.modes,
            &found.probed,
            &mut judged,
        );
    }
    let verification = Verification {
        tiers: settings.tiers,
        judged,
        environment,
        proof,
        warnings: compiled.warnings,
        answers: found.answers,
        probed: found.probed,
        blind: found.blind,
        before_5: found.before_5,
        container: found.container,
        leftover,
        has_recovered,
    };
    Ok((plan, verification))
}

/// What is at hand while the policy is in the kernel.
struct Live<'r> {
    /// Whether the parser is older than 5.0.
    is_before_5: bool,
    kernel: &'r Kernel,
    paths: &'r SystemPaths,
    blob: &'r [u8],
    interrupt: &'r Interrupt,
    progress: &'r dyn Fn(&str),
}

/// What the tiers found.
#[derive(Default)]
struct Found {
    answers: Vec<Option<Answer>>,
    probed: Vec<Option<Probed>>,
    blind: Vec<(String, String)>,
    container: Option<Trial>,
    before_5: usize,
}

impl Live<'_> {
    /// One tier after the other, between two looks at what is loaded.
    fn verify(
        &self,
        mut plan: Plan,
        settings: &Settings,
        runtime: Option<(&Engine, &Spec)>,
        journal: &Journal,
        installed: &mut Installed,
        proof: &mut Proof,
    ) -> Result<(Plan, Found), Refusal> {
        let tiers = settings.tiers;
        let revision = self.kernel.revision();
        let before = read_kernel_state(&plan, self.kernel, self.blob)?;
        if before.is_same == Some(false) {
            let error = io::Error::other("it shows other bytes than were loaded");
            return Err(Refusal::Load(error));
        }
        proof.kernel_sha256.clone_from(&before.sha256);
        proof.is_same = before.is_same;
        let modes = before.profiles.iter().map(|loaded| loaded.mode.clone());
        proof.modes = modes.collect();
        let mut found = Found::default();
        let mut course = None;
        if let Some((engine, spec)) = runtime {
            course = Some(self.container(engine, spec, &before, journal, installed)?);
        }
        // Of the container, where there is one that runs.
        let pid = course.as_ref().and_then(|course| course.trial.pid);
        if tiers.policy {
            if let Some(mut tree) = self.tree(pid, settings.is_for_container)? {
                plan = plan.with_existing_files(&mut tree);
            }
            if self.is_before_5 {
                found.before_5 = plan.differing_before_5();
                plan = plan.for_parser_before_5();
            }
            let interface = QueryInterface::new(&self.paths.apparmor);
            found.answers = query_policy(&plan, &interface, self.interrupt)?;
            let answers = &mut found.answers;
            found.blind = query_capabilities(&plan, self.paths, &before.profiles, answers);
        }
        if let Some(signal) = self.interrupt.signal() {
            return Err(Refusal::Interrupted(signal));
        }
        if tiers.probes {
            (self.progress)("the probes");
            let target = pid.map_or(ProbeTarget::Host, ProbeTarget::Process);
            let (loaded, paths) = (&before.profiles, self.paths);
            found.probed = probe::run(target, &plan, loaded, paths, self.interrupt)?;
            if let Some(course) = &mut course {
                course.forget_records();
            }
        }
        if let Some(course) = course {
            found.container = Some(course.finish(self.progress)?);
        }
        proof.change = match read_kernel_state(&plan, self.kernel, self.blob) {
            Ok(after) if before != after => Some("the profile was changed".to_owned()),
            Ok(_) if revision != self.kernel.revision() => {
                Some("policy was loaded or removed by somebody else".to_owned())
            }
            Ok(_) => None,
            // What the container showed meanwhile is worth telling.
            Err(_) if found.container.is_some() => Some("the profile was removed".to_owned()),
            Err(refusal) => return Err(refusal),
        };
        Ok((plan, found))
    }

    /// The files that tasks under the profile meet: those of the container that runs, or of this machine,
    /// unless the profile is for containers.
    fn tree(&self, pid: Option<u32>, is_for_container: bool) -> Result<Option<Tree>, Refusal> {
        let root = match pid {
            Some(pid) => self.paths.proc.join(pid.to_string()).join("root"),
            None if is_for_container => return Ok(None),
            None => PathBuf::from("/"),
        };
        let refused =
            |error| Refusal::System("the files cannot be seen that the profile is about", error);
        Tree::open(&root).map(Some).map_err(refused)
    }

    /// The container, started under the profile.
    fn container<'c>(
        &'c self,
        engine: &'c Engine,
        spec: &'c Spec,
        state: &KernelState,
        journal: &Journal,
        installed: &mut Installed,
    ) -> Result<Course<'c>, Refusal> {
        let run = run_name();
        let runtime = Runtime {
            endpoint: spec.endpoint.clone(),
            run: run.clone(),
        };
        let noted = installed.note_runtime(journal, runtime);
        let place = || self.paths.journal.display().to_string();
        noted.map_err(|error| Refusal::Journal(place(), error))?;
        let loaded = state.profiles.iter().find(|one| one.name == spec.profile);
        let mode = loaded.map_or("enforce", |loaded| loaded.mode.as_str());
        let (paths, interrupt) = (self.paths, self.interrupt);
        Course::begin(engine, spec, paths, (run, mode), interrupt, self.progress)
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
