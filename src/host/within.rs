//! Whose text may be shown: the files that somebody named, and what lies in the directories that they named.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use super::name::real;
use crate::source::{DirEntry, EntryKind, Vfs, VfsError};

/// Where files lie whose text is shown. What leads elsewhere, by a link, an absolute path or `..`, is read and
/// judged all the same, and reported without its text: who runs aalint on a stranger's files may be allowed to
/// read more than who reads the report.
#[derive(Clone, Debug, Default)]
pub struct InsidePaths {
    places: BTreeSet<PathBuf>,
    /// A directory of the system, whose links nobody but root makes.
    system: Option<&'static str>,
}

impl InsidePaths {
    /// Nowhere yet.
    #[must_use]
    pub fn nowhere() -> Self {
        Self::default()
    }

    /// Adds a file or directory that somebody named, links followed, with all below it.
    pub fn add(&mut self, path: &str) {
        self.places.extend(canonical(path));
    }

    /// Adds a directory of the system, with what its links lead to.
    pub fn add_system(&mut self, path: &'static str) {
        self.add(path);
        self.system = Some(path);
    }

    /// Adds a file that nobody named, if no link of its name leads elsewhere.
    pub fn add_itself(&mut self, path: &str) {
        let (around, name) = path.rsplit_once('/').unwrap_or((".", path));
        let around = if path.starts_with('/') && around.is_empty() {
            "/"
        } else {
            around
        };
        self.places
            .extend(canonical(around).map(|around| around.join(&*real(name))));
    }

    /// Adds a directory that a file in `root` names, unless it lies outside of `root`.
    pub fn add_below(&mut self, root: &str, path: &str) {
        if let (Some(root), Some(path)) = (canonical(root), canonical(path))
            && path.starts_with(root)
        {
            self.places.insert(path);
        }
    }

    /// Whether a path leads into the directory of the system before any link is followed.
    fn is_system(&self, path: &str) -> bool {
        let is_plain = !path.split('/').any(|part| part == "..");
        is_plain
            && self
                .system
                .is_some_and(|system| Path::new(path).starts_with(system))
    }

    /// Whether a file lies elsewhere; its path without links.
    fn leaves_out(&self, full: &Path) -> bool {
        !full.ancestors().any(|around| self.places.contains(around))
    }
}

#[expect(
    clippy::disallowed_methods,
    reason = "this module is where files are found"
)]
fn canonical(path: &str) -> Option<PathBuf> {
    let path = if path.is_empty() { "." } else { path };
    real(path).canonicalize().ok()
}

/// Files, with the knowledge which of them lie outside.
#[derive(Clone)]
pub struct Within<'v> {
    below: &'v dyn Vfs,
    inside: &'v InsidePaths,
}

impl<'v> Within<'v> {
    /// The files of `below`, those outside of `inside` marked.
    #[must_use]
    pub const fn new(below: &'v dyn Vfs, inside: &'v InsidePaths) -> Self {
        Self { below, inside }
    }
}

impl Vfs for Within<'_> {
    fn read(&self, path: &str) -> Result<Vec<u8>, VfsError> {
        self.below.read(path)
    }

    fn beginning(&self, path: &str) -> Result<Vec<u8>, VfsError> {
        self.below.beginning(path)
    }

    fn kind(&self, path: &str) -> Option<EntryKind> {
        self.below.kind(path)
    }

    fn list(&self, path: &str) -> Result<Vec<DirEntry>, VfsError> {
        self.below.list(path)
    }

    fn real_path(&self, path: &str) -> Option<String> {
        self.below.real_path(path)
    }

    fn is_outside(&self, path: &str) -> bool {
        let full = self.below.real_path(path);
        full.is_some_and(|full| {
            self.inside.leaves_out(&real(&full)) && !self.inside.is_system(path)
        })
    }
}
