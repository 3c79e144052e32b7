//! `aalint check`.

use std::io::Write;
use std::mem::ManuallyDrop;

use anyhow::bail;
use rustc_hash::FxHashSet;

use super::args::CheckArguments;
use super::discovery::{collect, collect_but};
use super::edits::{self, Job};
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
        search: setup.search(&arguments.places, &searched(arguments))?,
        config: setup.file.clone(),
        cli: session::CommandLine {
            select: arguments.select.clone(),
            extend: arguments.extend_select.clone(),
            ignore: arguments.ignore.clone(),
            pedantic: arguments.pedantic,
            audit: arguments.audit,
        },
        images: given.images,
        intents: arguments.intent.clone(),
        includes_base: arguments.include_base,
        is_whole_set: arguments.whole_set,
        target: target?,
        ..Options::default()
    };
    let job = Job {
        edits: &arguments.edits,
        paths: &arguments.paths,
        stdin: &arguments.stdin_filename,
        setup: &setup,
    };
    let (mut report, fixed) = if arguments.edits.are_wanted() {
        let mut fixed = job.fix(&files, &options);
        (std::mem::take(&mut fixed.report), Some((fixed, files)))
    } else {
        // The process ends soon: to give its memory back piece by piece took 3 % of the time.
        let workspace = ManuallyDrop::new(Workspace::open(files, options));
        (workspace.check(rules::all()), None)
    };
    report.notes.extend(given.notes);
    report.collected(&arguments.paths, collected.failures, collected.left_out);
    names(&report, style)?;
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
    let changed = match &fixed {
        Some((fixed, files)) => job.finish(fixed, files, out)?,
        None => Some(0),
    };
    let Some(changed) = changed else {
        out.flush()?;
        return Ok(exit::FAILURE);
    };
    if fixed.is_none() || arguments.edits.reports() && !job.is_piped() {
        report::write(arguments.format, &report, style, out)?;
    } else if arguments.edits.reports() {
        // Standard output is the text.
        report::write(
            arguments.format,
            &report,
            style,
            &mut complaints(style.color),
        )?;
    }
    out.flush()?;
    exit::tell(report.failures.iter().cloned());
    let code = exit::of_check(&report, fail_on);
    Ok(job.code(code, changed))
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
