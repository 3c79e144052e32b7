//! `aalint verify`.

use std::io::{Write, stderr};

use anyhow::{Context, bail};

use super::FAILURE;
use super::args::Verify;
use super::setup::Setup;
use crate::config::ConfigFaultKind;
use crate::diagnostic::Severity;
use crate::host::Disk;
use crate::report::{self, Format, Style};
use crate::rules;
use crate::session::{self, CommandLine, Input, InputKind, Options, PromiseError};
use crate::source::{EntryKind, Vfs};
use crate::verify::probe::Target;
use crate::verify::{
    self, Environment, Interrupt, PlanError, Refusal, Result, Settings, Verification,
};

/// Exit code: a promise is broken, or the policy cannot be loaded.
const BROKEN: u8 = 1;
/// Exit code: what is promised is not enforced here.
const NOT_ENFORCED: u8 = 3;
/// Exit code: something is inconclusive.
const INCONCLUSIVE: u8 = 4;
/// Exit code: aalint and the kernel disagree.
const DISAGREEMENT: u8 = 5;
/// Exit code: something is left in the kernel.
const LEFTOVER: u8 = 6;

/// The tiers that there are.
const TIERS: &[&str] = &["a", "b"];

pub(super) fn run(arguments: &Verify, style: Style, out: &mut dyn Write) -> anyhow::Result<u8> {
    if let Some(tier) = arguments
        .tier
        .iter()
        .find(|tier| !TIERS.contains(&tier.as_str()))
    {
        bail!(
            "there is no tier `{tier}`; this aalint has `{}`",
            TIERS.join("`, `")
        );
    }
    let settings = Settings {
        may_replace: arguments.replace,
        probes: arguments
            .tier
            .iter()
            .any(|tier| tier == "b")
            .then(Target::default),
        ..Settings::default()
    };
    if arguments.cleanup {
        return clean(&settings, out);
    }
    // The machine first: it is quick, and whatever it lacks makes the rest idle.
    let environment = match arguments.plan {
        true => Environment::default(),
        false => match Environment::examine(&settings.roots) {
            Ok(environment) => environment,
            Err(refusal) => return refused(&refusal),
        },
    };
    let setup = Setup::new(&arguments.places, std::slice::from_ref(&arguments.path))?;
    let (path, name) = profile(arguments, &setup)?;
    let options = Options {
        inputs: vec![Input {
            path: path.clone(),
            kind: InputKind::Policy,
        }],
        search: setup.search(&arguments.places, std::slice::from_ref(&path))?,
        config: setup.file.clone(),
        intents: arguments.intent.clone(),
        cli: CommandLine {
            select: vec!["AA1".to_owned()],
            ..CommandLine::default()
        },
        ..Options::default()
    };
    if let Some(code) = faulty(&options, style)? {
        return Ok(code);
    }
    let plan = verify::plan(&Disk, &options).map_err(|error| words(&error, &path))?;
    if let Some(name) = &name
        && let Err(refusal) = plan.defines(name)
    {
        return refused(&refusal);
    }
    if arguments.plan {
        report::plan(&plan, &settings, out)?;
        return Ok(0);
    }
    let settings = Settings {
        search: options.search,
        ..settings
    };
    let interrupt = Interrupt::catch().context("catching signals")?;
    match verify::run(&Disk, &plan, environment, &settings, &interrupt) {
        Ok(verification) => {
            report::verification(
                arguments.format,
                &plan,
                &verification,
                arguments.all,
                style,
                out,
            )?;
            Ok(code(&verification))
        }
        Err(stopped) => {
            let code = refused(&stopped.refusal)?;
            if let Some(leftover) = stopped.leftover {
                let left = Refusal::Leftover(leftover.profile, leftover.why);
                return refused(&left).map(|_| LEFTOVER);
            }
            Ok(code)
        }
    }
}

/// The file of the profile, and the name that it should define.
fn profile(arguments: &Verify, setup: &Setup) -> anyhow::Result<(String, Option<String>)> {
    let configured = setup.config.verify.as_ref();
    let wanted = configured.and_then(|verify| verify.name.as_ref());
    let wanted = wanted.map(|name| name.text.clone());
    let configured = configured.map(|verify| setup.path(&verify.profile.text));
    match (Disk.kind(&arguments.path), configured) {
        (None, _) => bail!("{}: no such file or directory", arguments.path),
        (Some(EntryKind::File), Some(path)) if path == arguments.path => Ok((path, wanted)),
        (Some(EntryKind::File), _) => Ok((arguments.path.clone(), None)),
        (Some(EntryKind::Directory), Some(path)) => Ok((path, wanted)),
        (Some(EntryKind::Directory), None) => {
            let place = setup.file.as_ref().map_or_else(
                || format!("there is no aalint.toml in {} or above it", arguments.path),
                |(path, _)| format!("{path} has no `[verify]` with a `profile`"),
            );
            bail!("{place}; name the file of a profile, or write `[verify]`")
        }
    }
}

/// Shows what keeps the policy or the configuration from being used, before anybody else meets it.
fn faulty(options: &Options, style: Style) -> anyhow::Result<Option<u8>> {
    let mut report = session::check(&Disk, options, rules::all());
    if let Some((path, reason)) = report.failures.first() {
        bail!("{path}: {reason}");
    }
    report
        .findings
        .retain(|finding| finding.severity == Severity::Error);
    let Some(first) = report.findings.first() else {
        return Ok(None);
    };
    let is_config = first.rule.name == "invalid-config";
    let mut err = stderr().lock();
    report::write(Format::Human, &report, style, &mut err)?;
    if is_config {
        return Ok(Some(FAILURE));
    }
    writeln!(
        err,
        "aalint: the policy cannot be loaded as it is: nothing was verified"
    )?;
    Ok(Some(BROKEN))
}

fn words(error: &PlanError, path: &str) -> anyhow::Error {
    match error {
        PlanError::NoProfile => anyhow::anyhow!("{path} defines no profile"),
        PlanError::Promises(PromiseError::Unreadable(path, why)) => {
            anyhow::anyhow!("{path}: {why}")
        }
        PlanError::Promises(PromiseError::Intent(unknown)) => {
            let hint = unknown.suggestion.as_ref().map_or_else(
                || "a file of intents is named by its path, which ends in `.intents`".to_owned(),
                |name| format!("did you mean `{name}`?"),
            );
            anyhow::anyhow!("there is no intent `{}`; {hint}", unknown.text)
        }
        PlanError::Promises(PromiseError::Config(fault)) => match &fault.kind {
            ConfigFaultKind::Toml(why) => anyhow::anyhow!("the configuration is no TOML: {why}"),
            _ => anyhow::anyhow!("the configuration is faulty; `aalint check` shows where"),
        },
    }
}

fn refused(refusal: &Refusal) -> anyhow::Result<u8> {
    let mut err = stderr().lock();
    writeln!(err, "aalint: {refusal}")?;
    writeln!(err, "  help: {}", refusal.help())?;
    Ok(refusal.exit_code())
}

fn clean(settings: &Settings, out: &mut dyn Write) -> anyhow::Result<u8> {
    match verify::cleanup(&settings.roots) {
        Ok(true) => writeln!(out, "what an earlier run had left is cleaned up")?,
        Ok(false) => writeln!(out, "no run has left anything")?,
        Err(refusal) => {
            let code = refused(&refusal)?;
            let is_left = matches!(refusal, Refusal::Leftover(..));
            return Ok(if is_left { LEFTOVER } else { code });
        }
    }
    Ok(0)
}

/// The worst thing decides.
fn code(verification: &Verification) -> u8 {
    let worst = verification.judged.iter().map(|judged| judged.result).max();
    let is_unproven = verification.proof.is_same.is_none() || verification.proof.change.is_some();
    match worst {
        Some(Result::Disagreement) => DISAGREEMENT,
        Some(Result::Failed) => BROKEN,
        _ if verification.leftover.is_some() => LEFTOVER,
        Some(Result::NotEnforced) => NOT_ENFORCED,
        Some(Result::Inconclusive) => INCONCLUSIVE,
        _ if is_unproven => INCONCLUSIVE,
        Some(Result::Proved) => 0,
        None => INCONCLUSIVE,
    }
}
