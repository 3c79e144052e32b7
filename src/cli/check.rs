//! `aalint check`.

use std::io::Write;

use anyhow::bail;
use rustc_hash::FxHashMap;

use super::args::Check;
use super::setup::{Setup, standard_input};
use super::{FAILURE, FINDINGS, complaints};
use crate::diagnostic::Severity;
use crate::host::{self, Disk, Preloaded};
use crate::report::{self, Style};
use crate::rules;
use crate::session::{self, Input, InputKind, Options};
use crate::source::Vfs;

pub(super) fn run(arguments: &Check, style: Style, out: &mut dyn Write) -> anyhow::Result<u8> {
    let setup = Setup::new(&arguments.places, &arguments.paths)?;
    let (vfs, inputs) = inputs(arguments, &setup)?;
    let target = arguments
        .target
        .as_deref()
        .map(|text| session::target(&Disk, text).map_err(|error| anyhow::anyhow!(error)));
    let options = Options {
        inputs,
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
        target: target.transpose()?,
    };
    let report = session::check(&vfs, &options, rules::all());
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
    for (path, reason) in &report.failures {
        writeln!(complaints(false), "aalint: {path}: {reason}")?;
    }
    let has_broken_config = report
        .findings
        .iter()
        .any(|finding| finding.rule.name == "invalid-config");
    if !report.failures.is_empty() || has_broken_config {
        return Ok(FAILURE);
    }
    let threshold = match arguments.fail_on.as_deref() {
        Some("never") => return Ok(0),
        Some(name) => Severity::from_name(name),
        None => setup.config.fail_on,
    };
    let threshold = threshold.unwrap_or(Severity::Warning);
    let has_findings = report
        .findings
        .iter()
        .any(|finding| finding.severity >= threshold);
    Ok(if has_findings { FINDINGS } else { 0 })
}

/// The paths around which includes are searched.
fn searched(arguments: &Check) -> Vec<String> {
    let named = arguments.paths.iter().map(|path| match path.as_str() {
        "-" => arguments.stdin_filename.clone(),
        path => path.to_owned(),
    });
    named.collect()
}

fn inputs<'v>(arguments: &Check, setup: &Setup) -> anyhow::Result<(Preloaded<'v>, Vec<Input>)> {
    let mut vfs = Preloaded {
        below: &Disk,
        files: FxHashMap::default(),
    };
    let mut inputs = Vec::new();
    let mut paths = Vec::new();
    for path in &arguments.paths {
        if path == "-" {
            let bytes = standard_input()?;
            let path = arguments.stdin_filename.clone();
            inputs.push(Input {
                path: path.clone(),
                kind: InputKind::Policy,
            });
            vfs.files.insert(path, bytes);
        } else {
            paths.push(path.clone());
        }
    }
    let found = match host::walk(&paths) {
        Ok(found) => found,
        Err((path, why)) => bail!("{path}: {why}"),
    };
    let excluded = setup.excluded()?;
    for file in found {
        let relative = file.path.strip_prefix(&setup.root).unwrap_or(&file.path);
        if excluded.is_match(relative.strip_prefix("./").unwrap_or(relative)) {
            continue;
        }
        let kind = match Disk.read(&file.path) {
            Ok(bytes) => {
                let text = String::from_utf8_lossy(&bytes);
                let kind = session::classify(&file.path, &text);
                // Who names a file wants it checked.
                let kind = kind.or(file.is_named.then_some(InputKind::Policy));
                if kind.is_some() {
                    vfs.files.insert(file.path.clone(), bytes);
                }
                kind
            }
            Err(_) => file.is_named.then_some(InputKind::Policy),
        };
        if let Some(kind) = kind {
            inputs.push(Input {
                path: file.path,
                kind,
            });
        }
    }
    Ok((vfs, inputs))
}
