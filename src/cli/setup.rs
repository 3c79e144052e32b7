//! What the subcommands that read policy share: the configuration, and where includes are searched.

use std::io::Read;

use anyhow::{Context, bail};

use super::args::Places;
use crate::config::Config;
use crate::host::{self, Disk};
use crate::policy::Search;
use crate::source::{EntryKind, MAX_FILE_BYTES, Vfs};

/// Where AppArmor's policy lies on a Linux system.
const DEFAULT_BASE: &str = "/etc/apparmor.d";

/// The configuration.
pub(super) struct Setup {
    /// Its path and text, if there is one.
    pub(super) file: Option<(String, String)>,
    /// What it says.
    pub(super) config: Config,
    /// Its directory with a slash behind, or nothing.
    pub(super) root: String,
}

impl Setup {
    /// Reads the configuration that `places` name, or the nearest one to the first of `paths`.
    pub(super) fn new(places: &Places, paths: &[String]) -> anyhow::Result<Self> {
        Ok(Self::of(config_text(places, paths)?))
    }

    /// What a configuration says; its path and text, if there is one.
    pub(super) fn of(file: Option<(String, String)>) -> Self {
        let config = file.as_ref().map(|(_, text)| crate::config::read(text).0);
        let root = file
            .as_ref()
            .and_then(|(path, _)| path.rsplit_once('/'))
            .map(|(root, _)| format!("{root}/"));
        Self {
            config: config.unwrap_or_default(),
            root: root.unwrap_or_default(),
            file,
        }
    }

    /// Where includes of the files at `paths` are searched.
    pub(super) fn search(&self, places: &Places, paths: &[String]) -> anyhow::Result<Search> {
        self.search_in(places, &Disk, host::policy_trees(paths), |directory| {
            let is_there = Disk.kind(directory) == Some(EntryKind::Directory);
            is_there.then(|| directory.to_owned())
        })
    }

    /// The same for files of `vfs` that lie in the policy trees `trees`. `find` says what a directory
    /// is called there, if it is there.
    pub(super) fn search_in(
        &self,
        places: &Places,
        vfs: &dyn Vfs,
        trees: Vec<String>,
        find: impl Fn(&str) -> Option<String>,
    ) -> anyhow::Result<Search> {
        let found = |directory: String| match find(&directory) {
            Some(directory) => Ok(directory),
            None => bail!("{directory} is not a directory: includes cannot be searched there"),
        };
        let is_base =
            |directory: &String| vfs.kind(&format!("{directory}/tunables/global")).is_some();
        let configured = self.config.base.as_ref().map(|base| self.path(&base.text));
        let named = places.base.clone().or(configured);
        let is_named = named.is_some();
        let mut directories = match named {
            Some(base) => vec![found(base)?],
            None => trees,
        };
        let mut has_no_base = !is_named && !directories.iter().any(is_base);
        // In this order, since what is installed may be an older copy.
        if has_no_base && is_base(&DEFAULT_BASE.to_owned()) {
            directories.push(DEFAULT_BASE.to_owned());
            has_no_base = false;
        }
        let configured = self
            .config
            .include
            .iter()
            .map(|directory| self.path(&directory.text));
        for directory in places.include.iter().cloned().chain(configured) {
            directories.push(found(directory)?);
        }
        Ok(Search {
            directories,
            has_no_base,
        })
    }

    /// The patterns of paths that the configuration excludes.
    pub(super) fn excluded(&self) -> anyhow::Result<globset::GlobSet> {
        let mut excluded = globset::GlobSetBuilder::new();
        for pattern in &self.config.exclude {
            excluded.add(globset::Glob::new(&pattern.text)?);
        }
        Ok(excluded.build()?)
    }

    /// A path that the configuration names.
    pub(super) fn path(&self, path: &str) -> String {
        if path.starts_with('/') {
            path.to_owned()
        } else {
            format!("{}{path}", self.root)
        }
    }
}

fn config_text(places: &Places, paths: &[String]) -> anyhow::Result<Option<(String, String)>> {
    if places.isolated {
        return Ok(None);
    }
    let path = match &places.config {
        Some(path) => Some(path.clone()),
        None => {
            let first = paths
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

/// All of standard input.
pub(super) fn standard_input() -> anyhow::Result<Vec<u8>> {
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
    Ok(bytes)
}
