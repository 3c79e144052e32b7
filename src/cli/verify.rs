//! `aalint verify`.

use std::io::Write;
use std::path::Path;

use anyhow::{Context, bail};

use super::args::Verify;
use super::complaints;
use super::container::{endpoint, spec_of};
use super::exit;
use super::obeyed::{self, Obeyed, stranger_to, untrusted};
use super::setup::Setup;
use crate::config::{ConfigFaultKind, Reach, Verify as Configured};
use crate::diagnostic::Severity;
use crate::host::{Disk, Owners, Survey, WholeFile, Within};
use crate::report::{self, Format, Style, VerifyFormat};
use crate::rules;
use crate::session::{
    CommandLine, Input, InputKind, Loads, Options, PromiseError, Veil, Workspace,
};
use crate::source::{EntryKind, Snapshot, Source, SourceMap, Vfs};
use crate::verify::{
    self, Compilation, Environment, Interrupt, PlanError, Refusal, Settings, Tiers,
};

/// What is shown where nothing was verified and that is to pass.
const SKIPPED: &str = "\
==================================================================
  SKIPPED: nothing was verified on this machine.
  The exit code is 0 because of --allow-skip, and proves nothing.
==================================================================";

/// The tiers that there are, and what they are called.
const TIERS: &[&str] = &["a", "b", "c"];

/// Where what came of it is written, each with its format.
type Outputs<'o> = Vec<(VerifyFormat, Style, &'o mut dyn Write)>;

pub(super) fn run(arguments: &Verify, style: Style, out: &mut dyn Write) -> anyhow::Result<u8> {
    if arguments.audit {
        return super::audit::run(arguments, style, out);
    }
    // Files first: a bad place is found before anything is done.
    let main = arguments.output.iter();
    let main = main.map(|path| (arguments.format, path));
    let besides = arguments.report.iter();
    let besides = besides.map(|(format, path)| (*format, path));
    let mut files = Vec::new();
    for (format, path) in main.chain(besides) {
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
    arguments: &Verify,
    style: Style,
    mut outputs: Outputs<'_>,
) -> anyhow::Result<u8> {
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
        ..Settings::default()
    };
    if arguments.cleanup {
        return clean(&settings, &mut outputs);
    }
    let obeyed = Obeyed::find(arguments)?;
    obeyed.tell_others()?;
    let setup = &obeyed.setup;
    let (path, configured) = profile(arguments, setup)?;
    let container = configured.and_then(|verify| verify.container.as_ref());
    let tiers = tiers(arguments, container.is_some())?;
    let container = container.filter(|_| tiers.container);
    let mut reach = match configured {
        Some(_) => obeyed.reach(container.is_some()),
        None => Vec::new(),
    };
    let mut stranger = obeyed.stranger(container).filter(|_| !reach.is_empty());
    let may_reach = arguments.plan || arguments.trust;
    // Before anything is done that a stranger asks for.
    if let Some(foreign) = stranger.as_ref().filter(|_| !may_reach) {
        return Ok(untrusted(&reach, foreign)?);
    }
    // The machine next: it is quick, and whatever it lacks makes the rest idle.
    let environment = match arguments.plan {
        true => Environment::default(),
        false => match Environment::examine(&settings.roots) {
            Ok(environment) => environment,
            Err(refusal) => return turned_away(arguments, &refusal, outputs),
        },
    };
    obeyed.tell()?;
    // Before anything that takes long.
    if let Some(container) = container.filter(|_| !arguments.plan)
        && let Err(refusal) = verify::container::examine(&endpoint(container)?, &environment)
    {
        return turned_away(arguments, &refusal, outputs);
    }
    let options = Options {
        inputs: vec![Input {
            path: path.clone(),
            kind: InputKind::Policy,
        }],
        search: setup.search(&arguments.places, std::slice::from_ref(&path))?,
        config: setup.file.clone(),
        intents: arguments.intent.clone(),
        pledged_by: rules::all(),
        loads: Loads::All,
        ..Options::default()
    };
    // Whatever becomes of the files: what is judged is what is compiled.
    let named = [vec![arguments.path.clone()], arguments.intent.clone()].concat();
    let mut inside = setup.inside(&arguments.places, &named);
    obeyed.add_named(arguments, &mut inside);
    let disk = Within::new(&Disk, &inside);
    let workspace = Workspace::open(Snapshot::new(&disk), options);
    if let Some(code) = faulty(&workspace, tiers, style)? {
        return Ok(code);
    }
    if let Some(code) = leads_out(&workspace, obeyed.is_own(arguments))? {
        return Ok(code);
    }
    let interrupt = match arguments.plan {
        true => Interrupt::default(),
        false => Interrupt::catch().context("catching signals")?,
    };
    // Beside what aalint itself makes of the policy.
    let machine = (&environment, &settings.roots);
    let search = &workspace.options().search;
    let compilation =
        (!arguments.plan).then(|| Compilation::begin(machine, &path, search, workspace.files()));
    let mut plan = verify::plan(&workspace).map_err(|error| words(&error, &path))?;
    if let Err(refusal) = plan.can_be_loaded().and_then(|()| only_own_includes(&plan)) {
        return refused(&refusal);
    }
    let attached = attached(&plan);
    if !attached.is_empty() {
        stranger = stranger.or_else(|| stranger_to(&path));
        reach.extend(attached);
    }
    if let Some(foreign) = stranger.as_ref().filter(|_| !may_reach) {
        return Ok(untrusted(&reach, foreign)?);
    }
    if !arguments.plan {
        obeyed::tell(&reach)?;
    }
    let name = configured.and_then(|verify| verify.name.as_ref());
    if let Some(name) = name
        && let Err(refusal) = plan.defines(&name.text)
    {
        return refused(&refusal);
    }
    let first = plan.profiles.first().map(|profile| profile.name.clone());
    let name = name.map(|name| name.text.clone()).or(first);
    let name = name.unwrap_or_default();
    let is_for_container = setup.config.profile_kind(&name) == Some(true);
    let spec = container.map(|container| spec_of(container, name, setup));
    let spec = spec.transpose()?;
    let settings = Settings {
        tiers,
        container: spec,
        is_for_container,
        configuration: obeyed.path().map(str::to_owned),
        reach,
        stranger,
        ..settings
    };
    let Some(compilation) = compilation else {
        for (_, _, out) in outputs {
            report::plan(&plan, &settings, out)?;
        }
        return Ok(exit::CLEAN);
    };
    let compilation = match compilation {
        Ok(compilation) => compilation,
        Err(refusal) => return turned_away(arguments, &refusal, outputs),
    };
    let progress = |step: &str| {
        // Whoever does not read it loses nothing.
        let _ = writeln!(complaints(false), "aalint: {}", step.trim_end());
    };
    match verify::run(
        &workspace,
        &mut plan,
        (environment, compilation),
        &settings,
        &interrupt,
        &progress,
    ) {
        Ok(verification) => {
            for (format, style, out) in outputs {
                report::verification(format, &plan, &verification, arguments.all, style, out)?;
            }
            Ok(exit::of_verification(&verification))
        }
        Err(stopped) => {
            let Some(leftover) = stopped.leftover else {
                return turned_away(arguments, &stopped.refusal, outputs);
            };
            refused(&stopped.refusal)?;
            let left = Refusal::Leftover(leftover.what, leftover.why);
            refused(&left).map(|_| exit::LEFTOVER)
        }
    }
}

/// The file of the profile, and what `[verify]` says of it.
fn profile<'s>(
    arguments: &Verify,
    setup: &'s Setup,
) -> anyhow::Result<(String, Option<&'s Configured>)> {
    let configured = setup.config.verify.as_ref();
    let path = configured.map(|verify| setup.path(&verify.profile.text));
    match (Disk.kind(&arguments.path), path) {
        (None, _) => bail!("{}: no such file or directory", arguments.path),
        (Some(EntryKind::File), Some(path)) if path == arguments.path => Ok((path, configured)),
        (Some(EntryKind::File), _) => Ok((arguments.path.clone(), None)),
        (Some(EntryKind::Directory), Some(path)) => Ok((path, configured)),
        (Some(EntryKind::Directory), None) => {
            let place = setup.file.as_ref().map_or_else(
                || format!("there is no aalint.toml in {} or above it", arguments.path),
                |file| format!("{} has no `[verify]` with a `profile`", file.path),
            );
            bail!("{place}; name the file of a profile, or write `[verify]`")
        }
    }
}

/// The tiers to verify: those that were asked for, or all that are possible.
fn tiers(arguments: &Verify, has_container: bool) -> anyhow::Result<Tiers> {
    if arguments.tier.is_empty() {
        return Ok(Tiers {
            container: has_container,
            ..Tiers::default()
        });
    }
    let has = |name: &str| arguments.tier.iter().any(|tier| tier == name);
    if has("c") && !has_container {
        bail!(
            "tier `c` needs a container: `[verify]` in aalint.toml must have `image` or `build`, and `port`"
        );
    }
    Ok(Tiers {
        policy: has("a") || has("b"),
        probes: has("b"),
        container: has("c"),
    })
}

/// The rules whose findings keep a policy from being verified: what cannot be loaded, promises that cannot
/// be read, and for a container what nobody could stop.
fn faults(tiers: Tiers) -> Vec<String> {
    let mut rules = vec!["AA1".to_owned(), "invalid-intent".to_owned()];
    if tiers.container {
        rules.push("container-signals".to_owned());
    }
    rules
}

/// Shows what keeps the policy or the configuration from being used, before anybody else meets it.
fn faulty(workspace: &Workspace<'_>, tiers: Tiers, style: Style) -> anyhow::Result<Option<u8>> {
    let choice = CommandLine {
        select: faults(tiers),
        ..CommandLine::default()
    };
    let mut report = workspace.check_selected(&choice, rules::all());
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
    let mut err = complaints(style.color);
    report::write(Format::Human, &report, style, &mut err)?;
    if is_config {
        return Ok(Some(exit::FAILURE));
    }
    let (why, code) = match first.rule.name {
        "container-signals" => ("nobody could stop its container", exit::FINDINGS),
        "invalid-intent" => ("a promise cannot be read", exit::FAILURE),
        _ => ("the policy cannot be loaded as it is", exit::FINDINGS),
    };
    writeln!(err, "aalint: {why}: nothing was verified")?;
    Ok(Some(code))
}

/// Refuses policy with a file outside where somebody else may have made the way there, or where its profiles are
/// named there: names and what the kernel answers are shown.
fn leads_out(workspace: &Workspace<'_>, is_own: bool) -> anyhow::Result<Option<u8>> {
    let snapshot = workspace.files();
    let files = snapshot.files();
    let Some((outside, _)) = files.iter().find(|(path, _)| snapshot.is_outside(path)) else {
        return Ok(None);
    };
    let is_own = is_own && files.iter().all(|(path, _)| stranger_to(path).is_none());
    if let Ok(plan) = verify::plan(workspace) {
        // Of somebody else's there is more to say.
        if let Err(refusal) = only_own_includes(&plan) {
            return refused(&refusal).map(Some);
        }
        let mut sources = SourceMap::default();
        for (path, bytes) in &files {
            let mut source = Source::new(path.clone(), bytes.clone());
            source.is_outside = snapshot.is_outside(path);
            sources.add(source);
        }
        let veil = Veil::over(&[&sources], None);
        let is_over = |text: &str| veil.as_ref().is_some_and(|veil| veil.is_over(text));
        let mut profiles = plan.profiles.iter();
        let is_named_there = profiles.any(|profile| {
            is_over(&profile.name) || profile.attachment.as_deref().is_some_and(is_over)
        });
        if is_own && !is_named_there {
            return Ok(None);
        }
    }
    bail!(
        "{outside} leads out of the policy that is verified: its text may not be for everybody; `-I` names a \
         directory whose text is, and `--trust` takes what the configuration names"
    );
}

/// What profiles do to programs of this machine that they attach to.
fn attached(plan: &verify::Plan) -> Vec<Reach> {
    let outer = plan.profiles.iter().filter(|profile| !profile.is_child);
    let attached = outer.filter_map(|profile| {
        let pattern = profile.attachment.as_ref()?;
        let name = &profile.name;
        Some(Reach {
            key: "attachment",
            what: format!(
                "programs of this machine at {pattern} that start meanwhile are under `{name}`"
            ),
        })
    });
    attached.collect()
}

/// Whether nobody else may exchange what the policy includes by an absolute path: the parser reads that itself.
fn only_own_includes(plan: &verify::Plan) -> Result<(), Refusal> {
    for path in &plan.absolute_includes {
        // What is not there is included by nobody, or the parser says so.
        let Ok(survey) = Survey::of(Path::new(path), &Owners::caller()) else {
            continue;
        };
        if let Some(foreign) = survey.foreign {
            return Err(Refusal::ForeignInclude(path.clone(), foreign.to_string()));
        }
    }
    Ok(())
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

/// Says why nothing was verified; where the machine cannot and that may pass, so that nobody overlooks it.
fn turned_away(arguments: &Verify, refusal: &Refusal, outputs: Outputs<'_>) -> anyhow::Result<u8> {
    let code = refused(refusal)?;
    if !arguments.allow_skip || !refusal.is_of_machine() {
        return Ok(code);
    }
    let mut err = complaints(false);
    writeln!(err, "{SKIPPED}")?;
    for (format, _, out) in outputs {
        report::skipped(format, refusal, out)?;
    }
    Ok(exit::CLEAN)
}

pub(super) fn refused(refusal: &Refusal) -> anyhow::Result<u8> {
    let mut err = complaints(false);
    writeln!(err, "aalint: {refusal}")?;
    writeln!(err, "  help: {}", refusal.help())?;
    Ok(exit::of_refusal(refusal))
}

/// The process that waits for a run's death.
pub(super) fn reap() -> anyhow::Result<u8> {
    match verify::reap(&verify::Roots::default()) {
        Ok(()) => Ok(exit::CLEAN),
        Err(refusal) => refused(&refusal),
    }
}

fn clean(settings: &Settings, outputs: &mut Outputs<'_>) -> anyhow::Result<u8> {
    let said = match verify::cleanup(&settings.roots) {
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
