//! `aalint check`.

use std::io::{Read, Write};

use anyhow::{Context, bail};
use rustc_hash::FxHashMap;

use super::args::Check;
use super::{FAILURE, FINDINGS};
use crate::config::Config;
use crate::diagnostic::Severity;
use crate::host::{self, Disk, Preloaded};
use crate::policy::Search;
use crate::report::{self, Style};
use crate::rules;
use crate::session::{self, Input, InputKind, Options};
use crate::source::{EntryKind, MAX_FILE_BYTES, Vfs};

/// Where AppArmor's policy lies on a Linux system.
const DEFAULT_BASE: &str = "/etc/apparmor.d";

pub(super) fn run(arguments: &Check, style: Style, out: &mut dyn Write) -> anyhow::Result<u8> {
    let config = config_text(arguments)?;
    let parsed = config
        .as_ref()
        .map(|(_, text)| crate::config::read(text).0)
        .unwrap_or_default();
    let root = config
        .as_ref()
        .and_then(|(path, _)| path.rsplit_once('/'))
        .map(|(root, _)| format!("{root}/"));
    let root = root.unwrap_or_default();
    let (vfs, inputs) = inputs(arguments, &parsed, &root)?;
    let target = arguments
        .target
        .as_deref()
        .map(|text| session::target(&Disk, text).map_err(|error| anyhow::anyhow!(error)));
    let paths: Vec<String> = arguments
        .paths
        .iter()
        .map(|path| match path.as_str() {
            "-" => arguments.stdin_filename.clone(),
            path => path.to_owned(),
        })
        .collect();
    let places = Places {
        paths: &paths,
        base: arguments.base.as_deref(),
        include: &arguments.include,
    };
    let options = Options {
        inputs,
        search: search(&places, &parsed, &root)?,
        config,
        cli: session::CommandLine {
            select: arguments.select.clone(),
            extend: arguments.extend_select.clone(),
            ignore: arguments.ignore.clone(),
            pedantic: arguments.pedantic,
            audit: arguments.audit,
        },
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
    let style = Style {
        quiet: arguments.quiet,
        statistics: arguments.statistics,
        ..style
    };
    report::write(arguments.format, &report, style, out)?;
    out.flush()?;
    for (path, reason) in &report.failures {
        writeln!(std::io::stderr(), "aalint: {path}: {reason}")?;
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
        None => parsed.fail_on,
    };
    let threshold = threshold.unwrap_or(Severity::Warning);
    let has_findings = report
        .findings
        .iter()
        .any(|finding| finding.severity >= threshold);
    Ok(if has_findings { FINDINGS } else { 0 })
}

fn config_text(arguments: &Check) -> anyhow::Result<Option<(String, String)>> {
    if arguments.isolated {
        return Ok(None);
    }
    let path = match &arguments.config {
        Some(path) => Some(path.clone()),
        None => {
            let first = arguments
                .paths
                .first()
                .map(String::as_str)
                .filter(|path| *path != "-")
                .unwrap_or(".");
            host::find_config(first)
        }
    };
    let Some(path) = path else { return Ok(None) };
    let bytes = Disk
        .read(&path)
        .with_context(|| format!("reading the configuration {path}"))?;
    let text =
        String::from_utf8(bytes).with_context(|| format!("reading the configuration {path}"))?;
    Ok(Some((path, text)))
}

/// Where the files lie and their includes are searched, as the command line says.
#[derive(Copy, Clone, Debug)]
pub(super) struct Places<'a> {
    /// The files and directories.
    pub(super) paths: &'a [String],
    /// `--base`
    pub(super) base: Option<&'a str>,
    /// `--include`
    pub(super) include: &'a [String],
}

pub(super) fn search(places: &Places<'_>, config: &Config, root: &str) -> anyhow::Result<Search> {
    let mut directories = Vec::new();
    let configured = config.base.as_ref().map(|base| joined(root, &base.text));
    match places.base.map(str::to_owned).or(configured) {
        Some(base) => directories.push(base),
        None => directories = bases(places.paths),
    }
    let has_no_base = !directories.iter().any(|base| is_base(base))
        && places.base.is_none()
        && config.base.is_none();
    directories.extend(places.include.iter().cloned());
    directories.extend(
        config
            .include
            .iter()
            .map(|directory| joined(root, &directory.text)),
    );
    for directory in &directories {
        if Disk.kind(directory) != Some(EntryKind::Directory) {
            bail!("{directory} is not a directory: includes cannot be searched there");
        }
    }
    Ok(Search {
        directories,
        has_no_base,
    })
}

/// Where nobody names a base directory: the tree that the files lie in, and, unless that is a whole
/// base, the one of this machine. In this order, since what is installed may be an older copy.
fn bases(paths: &[String]) -> Vec<String> {
    let mut bases = host::policy_trees(paths);
    if !bases.iter().any(|base| is_base(base)) && is_base(DEFAULT_BASE) {
        bases.push(DEFAULT_BASE.to_owned());
    }
    bases
}

fn is_base(directory: &str) -> bool {
    Disk.kind(&format!("{directory}/tunables/global")).is_some()
}

fn joined(root: &str, path: &str) -> String {
    if path.starts_with('/') {
        path.to_owned()
    } else {
        format!("{root}{path}")
    }
}

fn inputs<'v>(
    arguments: &Check,
    config: &Config,
    root: &str,
) -> anyhow::Result<(Preloaded<'v>, Vec<Input>)> {
    let mut vfs = Preloaded {
        below: &Disk,
        files: FxHashMap::default(),
    };
    let mut inputs = Vec::new();
    let mut paths = Vec::new();
    for path in &arguments.paths {
        if path == "-" {
            let limit = MAX_FILE_BYTES as u64 + 1;
            let mut bytes = Vec::new();
            std::io::stdin()
                .lock()
                .take(limit)
                .read_to_end(&mut bytes)
                .context("reading standard input")?;
            if bytes.len() > MAX_FILE_BYTES {
                bail!("standard input is too large: aalint reads up to {MAX_FILE_BYTES} bytes");
            }
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
    let mut excluded = globset::GlobSetBuilder::new();
    for pattern in &config.exclude {
        excluded.add(globset::Glob::new(&pattern.text)?);
    }
    let excluded = excluded.build()?;
    for file in found {
        let relative = file.path.strip_prefix(root).unwrap_or(&file.path);
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
