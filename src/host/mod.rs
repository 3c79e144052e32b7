//! The file system of this machine. The only module that reads files.

mod git;
mod image;
mod journal;
mod name;
mod open;
#[cfg(feature = "verify")]
mod ownership;
mod tree;
mod walk;
mod whole;
mod within;

use std::fs;
use std::io;
use std::path::Path;

pub use tree::policy_trees;

use crate::source::{DirEntry, EntryKind, MAX_FILE_BYTES, Vfs, VfsError};
use name::real;

pub use git::{GitError, Revision, RevisionRange, normal};
pub use image::{is_there, open_image};
pub use journal::{JournalReader, journal};
pub use name::{shown, typed};
pub use open::{has_input, log};
#[cfg(feature = "verify")]
pub use ownership::{Foreign, Owners, Stranger, Survey};
pub use walk::{FoundFile, Walked, walk};
pub use whole::{WholeFile, create_new, replace};
pub use within::{InsidePaths, Within};

/// Files on disk; relative paths count from the current directory.
#[derive(Copy, Clone, Debug, Default)]
pub struct Disk;

fn error(error: &io::Error) -> VfsError {
    match error.kind() {
        io::ErrorKind::NotFound => VfsError::NotFound,
        _ => VfsError::Other(error.to_string()),
    }
}

#[expect(
    clippy::disallowed_methods,
    reason = "this module is where files are read"
)]
impl Vfs for Disk {
    fn read(&self, path: &str) -> Result<Vec<u8>, VfsError> {
        open::whole(&real(path), MAX_FILE_BYTES)
    }

    fn beginning(&self, path: &str) -> Result<Vec<u8>, VfsError> {
        open::beginning(&real(path), MAX_FILE_BYTES)
    }

    fn kind(&self, path: &str) -> Option<EntryKind> {
        let metadata = fs::metadata(real(path)).ok()?;
        Some(if metadata.is_dir() {
            EntryKind::Directory
        } else {
            EntryKind::File
        })
    }

    fn list(&self, path: &str) -> Result<Vec<DirEntry>, VfsError> {
        let mut entries = Vec::new();
        for entry in fs::read_dir(real(path)).map_err(|e| error(&e))? {
            let entry = entry.map_err(|e| error(&e))?;
            let name = shown(&entry.file_name());
            let kind = self.kind(&format!("{}/{name}", path.trim_end_matches('/')));
            if let Some(kind) = kind {
                entries.push(DirEntry { name, kind });
            }
        }
        entries.sort_by(|left, right| left.name.cmp(&right.name));
        Ok(entries)
    }

    fn real_path(&self, path: &str) -> Option<String> {
        let full = fs::canonicalize(real(path)).ok()?;
        Some(shown(full.as_os_str()))
    }
}

/// The nearest `aalint.toml` in the directory of `path` or above it.
#[must_use]
#[expect(
    clippy::disallowed_methods,
    reason = "this module is where files are found"
)]
pub fn find_config(path: &str) -> Option<String> {
    let start = fs::canonicalize(if path.is_empty() { "." } else { path }).ok()?;
    let is_config = |directory: &Path| {
        let candidate = directory.join("aalint.toml");
        // A pipe, or a link that leads nowhere, is no configuration, and is not passed over either.
        let is_there = fs::symlink_metadata(&candidate).is_ok() && !candidate.is_dir();
        is_there.then(|| candidate.to_string_lossy().into_owned())
    };
    let found = start.ancestors().find_map(is_config)?;
    // Shown as people would write it.
    let here = fs::canonicalize(".").ok()?;
    let shown = Path::new(&found)
        .strip_prefix(&here)
        .map(|path| path.to_string_lossy().into_owned());
    Some(shown.unwrap_or(found))
}
