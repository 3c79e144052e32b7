//! Files of which some are replaced in memory.

use std::collections::BTreeMap;
use std::sync::{PoisonError, RwLock};

use super::{DirEntry, EntryKind, Snapshot, Vfs, VfsError, split_embedded};

/// A [`Vfs`] with other texts in the place of some of its files, which can change at any time. Who reads through a [`Snapshot`]
/// must be told of each change.
pub struct Overlay<'v> {
    below: &'v dyn Vfs,
    texts: RwLock<BTreeMap<String, String>>,
}

impl<'v> Overlay<'v> {
    /// All files as they are below.
    #[must_use]
    pub fn new(below: &'v dyn Vfs) -> Self {
        Self {
            below,
            texts: RwLock::default(),
        }
    }

    /// Puts a text in the place of a file, which need not be there, by whatever path it is read.
    pub fn insert(&self, path: &str, text: String) {
        let key = self.key(path);
        let mut texts = self.texts.write().unwrap_or_else(PoisonError::into_inner);
        texts.insert(key, text);
    }

    /// Shows a file as it is below.
    pub fn remove(&self, path: &str) {
        let key = self.key(path);
        let mut texts = self.texts.write().unwrap_or_else(PoisonError::into_inner);
        texts.remove(&key);
    }

    /// The files beneath.
    #[must_use]
    pub const fn below(&self) -> &'v dyn Vfs {
        self.below
    }

    fn key(&self, path: &str) -> String {
        let (file, part) = split_embedded(path);
        let real = self.below.real_path(file).filter(|_| part.is_none());
        real.unwrap_or_else(|| Snapshot::key(path).into_owned())
    }

    fn text(&self, path: &str) -> Option<String> {
        let read = || self.texts.read().unwrap_or_else(PoisonError::into_inner);
        // Most often nothing is replaced yet, and links are slow to follow.
        if read().is_empty() {
            return None;
        }
        let key = self.key(path);
        read().get(&key).cloned()
    }
}

impl Vfs for Overlay<'_> {
    fn read(&self, path: &str) -> Result<Vec<u8>, VfsError> {
        match self.text(path) {
            Some(text) => Ok(text.into_bytes()),
            None => self.below.read(path),
        }
    }

    fn beginning(&self, path: &str) -> Result<Vec<u8>, VfsError> {
        match self.text(path) {
            Some(text) => Ok(text.into_bytes()),
            None => self.below.beginning(path),
        }
    }

    fn kind(&self, path: &str) -> Option<EntryKind> {
        match self.text(path) {
            Some(_) => Some(EntryKind::File),
            None => self.below.kind(path),
        }
    }

    fn list(&self, path: &str) -> Result<Vec<DirEntry>, VfsError> {
        self.below.list(path)
    }

    fn real_path(&self, path: &str) -> Option<String> {
        self.below.real_path(split_embedded(path).0)
    }

    fn is_outside(&self, path: &str) -> bool {
        self.below.is_outside(path)
    }
}
