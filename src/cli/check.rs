//! `aalint check`.

use std::io::Write;

use anyhow::bail;
use rustc_hash::FxHashSet;

use super::args::Check;
use super::collect::collect;
use super::exit;
use super::setup::{Setup, standard_input, target};
use crate::diagnostic::Severity;
use crate::host::{Disk, Preloaded, Within};
use crate::report::{self, Style};
use crate::rules;
use crate::session::{self, Collected, Input, InputKind, Options};

pub(super) fn run(arguments: &Check, style: Style, out: &mut dyn Write) -> anyhow::Result<u8> {
    let is_empty = |text: &String| text.split(',').all(|name| name.trim().is_empty());
    if !arguments.select.is_empty() && arguments.select.iter().all(is_empty) {
        bail!(
            "--select names no rule, so nothing would be checked; `aalint rules` lists all rules"
        );
    }
    let setup = Setup::new(&arguments.places, &arguments.paths)?;
    let (vfs, mut collected) = inputs(arguments, &setup)?;
    let target = target(arguments.target.as_deref());
    let elsewhere = elsewhere(&setup, &collected)?;
    let named = [searched(arguments), arguments.intent.clone()].concat();
    let inside = setup.inside(&arguments.places, &named);
    let options = Options {
        inputs: std::mem::take(&mut collected.inputs),
        found: std::mem::take(&mut collected.found),
        elsewhere: Some(elsewhere),
        search: setup.search(&arguments.places, &searched(arguments))?,
        config: setup.file,
        cli: session::CommandLine {
            select: arguments.select.clone(),
            extend: arguments.extend_select.clone(),
            ignore: arguments.ignore.clone(),
            pedantic: arguments.pedantic,
            audit: arguments.audit,
        },
        intents: arguments.intent.clone(),
        is_whole_set: arguments.whole_set,
        target: target?,
    };
    let mut report = session::check(&Within::new(&vfs, &inside), &options, rules::all());
    report.collected(&arguments.paths, collected.failures, collected.left_out);
    if let Some(unknown) = report.unknown.first() {
        let hint = unknown.suggestion.map_or_else(
            || "`aalint rules` lists all rules".to_owned(),
            |name| format!("did you mean `{name}`?"),
        );
        bail!("`{}` names no rule; {hint}", unknown.text);
    }
    if let Some(unknown) = report.unknown_intents.first() {
        let hint = unknown.suggestion.as_ref().map_or_else(
            || "a file of intents is named by its path, which ends in `.intents`".to_owned(),
            |name| format!("did you mean `{name}`?"),
        );
        bail!("there is no intent `{}`; {hint}", unknown.text);
    }
    let style = Style {
        quiet: arguments.quiet,
        statistics: arguments.statistics,
        ..style
    };
    report::write(arguments.format, &report, style, out)?;
    out.flush()?;
    exit::tell(report.failures.iter().cloned());
    let threshold = match arguments.fail_on.as_deref() {
        Some("never") => None,
        Some(name) => Severity::from_name(name),
        None => Some(setup.config.fail_on.unwrap_or(Severity::Warning)),
    };
    Ok(exit::of_check(&report, threshold))
}

/// The policy around the files that are checked, where the configuration says something of profiles that
/// may be defined there: below the configuration, and beside the files.
fn elsewhere(setup: &Setup, collected: &Collected) -> anyhow::Result<Vec<String>> {
    let config = &setup.config;
    if config.profiles.is_empty() && config.intents.is_empty() {
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
    let known: FxHashSet<String> = collected
        .inputs
        .iter()
        .map(|input| plain(&input.path))
        .collect();
    let mut paths = collect(&places, setup)?.policy();
    paths.retain(|path| !known.contains(&plain(path)));
    Ok(paths)
}

/// The paths around which includes are searched.
fn searched(arguments: &Check) -> Vec<String> {
    let named = arguments.paths.iter().map(|path| match path.as_str() {
        "-" => arguments.stdin_filename.clone(),
        path => path.to_owned(),
    });
    named.collect()
}

fn inputs<'v>(arguments: &Check, setup: &Setup) -> anyhow::Result<(Preloaded<'v>, Collected)> {
    let paths: Vec<String> = arguments
        .paths
        .iter()
        .filter(|path| *path != "-")
        .cloned()
        .collect();
    let mut collected = collect(&paths, setup)?;
    let mut vfs = Preloaded {
        below: &Disk,
        files: std::mem::take(&mut collected.files),
    };
    if paths.len() < arguments.paths.len() {
        let path = arguments.stdin_filename.clone();
        vfs.files.insert(path.clone(), standard_input()?);
        let kind = InputKind::Policy;
        collected.inputs.insert(0, Input { path, kind });
    }
    Ok((vfs, collected))
}
