//! The file system as the core sees it.

use std::collections::BTreeMap;

/// What a directory entry is, links followed.
#[derive(Copy, Clone, PartialEq, Eq, Debug)]
pub enum EntryKind {
    /// A regular file.
    File,
    /// A directory.
    Directory,
}

/// One entry of a directory.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct DirEntry {
    /// Last component of its path.
    pub name: String,
    /// What it is.
    pub kind: EntryKind,
}

/// Why a file could not be read.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
pub enum VfsError {
    /// There is no such file or directory.
    #[error("no such file or directory")]
    NotFound,
    /// It is larger than [`super::MAX_FILE_BYTES`]; its size in bytes.
    #[error("{0} bytes is more than aalint reads")]
    TooLarge(u64),
    /// It is beyond what a run reads; the limits, in bytes and in files.
    #[error("is beyond what aalint reads in a run: {0} bytes in {1} files")]
    Beyond(u64, usize),
    /// Anything else, in the system's words.
    #[error("{0}")]
    Other(String),
}

/// Read access to files by path. Paths are text with `/` between components; what they are relative
/// to is the implementation's matter.
pub trait Vfs: Sync {
    /// The bytes of a file.
    ///
    /// # Errors
    /// When there is no such file or it cannot be read.
    fn read(&self, path: &str) -> Result<Vec<u8>, VfsError>;

    /// The first [`super::MAX_FILE_BYTES`] bytes of a file, of whatever size it is.
    ///
    /// # Errors
    /// When there is no such file or it cannot be read.
    fn beginning(&self, path: &str) -> Result<Vec<u8>, VfsError> {
        self.read(path)
    }

    /// Whether `path` is a file or a directory; `None` if there is neither.
    fn kind(&self, path: &str) -> Option<EntryKind>;

    /// The entries of a directory, sorted by name.
    ///
    /// # Errors
    /// When there is no such directory or it cannot be read.
    fn list(&self, path: &str) -> Result<Vec<DirEntry>, VfsError>;

    /// Where a file really lies on this machine, links followed; `None` if it is not there, or is held in
    /// memory or in a revision.
    fn real_path(&self, _path: &str) -> Option<String> {
        None
    }

    /// Whether the text of a file is not to be shown, because the file lies outside of what somebody named.
    fn is_outside(&self, _path: &str) -> bool {
        false
    }
}

/// Files held in memory: for tests, examples and standard input.
#[derive(Clone, Debug, Default)]
pub struct MemoryVfs {
    files: BTreeMap<String, Vec<u8>>,
}

impl MemoryVfs {
    /// Adds or replaces a file.
    pub fn insert(&mut self, path: impl Into<String>, content: impl Into<Vec<u8>>) {
        self.files.insert(path.into(), content.into());
    }

    /// Removes a file; gives its bytes.
    pub fn remove(&mut self, path: &str) -> Option<Vec<u8>> {
        self.files.remove(path)
    }

    /// The files with their bytes, sorted by path.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &[u8])> {
        let files = self.files.iter();
        files.map(|(path, bytes)| (path.as_str(), bytes.as_slice()))
    }
}

impl Vfs for MemoryVfs {
    fn read(&self, path: &str) -> Result<Vec<u8>, VfsError> {
        self.files.get(path).cloned().ok_or(VfsError::NotFound)
    }

    fn kind(&self, path: &str) -> Option<EntryKind> {
        if self.files.contains_key(path) {
            return Some(EntryKind::File);
        }
        let prefix = format!("{}/", path.trim_end_matches('/'));
        let below = self.files.range(prefix.clone()..).next()?;
        below.0.starts_with(&prefix).then_some(EntryKind::Directory)
    }

    fn list(&self, path: &str) -> Result<Vec<DirEntry>, VfsError> {
        let prefix = format!("{}/", path.trim_end_matches('/'));
        let mut entries: Vec<DirEntry> = Vec::new();
        for (name, _) in self.files.range(prefix.clone()..) {
            let Some(rest) = name.strip_prefix(&prefix) else {
                break;
            };
            let (name, kind) = match rest.split_once('/') {
                Some((directory, _)) => (directory, EntryKind::Directory),
                None => (rest, EntryKind::File),
            };
            if entries.last().is_none_or(|last| last.name != name) {
                entries.push(DirEntry {
                    name: name.to_owned(),
                    kind,
                });
            }
        }
        if entries.is_empty() {
            Err(VfsError::NotFound)
        } else {
            Ok(entries)
        }
    }
}
