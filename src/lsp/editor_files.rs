//! The disk with the open documents laid over it.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use super::documents::OpenDocuments;
use crate::host::{Disk, InsidePaths, Within};
use crate::source::{DirEntry, EntryKind, MAX_FILE_BYTES, Snapshot, Vfs, VfsError};

/// A [`Vfs`] of the disk, in which the open documents have the text that the editor shows.
#[derive(Debug, Default)]
pub(super) struct EditorFiles {
    texts: Mutex<BTreeMap<String, Arc<String>>>,
    inside: Mutex<InsidePaths>,
}

impl EditorFiles {
    /// Lays these documents over the disk, and no others.
    pub(super) fn lay(&self, documents: &OpenDocuments) {
        let text = |path: &str| Snapshot::key(path).into_owned();
        let documents = documents.iter();
        let texts = documents.map(|document| (text(&document.path), Arc::clone(&document.text)));
        *lock(&self.texts) = texts.collect();
    }

    /// Whose text may be shown from now on.
    pub(super) fn show(&self, inside: InsidePaths) {
        *lock(&self.inside) = inside;
    }

    fn text(&self, path: &str) -> Option<Arc<String>> {
        lock(&self.texts).get(&*Snapshot::key(path)).cloned()
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    // What is in there is replaced whole.
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Vfs for EditorFiles {
    fn read(&self, path: &str) -> Result<Vec<u8>, VfsError> {
        match self.text(path) {
            Some(text) if text.len() > MAX_FILE_BYTES => Err(VfsError::TooLarge(
                text.len().try_into().unwrap_or(u64::MAX),
            )),
            Some(text) => Ok(text.as_bytes().to_vec()),
            None => Disk.read(path),
        }
    }

    fn beginning(&self, path: &str) -> Result<Vec<u8>, VfsError> {
        match self.text(path) {
            Some(text) => Ok(text.bytes().take(MAX_FILE_BYTES).collect()),
            None => Disk.beginning(path),
        }
    }

    fn kind(&self, path: &str) -> Option<EntryKind> {
        match self.text(path) {
            Some(_) => Some(EntryKind::File),
            None => Disk.kind(path),
        }
    }

    fn list(&self, path: &str) -> Result<Vec<DirEntry>, VfsError> {
        let mut entries = Disk.list(path)?;
        let prefix = format!("{}/", Snapshot::key(path).trim_end_matches('/'));
        for path in lock(&self.texts).keys() {
            let name = path.strip_prefix(&prefix);
            let Some(name) = name.filter(|name| !name.contains('/')) else {
                continue;
            };
            if let Err(at) = entries.binary_search_by(|entry| entry.name.as_str().cmp(name)) {
                let (name, kind) = (name.to_owned(), EntryKind::File);
                entries.insert(at, DirEntry { name, kind });
            }
        }
        Ok(entries)
    }

    fn real_path(&self, path: &str) -> Option<String> {
        Disk.real_path(path)
    }

    fn is_outside(&self, path: &str) -> bool {
        // What the editor shows is no secret.
        let is_open = self.text(path).is_some();
        !is_open && Within::new(&Disk, &lock(&self.inside)).is_outside(path)
    }
}
