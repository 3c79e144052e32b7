//! `aalint check`.

use std::io::Write;
use std::mem::ManuallyDrop;

use anyhow::bail;
use rustc_hash::FxHashSet;

use super::args::CheckArguments;
use super::discovery::{collect, collect_but};
use super::edits::{self, EditJob};
use super::exit;
use super::images::images;
use super::setup::{Setup, standard_input, target};
use super::stderr::complaints;
use crate::diagnostic::Severity;
use crate::host::{Disk, Within};
use crate::lint::RetiredName;
use crate::report::{self, Style};
use crate::rules;
use crate::session::{self, Collected, Input, InputKind, Options, Report, Workspace};
use crate::source::Snapshot;

pub(super) fn run(
    arguments: &CheckArguments,
    style: Style,
    out: &mut dyn Write,
) -> anyhow::Result<u8> {
    let is_empty = |text: &String| text.split(',').all(|name| name.trim().is_empty());
    if !arguments.select.is_empty() && arguments.select.iter().all(is_empty) {
        bail!(
            "--select names no rule, so nothing would be checked; `aalint rules` lists all rules"
        );
    }
    edits::usage(&arguments.edits)?;
    let setup = Setup::new(&arguments.places, &arguments.paths)?;
    let named = [searched(arguments), arguments.intent.clone()].concat();
    let inside = setup.inside(&arguments.places, &named);
    let disk = Within::new(&Disk, &inside);
    let files = setup.snapshot(&disk);
    let mut collected = inputs(arguments, &files, &setup)?;
    let given = images(&setup, &disk, &arguments.image)?;
    let target = target(&files, arguments.target.as_deref());
    let elsewhere = elsewhere(&setup, &files, &collected)?;
    let options = Options {
        inputs: std::mem::take(&mut collected.inputs),
        found: std::mem::take(&mut collected.found),
        elsewhere: Some(elsewhere),
        images: given.images,
        target: target?,
        ..options(arguments, &setup)?
    };
    let complete = |report: &mut Report| {
        report.notes.extend(given.notes);
        report.collected(&arguments.paths, collected.failures, collected.left_out);
        names(report, style)
    };
    if arguments.edits.are_wanted() {
        let job = EditJob {
            edits: &arguments.edits,
            paths: &arguments.paths,
            stdin: &arguments.stdin_filename,
            setup: &setup,
        };
        let mut fixed = job.fix(&files, &options);
        complete(&mut fixed.report)?;
        let Some(changed) = job.finish(&fixed, &files, out)? else {
            out.flush()?;
            return Ok(exit::FAILURE);
        };
        let mut to: Box<dyn Write + '_> = match (arguments.edits.reports(), job.is_piped()) {
            (false, _) => Box::new(std::io::sink()),
            (true, false) => Box::new(&mut *out),
            // Standard output is the text.
            (true, true) => Box::new(complaints(style.color)),
        };
        let code = written(&fixed.report, arguments, &setup, style, &mut *to)?;
        drop(to);
        out.flush()?;
        return Ok(job.code(code, changed));
    }
    // The process ends soon: to give its memory back piece by piece took 3 % of the time.
    let workspace = ManuallyDrop::new(Workspace::open(files, options));
    let mut report = workspace.check(rules::all());
    complete(&mut report)?;
    written(&report, arguments, &setup, style, out)
}

/// What the command line and the configuration say of how to check.
fn options(arguments: &CheckArguments, setup: &Setup) -> anyhow::Result<Options> {
    Ok(Options {
        search: setup.search(&arguments.places, &searched(arguments))?,
        config: setup.file.clone(),
        cli: session::CommandLine {
            select: arguments.select.clone(),
            extend: arguments.extend_select.clone(),
            ignore: arguments.ignore.clone(),
            pedantic: arguments.pedantic,
            audit: arguments.audit,
        },
        intents: arguments.intent.clone(),
        includes_base: arguments.include_base,
        is_whole_set: arguments.whole_set,
        ..Options::default()
    })
}

/// Writes a report; gives the exit code.
fn written(
    report: &Report,
    arguments: &CheckArguments,
    setup: &Setup,
    style: Style,
    out: &mut dyn Write,
) -> anyhow::Result<u8> {
    let fail_on = match arguments.fail_on.as_deref() {
        Some("never") => None,
        Some(name) => Severity::from_name(name),
        None => Some(setup.config.fail_on.unwrap_or(Severity::Warning)),
    };
    let style = Style {
        quiet: arguments.quiet,
        statistics: arguments.statistics,
        why: arguments.why,
        fail_on,
        ..style
    };
    report::write(arguments.format, report, style, out)?;
    out.flush()?;
    exit::tell(report.failures.iter().cloned());
    Ok(exit::of_check(report, fail_on))
}

/// Refuses names on the command line that nothing has, and tells of those that have been replaced.
fn names(report: &Report, style: Style) -> anyhow::Result<()> {
    if let Some(unknown) = report.unknown.first() {
        let hint = unknown.suggestion.map_or_else(
            || "`aalint rules` lists all rules".to_owned(),
            |name| format!("did you mean `{name}`?"),
        );
        bail!("`{}` names no rule; {hint}", unknown.text);
    }
    if let Some(unknown) = report.unknown_intents.first() {
        bail!("{unknown}");
    }
    for RetiredName { text, now } in &report.retired {
        let mut err = complaints(style.color);
        writeln!(
            err,
            "aalint: `{text}` is now called `{now}`; the old name still works"
        )?;
    }
    Ok(())
}

/// The policy around the files that are checked, where the configuration says something of profiles that
/// may be defined there: below the configuration, and beside the files.
fn elsewhere(
    setup: &Setup,
    files: &Snapshot<'_>,
    collected: &Collected,
) -> anyhow::Result<Vec<String>> {
    let config = &setup.config;
    if config.profiles.is_empty() && config.intents.is_empty() && config.overrides.is_empty() {
        return Ok(Vec::new());
    }
    let here = |path: &str| match path {
        "" => ".".to_owned(),
        path => path.to_owned(),
    };
    let beside = collected.inputs.iter().map(|input| {
        let around = input.path.rsplit_once('/');
        here(around.map_or("", |(directory, _)| directory))
    });
    let mut places: Vec<String> = beside
        .chain([here(setup.root.trim_end_matches('/'))])
        .collect();
    places.sort();
    places.dedup();
    let plain = |path: &str| path.trim_start_matches("./").to_owned();
    let inputs = collected.inputs.iter().map(|input| &input.path);
    let known = inputs.chain(&collected.looked_at);
    let known: FxHashSet<String> = known.map(|path| plain(path)).collect();
    let is_known = |path: &str| known.contains(&plain(path));
    Ok(collect_but(files, &places, setup, &is_known)?.policy())
}

/// The paths around which includes are searched.
fn searched(arguments: &CheckArguments) -> Vec<String> {
    let named = arguments.paths.iter().map(|path| match path.as_str() {
        "-" => arguments.stdin_filename.clone(),
        path => path.to_owned(),
    });
    named.collect()
}

fn inputs(
    arguments: &CheckArguments,
    files: &Snapshot<'_>,
    setup: &Setup,
) -> anyhow::Result<Collected> {
    let paths: Vec<String> = arguments
        .paths
        .iter()
        .filter(|path| *path != "-")
        .cloned()
        .collect();
    let mut collected = collect(files, &paths, setup)?;
    if paths.len() < arguments.paths.len() {
        let path = arguments.stdin_filename.clone();
        files.insert(&path, standard_input()?);
        let kind = InputKind::Policy;
        collected.inputs.insert(0, Input { path, kind });
    }
    Ok(collected)
}
