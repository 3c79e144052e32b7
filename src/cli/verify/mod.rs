//! `aalint verify`.

mod audit;
mod container;
mod docker_context;
mod end;
mod intended;
mod obeyed;
mod policy;

use std::io::Write;

use anyhow::Context;

pub(super) use audit::audit;
pub(super) use container::local_endpoint;

use super::args::VerifyArguments;
use super::exit;
use super::stderr::complaints;
use crate::host::{Disk, WholeFile, Within};
use crate::report::{self, Style};
use crate::session::Workspace;
use crate::source::Snapshot;
use crate::verify::{self, Compilation, Interrupt, Plan, Refusal, Settings, Stopped};
use end::{End, Outputs, refused};
use intended::{Intended, check_tiers};
use obeyed::Obeyed;
use policy::{faulty, leads_out, planned};

pub(super) fn run(
    arguments: &VerifyArguments,
    style: Style,
    out: &mut dyn Write,
) -> anyhow::Result<u8> {
    if arguments.audit {
        return audit::run(arguments, style, out);
    }
    // Files first: a bad place is found before anything is done.
    let main = arguments.output.iter();
    let main = main.map(|path| (arguments.format, path));
    let others = arguments.report.iter();
    let others = others.map(|(format, path)| (*format, path));
    let mut files = Vec::new();
    for (format, path) in main.chain(others) {
        let context = || format!("writing {path}");
        files.push((format, path, WholeFile::begin(path).with_context(context)?));
    }
    let plain = Style {
        color: false,
        ..style
    };
    let mut outputs: Outputs<'_> = Vec::new();
    if arguments.output.is_none() {
        outputs.push((arguments.format, style, out));
    }
    for (format, _, file) in &mut files {
        outputs.push((*format, plain, file));
    }
    let code = verify_or_tell(arguments, style, outputs)?;
    for (_, path, file) in files {
        let context = || format!("writing {path}");
        file.finish().with_context(context)?;
    }
    Ok(code)
}

fn verify_or_tell(
    arguments: &VerifyArguments,
    style: Style,
    mut outputs: Outputs<'_>,
) -> anyhow::Result<u8> {
    check_tiers(arguments)?;
    let settings = Settings {
        may_replace: arguments.replace,
        ..Settings::default()
    };
    if arguments.cleanup {
        return clean(&settings, &mut outputs);
    }
    let result = verify_policy(arguments, style, settings, &mut outputs);
    result.or_else(|end| end.tell(arguments, outputs))
}

/// Verifies what the command line and the configuration ask for, or shows the plan with `--plan`. Gives the exit code.
fn verify_policy(
    arguments: &VerifyArguments,
    style: Style,
    settings: Settings,
    outputs: &mut Outputs<'_>,
) -> Result<u8, End> {
    let obeyed = Obeyed::find(&arguments.places, &arguments.path)?;
    obeyed.tell_others()?;
    let mut intended = Intended::of(arguments, &obeyed)?;
    // Before anything is done that a stranger asks for.
    intended.is_trusted()?;
    let environment = intended.machine(&settings.paths)?;
    // Whatever becomes of the files: what is judged is what is compiled.
    let inside = intended.inside();
    let disk = Within::new(&Disk, &inside);
    let workspace = Workspace::open(Snapshot::new(&disk), intended.options(&disk)?);
    faulty(&workspace, intended.tiers, style)?;
    leads_out(&workspace, obeyed.is_own(arguments))?;
    let interrupt = match arguments.plan {
        true => Interrupt::default(),
        false => Interrupt::catch().context("catching signals")?,
    };
    // Beside what aalint itself makes of the policy.
    let machine = (&environment, &settings.paths);
    let (path, search) = (&intended.path, &workspace.options().search);
    let compilation =
        (!arguments.plan).then(|| Compilation::begin(machine, path, search, workspace.files()));
    let plan = planned(&workspace)?;
    intended.add_attached(&plan)?;
    let settings = intended.settings(settings, &plan)?;
    let Some(compilation) = compilation else {
        let plan = with_image(plan, &workspace);
        for (_, _, out) in outputs {
            report::plan(&plan, &settings, out)?;
        }
        return Ok(exit::CLEAN);
    };
    let compilation = compilation.map_err(End::TurnedAway)?;
    let progress = |step: &str| {
        // Progress is no result: it does not matter if nobody can read it.
        let _ = writeln!(complaints(false), "aalint: {}", step.trim_end());
    };
    let found = verify::run(
        &workspace,
        plan,
        (environment, compilation),
        &settings,
        &interrupt,
        &progress,
    );
    let (plan, verification) = found.map_err(stopped)?;
    for (format, style, out) in outputs {
        report::verification(*format, &plan, &verification, arguments.all, *style, out)?;
    }
    Ok(exit::of_verification(&verification))
}

/// The plan with the files of the image that its profiles run in, where one container is known that does.
fn with_image(plan: Plan, workspace: &Workspace<'_>) -> Plan {
    let names = plan.profiles.iter().map(|profile| profile.name.as_str());
    let views: Vec<_> = names
        .flat_map(|name| workspace.containers_of(name))
        .collect();
    match views.as_slice() {
        [view] => match view.image.trees.first() {
            Some(tree) => plan.with_image(&view.who, tree),
            None => plan,
        },
        _ => plan,
    }
}

/// Why a run has no result, and what it leaves.
fn stopped(stopped: Stopped) -> End {
    let Some(leftover) = stopped.leftover else {
        return End::TurnedAway(stopped.refusal);
    };
    let left = Refusal::Leftover(leftover);
    match refused(&stopped.refusal).and_then(|_| refused(&left)) {
        Ok(_) => End::Told(exit::LEFTOVER),
        Err(error) => End::Failed(error),
    }
}

/// The process that waits for a run's death.
pub(super) fn reap() -> anyhow::Result<u8> {
    match verify::reap(&verify::SystemPaths::default()) {
        Ok(()) => Ok(exit::CLEAN),
        Err(refusal) => refused(&refusal),
    }
}

fn clean(settings: &Settings, outputs: &mut Outputs<'_>) -> anyhow::Result<u8> {
    let said = match verify::cleanup(&settings.paths) {
        Ok(true) => "what an earlier run had left is cleaned up",
        Ok(false) => "no run has left anything",
        Err(refusal) => {
            let code = refused(&refusal)?;
            let is_left = matches!(refusal, Refusal::Leftover(..));
            return Ok(if is_left { exit::LEFTOVER } else { code });
        }
    };
    for (_, _, out) in outputs {
        writeln!(out, "{said}")?;
    }
    Ok(exit::CLEAN)
}
