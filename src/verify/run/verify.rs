//! A run, from the look at the machine to the last undoing.

use std::time::Duration;

use super::install::{How, Installation};
use super::journal::Journal;
use super::live::{Live, TierResults};
use super::reaper::Reaper;
use super::recover::recover;
use super::settings::Settings;
use super::verification::{Proof, Stopped, Verification};
use crate::session::Workspace;
use crate::verify::container::Engine;
use crate::verify::deadline::Stopwatch;
use crate::verify::kernel::sha256;
use crate::verify::{
    Compilation, Environment, Interrupt, Judged, Kernel, Plan, Refusal, SubjectId, Table, judge,
    refine,
};

/// Loads the policy of a plan into the kernel, verifies what the settings name, and takes it out again. Gives the plan
/// with what was asked about the files that are there. The plan is that of `workspace`, `environment` what
/// [`Environment::examine`] found, `compilation` that of the plan's file; `progress` is told what is done.
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
    let stopwatch = Stopwatch::start();
    let paths = &settings.paths;
    let engine = engine(settings, &environment)?;
    let journal = Journal::open(&paths.journal)?;
    let has_recovered = recover(&journal, paths)?;
    let mut reaper = Reaper::start().map_err(no_reaper)?;
    let compiled = compilation.finish(interrupt)?;
    plan.defines_all_of(&compiled.blob)?;
    // From here on somebody cleans up, whatever becomes of this process.
    reaper.wait_until_ready().map_err(no_reaper)?;
    let kernel = Kernel::new(&paths.apparmor);
    let installation = Installation {
        kernel: &kernel,
        journal: &journal,
        plan: &plan,
        blob: &compiled.blob,
    };
    let mut installed = installation.install_policy(settings.may_replace)?;
    let live = Live {
        settings,
        environment: &environment,
        kernel: &kernel,
        journal: &journal,
        blob: &compiled.blob,
        interrupt,
        progress,
    };
    let found = live.verify(plan, engine.as_ref(), &mut installed);
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
        progress(&times(stopwatch.elapsed(), engine.waited() + undone));
    }
    let proof = proof(&found, &compiled.blob, installed.how);
    let verification = Verification {
        tiers: settings.tiers,
        judged: judged(&plan, &found, &proof, settings),
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

/// How long a run took, and how much of that others took.
fn times(all: Duration, waited: Duration) -> String {
    let others = "of them for the engine and for what runs in its containers";
    format!(
        "{:.1} s, {:.1} s {others}",
        all.as_secs_f32(),
        waited.as_secs_f32()
    )
}

fn no_reaper(error: std::io::Error) -> Refusal {
    Refusal::System("no process can be started that cleans up", error)
}

/// The container engine, where one is used.
fn engine(settings: &Settings, environment: &Environment) -> Result<Option<Engine>, Refusal> {
    let spec = settings.container.as_ref();
    let Some(spec) = spec.filter(|_| settings.tiers.container) else {
        return Ok(None);
    };
    let engine = Engine::connect(&spec.endpoint)?;
    engine.examine(environment)?;
    Ok(Some(engine))
}

/// What shows that the kernel decided by the policy.
fn proof(found: &TierResults, blob: &[u8], how: How) -> Proof {
    let profiles = found.state.profiles.iter();
    Proof {
        sha256: sha256(blob),
        kernel_sha256: found.state.sha256.clone(),
        is_same: found.state.is_same,
        modes: profiles.map(|loaded| loaded.mode.clone()).collect(),
        was_loaded: how == How::Found,
        has_replaced: how == How::Replaced,
        change: found.change.clone(),
    }
}

/// The verdicts on answers and probes; none where the kernel was not asked.
fn judged(
    plan: &Plan,
    found: &TierResults,
    proof: &Proof,
    settings: &Settings,
) -> Table<SubjectId, Judged> {
    if !settings.tiers.policy {
        return Table::default();
    }
    let mut judged = judge(plan, &found.answers, &proof.modes);
    refine(
        plan,
        &found.answers,
        &proof.modes,
        &found.probed,
        &mut judged,
    );
    judged
}
