//! What the subcommands that read policy share: the configuration, and where includes are searched.

use std::io::Read;
use std::sync::Arc;

use anyhow::{Context, anyhow, bail};

use super::args::Places;
use crate::config::{Config, ConfigFile};
use crate::host::{self, Disk, InsidePaths, Revision, RevisionRange, Within, normal};
use crate::lang::targets::Target;
use crate::policy::Search;
use crate::session;
use crate::source::{EntryKind, LineIndex, MAX_FILE_BYTES, Snapshot, Vfs};

/// What the file of the configuration is called.
const CONFIG: &str = "aalint.toml";

/// Where AppArmor's policy lies on a Linux system.
pub(super) const DEFAULT_BASE: &str = "/etc/apparmor.d";

/// The configuration.
pub(super) struct Setup {
    /// The file, if there is one.
    pub(super) file: Option<Arc<ConfigFile>>,
    /// What it says.
    pub(super) config: Arc<Config>,
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
        let file = file.map(|(path, text)| Arc::new(ConfigFile::new(path, text)));
        let config = file.as_ref().map(|file| Arc::clone(&file.config));
        let root = file.as_ref().map(|file| file.root().to_owned());
        Self {
            config: config.unwrap_or_default(),
            root: root.unwrap_or_default(),
            file,
        }
    }

    /// The configuration of the old one of two revisions, which is not the proposal's, and what to say
    /// of it. Its path is one from the current directory.
    pub(super) fn of_revision(
        places: &Places,
        range: &RevisionRange,
        [old, new]: &[Revision; 2],
    ) -> anyhow::Result<(Self, Vec<String>)> {
        if places.isolated || places.config.is_some() {
            return Ok((Self::new(places, &[])?, Vec::new()));
        }
        let found = |tree: &Revision| -> anyhow::Result<Option<(String, String)>> {
            let Some(path) = config_in(tree, &range.prefix) else {
                return Ok(None);
            };
            let context = || format!("reading the configuration {path}");
            let text = String::from_utf8(tree.read(&path).with_context(context)?);
            Ok(Some((path.clone(), text.with_context(context)?)))
        };
        let of_old = found(old)?;
        // What it says does not count, not even that it cannot be read.
        let of_new = found(new).ok().flatten();
        let revision = range.old.get(..12).unwrap_or(&range.old);
        let note = match (&of_old, &of_new) {
            (None, None) => None,
            (Some((path, _)), _) if of_old == of_new => {
                Some(format!("the configuration is `{path}` of {revision}"))
            }
            (Some((path, _)), _) => Some(format!(
                "the configuration is `{path}` of {revision}, the old revision; what the new one \
                 changes in it does not count"
            )),
            (None, Some((path, _))) => Some(format!(
                "`{path}` of the new revision does not count, and the old one ({revision}) has no \
                 configuration"
            )),
        };
        let up = "../".repeat(range.prefix.matches('/').count());
        let file = of_old.map(|(path, text)| (format!("{up}{path}"), text));
        Ok((Self::of(file), note.into_iter().collect()))
    }

    /// What to say of a configuration that belongs to the new one of two policies alone, at `path`.
    pub(super) fn proposed(&self, places: &Places, path: &str) -> Option<String> {
        if places.isolated || places.config.is_some() {
            return None;
        }
        let of_new = host::find_config(path)?;
        let of_old = self.file.as_ref().map(|file| &file.path);
        match of_old {
            Some(of_old) if *of_old == of_new => None,
            Some(of_old) => Some(format!(
                "the configuration is `{of_old}`, that of the old version; `{of_new}` does not count"
            )),
            None => Some(format!(
                "`{of_new}`, a configuration of the new version, does not count, and the old one has \
                 none; --config names one"
            )),
        }
    }

    /// Stops where the configuration is broken: half of it could say the opposite of what is meant.
    /// `aalint check` shows the faults as findings.
    pub(super) fn sound(self) -> anyhow::Result<Self> {
        self.stop_if_broken()?;
        Ok(self)
    }

    /// The same, of one that is borrowed.
    pub(super) fn stop_if_broken(&self) -> anyhow::Result<()> {
        let Some(file) = &self.file else {
            return Ok(());
        };
        let Some(first) = file.faults.first() else {
            return Ok(());
        };
        let (path, text) = (&file.path, &file.text);
        let at = LineIndex::new(text).position(text, first.range.start);
        bail!(
            "{path}:{}:{}: the configuration is broken; `aalint check` says why",
            at.line,
            at.column
        );
    }

    /// Where includes of the files at `paths` are searched.
    pub(super) fn search(&self, places: &Places, paths: &[String]) -> anyhow::Result<Search> {
        let mut trees = host::policy_trees(paths);
        if trees.is_empty() {
            trees.extend(session::find_base(&Disk, paths));
        }
        self.search_in(places, &Disk, trees, |directory| {
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
        let own = |directory: String| {
            // What a link of its name leads to is not quoted.
            let is_link = || self.hidden(&self.inside(places, &[])).is_some();
            found(directory).map_err(|error| match is_link() {
                true => anyhow!("the configuration names a base directory that is not a directory"),
                false => error,
            })
        };
        let is_base =
            |directory: &String| vfs.kind(&format!("{directory}/tunables/global")).is_some();
        let configured = self.config.base.as_ref().map(|base| self.path(&base.text));
        let is_named = places.base.is_some() || configured.is_some();
        let mut directories = match (&places.base, configured) {
            (Some(base), _) => vec![found(base.clone())?],
            (None, Some(base)) => vec![own(base)?],
            (None, None) => trees,
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
        for directory in &places.include {
            directories.push(found(directory.clone())?);
        }
        for directory in configured {
            directories.push(own(directory)?);
        }
        Ok(Search {
            directories,
            has_no_base,
        })
    }

    /// Where files lie whose text may be shown: `paths`, the policy trees around them, and the directories that the
    /// command line names. What the configuration names counts below its own directory alone: it may be a stranger's.
    pub(super) fn inside(&self, places: &Places, paths: &[String]) -> InsidePaths {
        let mut inside = InsidePaths::nowhere();
        let trees = host::policy_trees(paths);
        let named = paths.iter().chain(&trees).chain(&places.base);
        for path in named.chain(&places.include).chain(&places.config) {
            inside.add(path);
        }
        inside.add_system(DEFAULT_BASE);
        if let Some(file) = &self.file {
            inside.add_itself(&file.path);
            for named in self.config.paths() {
                inside.add_below(&self.root, &self.path(named));
            }
        }
        inside
    }

    /// The text of the configuration, if it is not to be shown.
    pub(super) fn hidden(&self, inside: &InsidePaths) -> Option<&str> {
        let file = self.file.as_ref()?;
        let is_outside = Within::new(&Disk, inside).is_outside(&file.path);
        is_outside.then_some(file.text.as_str())
    }

    /// The files of `below` as they are now, each to be read once; the configuration has been.
    pub(super) fn snapshot<'v>(&self, below: &'v dyn Vfs) -> Snapshot<'v> {
        let snapshot = Snapshot::new(below);
        if let Some(file) = &self.file {
            snapshot.insert(&file.path, file.text.clone().into_bytes());
        }
        snapshot
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

/// The path of the nearest `aalint.toml` of a revision, in the directory `prefix` or above it.
fn config_in(tree: &Revision, prefix: &str) -> Option<String> {
    let mut directory = prefix.trim_end_matches('/');
    loop {
        let path = normal(&format!("{directory}/{CONFIG}"));
        if tree.kind(&path) == Some(EntryKind::File) {
            return Some(path);
        }
        if directory.is_empty() {
            return None;
        }
        directory = directory.rsplit_once('/').map_or("", |(around, _)| around);
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

/// What `--target` names.
pub(super) fn target(vfs: &dyn Vfs, given: Option<&str>) -> anyhow::Result<Option<Target>> {
    let found = given.map(|text| session::target(vfs, text).map_err(|error| anyhow!(error)));
    found.transpose()
}
