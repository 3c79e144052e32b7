//! `aalint audit`: the records of a log, explained by policy. Reading a log asks nothing of a kernel.

mod listener;
mod log;

use std::io::Write;

use anyhow::{anyhow, bail};

use super::args::AuditArguments;
use super::discovery::collect;
use super::exit;
use super::setup::{DEFAULT_BASE, Setup, target};
use crate::audit::{Explainer, Groups};
use crate::host::{self, Disk, InsidePaths, Within};
use crate::report::Style;
use crate::session::{Loads, Options, Policy, Veil, Workspace};
use crate::source::{EntryKind, Snapshot, Vfs};
use listener::{LineCounts, Shows};
use log::{LogSource, OpenLog, tell_input};

pub(in crate::cli) use listener::LogListener;

/// Shows records while they are made; gives the exit code.
pub(super) type Watching<'w> =
    &'w mut dyn FnMut(&mut LogListener<'_, '_>, &mut dyn Write) -> anyhow::Result<u8>;

/// What a run works with.
pub(super) struct AuditPlaces<'s> {
    /// The configuration.
    pub(super) setup: &'s Setup,
    /// Where files lie whose text may be shown.
    pub(super) inside: InsidePaths,
    /// The paths of the policy, those whose profiles come first in front.
    pub(super) policy: Vec<String>,
}

impl<'s> AuditPlaces<'s> {
    /// The policy that the command line names; or else that around the configuration, and that of the system.
    pub(super) fn new(arguments: &AuditArguments, setup: &'s Setup) -> anyhow::Result<Self> {
        let mut policy = arguments.policy.clone();
        if policy.is_empty() {
            let here = setup.file.as_ref().map(|_| match setup.root.as_str() {
                "" => ".".to_owned(),
                root => root.trim_end_matches('/').to_owned(),
            });
            let is_there = Disk.kind(DEFAULT_BASE) == Some(EntryKind::Directory);
            policy.extend(here);
            policy.extend(is_there.then(|| DEFAULT_BASE.to_owned()));
        }
        if policy.is_empty() {
            bail!(
                "no policy is in {DEFAULT_BASE}; `--policy` names a file or a directory of policy"
            );
        }
        let missing = |path: &&String| Disk.kind(path).is_none();
        if let Some(path) = policy.iter().find(missing) {
            bail!("{path}: no such file or directory");
        }
        Ok(Self {
            inside: setup.inside(&arguments.places, &policy),
            setup,
            policy,
        })
    }
}

/// Where the lines of this run come from.
fn source(arguments: &AuditArguments) -> anyhow::Result<LogSource> {
    Ok(match arguments.log.as_deref() {
        _ if arguments.journal => LogSource::Journal,
        Some("-") => LogSource::Input,
        Some(path) if arguments.follow && !arguments.live => {
            bail!("a file is read to its end; `tail -F {path} | aalint audit --follow` follows it")
        }
        Some(path) => LogSource::Log(path.to_owned()),
        None if !arguments.live && host::has_input() => {
            tell_input()?;
            LogSource::Input
        }
        None => LogSource::Live,
    })
}

/// Explains the records that the arguments name, or those that `watching` hears.
pub(super) fn run(
    arguments: &AuditArguments,
    places: &AuditPlaces<'_>,
    style: Style,
    out: &mut dyn Write,
    watching: Watching<'_>,
) -> anyhow::Result<u8> {
    let setup = places.setup;
    setup.stop_if_broken()?;
    let open = OpenLog::open(&source(arguments)?, arguments.follow)?;
    let disk = Within::new(&Disk, &places.inside);
    let files = setup.snapshot(&disk);
    let PolicyFiles {
        paths,
        mut failures,
    } = policy_files(places, &files)?;
    let options = Options {
        config: setup.file.clone(),
        loads: Loads::Profiles,
        intents: arguments.intent.clone(),
        target: target(&files, arguments.target.as_deref())?,
        ..Options::of_policy(&paths, setup.search(&arguments.places, &places.policy)?)
    };
    let workspace = Workspace::open(files, options);
    let policy = &workspace.policy();
    failures.extend(policy.failures.iter().cloned());
    if policy.profiles().next().is_none() {
        exit::tell(failures);
        bail!("{} defines no profile", places.policy.join(", "));
    }
    if open.is_none() {
        log_among_policy(arguments, policy)?;
    }
    let promised = workspace.promised_anyway().map_err(|why| anyhow!(why))?;
    let mut listener = LogListener {
        policy,
        explainer: Explainer::new(policy).with_promises(&promised),
        veil: Veil::over(&[&policy.store.sources], setup.hidden(&places.inside)),
        format: arguments.format,
        style,
        shows: Shows {
            others: arguments.policy.is_empty(),
            status: !arguments.policy.is_empty(),
            all: arguments.all,
        },
        groups: Groups::default(),
        counts: LineCounts::default(),
    };
    let code = match open {
        Some(log) => {
            log.explain(&mut listener, arguments.follow, out)?;
            exit::CLEAN
        }
        None => return watching(&mut listener, out),
    };
    let has_failed = !failures.is_empty();
    exit::tell(failures);
    Ok(if has_failed { exit::FAILURE } else { code })
}

/// `--policy` takes all paths behind it, and the log must stand in front: nobody meant to watch the kernel instead.
fn log_among_policy(arguments: &AuditArguments, policy: &Policy<'_>) -> anyhow::Result<()> {
    let [_, .., last] = arguments.policy.as_slice() else {
        return Ok(());
    };
    let sources = &policy.store.sources;
    let mut profiles = policy.profiles();
    let is_policy = profiles.any(|profile| sources.get(profile.file).path == *last);
    if !is_policy && Disk.kind(last) == Some(EntryKind::File) {
        bail!(
            "{last} defines no profile; a log stands in front of --policy: `aalint audit {last} --policy …`"
        );
    }
    Ok(())
}

/// Files of policy, and those that cannot be judged, with the reasons.
#[derive(Default)]
struct PolicyFiles {
    paths: Vec<String>,
    failures: Vec<(String, String)>,
}

/// The files of policy. Where several define a profile of the same name, the first one counts: that of the project.
fn policy_files(places: &AuditPlaces<'_>, files: &Snapshot<'_>) -> anyhow::Result<PolicyFiles> {
    let mut all = PolicyFiles::default();
    for path in &places.policy {
        let collected = collect(files, std::slice::from_ref(path), places.setup)?;
        let (found, collected) = collected.into_policy();
        exit::note(&collected.left_out);
        all.failures.extend(collected.failures);
        for path in found {
            if !all.paths.contains(&path) {
                all.paths.push(path);
            }
        }
    }
    Ok(all)
}
