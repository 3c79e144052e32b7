//! `aalint lsp`.

use std::io;
use std::path::Path;

use super::args::Places;
use super::discovery::collect;
use super::exit;
use super::setup::Setup;
use crate::format::Layout;
use crate::host::{self, Disk, InsidePaths};
use crate::lsp::{Surroundings, connect, serve};
use crate::session::{self, Candidate, Input, InputKind, Options};
use crate::source::{EntryKind, Snapshot, Vfs};

/// Where nothing is named on the command line.
const NOWHERE: Places = Places {
    base: None,
    include: Vec::new(),
    config: None,
    isolated: false,
};

/// Serves a client on the standard streams.
pub(super) fn run() -> u8 {
    let (connection, wire) = connect(io::BufReader::new(io::stdin()), io::stdout());
    let is_shut_down = serve(connection, Box::new(Around));
    wire.finish();
    match is_shut_down {
        true => exit::CLEAN,
        false => exit::FINDINGS,
    }
}

/// What lies around documents, found as the other commands find it.
#[derive(Copy, Clone, Debug)]
pub struct Around;

impl Around {
    /// What `check` finds for a file, which may be there for the editor alone.
    fn setup(path: &str) -> anyhow::Result<Setup> {
        let config = config_for(path);
        let places = Places {
            isolated: config.is_none(),
            config,
            ..NOWHERE
        };
        Setup::new(&places, &[])
    }

    fn options_of(
        files: &Snapshot<'_>,
        paths: &[String],
        untitled: &[String],
    ) -> anyhow::Result<Options> {
        let all = [paths, untitled].concat();
        let setup = Self::setup(all.first().map_or("", String::as_str))?;
        Self::enter_config(files, &setup);
        let excluded = setup.excluded()?;
        let is_excluded = |path: &str| {
            let relative = path.strip_prefix(&setup.root).unwrap_or(path);
            excluded.is_match(relative)
        };
        let candidate = |path: &String| Candidate {
            path: path.clone(),
            named: path.len(),
            obstacle: None,
        };
        let collected = session::collect(files, paths.iter().map(candidate), &is_excluded);
        let mut inputs = collected.inputs;
        inputs.extend(untitled.iter().map(|path| Input {
            path: path.clone(),
            kind: InputKind::Policy,
        }));
        Ok(Options {
            inputs,
            found: collected.found,
            elsewhere: Some(Self::elsewhere(files, &setup, &all)?),
            search: setup.search(&NOWHERE, &all)?,
            config: setup.file.clone(),
            ..Options::default()
        })
    }

    fn options_of_all(files: &Snapshot<'_>, folders: &[String]) -> anyhow::Result<Options> {
        let setup = Self::setup(folders.first().map_or("", String::as_str))?;
        Self::enter_config(files, &setup);
        let collected = collect(files, folders, &setup)?;
        Ok(Options {
            inputs: collected.inputs,
            found: collected.found,
            elsewhere: Some(Vec::new()),
            search: setup.search(&NOWHERE, folders)?,
            config: setup.file.clone(),
            ..Options::default()
        })
    }

    /// The configuration as it was read.
    fn enter_config(files: &Snapshot<'_>, setup: &Setup) {
        if let Some(file) = &setup.file {
            files.insert(&file.path, file.text.clone().into_bytes());
        }
    }

    /// The policy around documents, where the configuration says something of profiles that may be defined there.
    fn elsewhere(
        files: &Snapshot<'_>,
        setup: &Setup,
        paths: &[String],
    ) -> anyhow::Result<Vec<String>> {
        let config = &setup.config;
        if config.profiles.is_empty() && config.intents.is_empty() && config.overrides.is_empty() {
            return Ok(Vec::new());
        }
        let around = paths.iter().filter_map(|path| path.rsplit_once('/'));
        let mut places: Vec<String> = around.map(|(around, _)| around.to_owned()).collect();
        places.push(match setup.root.trim_end_matches('/') {
            "" => ".".to_owned(),
            root => root.to_owned(),
        });
        places.retain(|place| Disk.kind(place) == Some(EntryKind::Directory));
        places.sort();
        places.dedup();
        let found = collect(files, &places, setup)?.policy().into_iter();
        Ok(found.filter(|path| !paths.contains(path)).collect())
    }
}

impl Surroundings for Around {
    fn key(&self, path: &str) -> String {
        let trees = host::policy_trees(&[path.to_owned()]);
        format!(
            "{}\n{}",
            config_for(path).unwrap_or_default(),
            trees.concat()
        )
    }

    fn options(
        &self,
        files: &Snapshot<'_>,
        paths: &[String],
        untitled: &[String],
    ) -> Result<Options, String> {
        Self::options_of(files, paths, untitled).map_err(|error| format!("{error:#}"))
    }

    fn whole(&self, files: &Snapshot<'_>, folders: &[String]) -> Result<Options, String> {
        Self::options_of_all(files, folders).map_err(|error| format!("{error:#}"))
    }

    fn layout(&self, path: &str) -> Result<Layout, String> {
        let setup = Self::setup(path).and_then(Setup::sound);
        let layout = setup.map(|setup| setup.config.layout);
        layout.map_err(|error| format!("{error:#}"))
    }

    fn inside(&self, paths: &[String]) -> InsidePaths {
        let first = paths.first().map_or("", String::as_str);
        let setup = Self::setup(first).unwrap_or_else(|_| Setup::of(None));
        setup.inside(&NOWHERE, paths)
    }
}

/// The configuration for a file, which may be there for the editor alone. Documents have absolute paths, and so has it.
fn config_for(path: &str) -> Option<String> {
    let around = Path::new(path).ancestors();
    let mut around = around.map(|path| path.to_string_lossy());
    let known = around.find(|path| Disk.kind(path).is_some())?;
    let found = host::find_config(&known)?;
    if found.starts_with('/') {
        return Some(found);
    }
    let here = Disk.real_path(".")?;
    Some(format!("{}/{found}", here.trim_end_matches('/')))
}
