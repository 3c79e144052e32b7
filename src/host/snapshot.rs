//! Files as they were when they were first looked at.

use std::sync::{Mutex, PoisonError};

use rustc_hash::FxHashMap;

use crate::source::{DirEntry, EntryKind, Vfs, VfsError};

/// A [`Vfs`] that gives the same answers each time, whatever becomes of the files meanwhile, and that tells
/// afterwards what was read. What is judged and what is compiled are then the same bytes.
pub struct Snapshot<'v> {
    below: &'v dyn Vfs,
    files: Mutex<FxHashMap<String, Result<Vec<u8>, VfsError>>>,
    kinds: Mutex<FxHashMap<String, Option<EntryKind>>>,
    lists: Mutex<FxHashMap<String, Result<Vec<DirEntry>, VfsError>>>,
}

impl<'v> Snapshot<'v> {
    /// A snapshot of what is below, taken file by file.
    #[must_use]
    pub fn new(below: &'v dyn Vfs) -> Self {
        Self {
            below,
            files: Mutex::default(),
            kinds: Mutex::default(),
            lists: Mutex::default(),
        }
    }

    /// The directories that were seen, sorted.
    #[must_use]
    pub fn directories(&self) -> Vec<String> {
        let kinds = lock(&self.kinds);
        let mut paths: Vec<String> = kinds
            .iter()
            .filter(|(_, kind)| **kind == Some(EntryKind::Directory))
            .map(|(path, _)| path.clone())
            .collect();
        drop(kinds);
        paths.extend(lock(&self.lists).keys().cloned());
        paths.sort_unstable();
        paths.dedup();
        paths
    }

    /// The files that were seen, sorted, each with its bytes. Those that cannot be read are left out.
    #[must_use]
    pub fn files(&self) -> Vec<(String, Vec<u8>)> {
        let mut paths: Vec<String> = lock(&self.files).keys().cloned().collect();
        for (path, kind) in lock(&self.kinds).iter() {
            if *kind == Some(EntryKind::File) {
                paths.push(path.clone());
            }
        }
        for (directory, entries) in lock(&self.lists).iter() {
            let entries = entries.iter().flatten();
            for entry in entries.filter(|entry| entry.kind == EntryKind::File) {
                paths.push(format!(
                    "{}/{}",
                    directory.trim_end_matches('/'),
                    entry.name
                ));
            }
        }
        paths.sort_unstable();
        paths.dedup();
        let read = |path: String| self.read(&path).ok().map(|bytes| (path, bytes));
        paths.into_iter().filter_map(read).collect()
    }
}

fn lock<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    // Each answer is entered whole.
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// The answer that is known, or a new one; of two that come at once the first is kept.
fn once<T: Clone>(
    known: &Mutex<FxHashMap<String, T>>,
    path: &str,
    answer: impl FnOnce() -> T,
) -> T {
    if let Some(answer) = lock(known).get(path) {
        return answer.clone();
    }
    let answer = answer();
    let mut known = lock(known);
    known.entry(path.to_owned()).or_insert(answer).clone()
}

impl Vfs for Snapshot<'_> {
    fn read(&self, path: &str) -> Result<Vec<u8>, VfsError> {
        once(&self.files, path, || self.below.read(path))
    }

    fn kind(&self, path: &str) -> Option<EntryKind> {
        once(&self.kinds, path, || self.below.kind(path))
    }

    fn list(&self, path: &str) -> Result<Vec<DirEntry>, VfsError> {
        once(&self.lists, path, || self.below.list(path))
    }

    fn real_path(&self, path: &str) -> Option<String> {
        self.below.real_path(path)
    }

    fn is_outside(&self, path: &str) -> bool {
        self.below.is_outside(path)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::source::MemoryVfs;

    /// A file that is another one each time.
    struct Changing(Mutex<u32>);

    impl Vfs for Changing {
        fn read(&self, _: &str) -> Result<Vec<u8>, VfsError> {
            let mut count = lock(&self.0);
            *count += 1;
            Ok(count.to_string().into_bytes())
        }

        fn kind(&self, _: &str) -> Option<EntryKind> {
            Some(EntryKind::File)
        }

        fn list(&self, _: &str) -> Result<Vec<DirEntry>, VfsError> {
            Err(VfsError::NotFound)
        }
    }

    #[test]
    fn a_file_is_read_once() {
        let changing = Changing(Mutex::default());
        let snapshot = Snapshot::new(&changing);
        assert_eq!(snapshot.read("a").unwrap(), b"1");
        assert_eq!(snapshot.read("b").unwrap(), b"2");
        assert_eq!(snapshot.read("a").unwrap(), b"1");
        let expected = [("a", "1"), ("b", "2")].map(|(path, text)| (path.into(), text.into()));
        assert_eq!(snapshot.files(), expected);
    }

    #[test]
    fn what_was_only_seen_is_read_at_last() {
        let mut vfs = MemoryVfs::default();
        vfs.insert("base/abi/3.0", "abi");
        vfs.insert("base/local/x", "local");
        vfs.insert("elsewhere", "not seen");
        let snapshot = Snapshot::new(&vfs);
        assert_eq!(snapshot.kind("base/abi/3.0"), Some(EntryKind::File));
        assert_eq!(snapshot.kind("base/abi/4.0"), None);
        assert_eq!(snapshot.kind("base"), Some(EntryKind::Directory));
        snapshot.list("base/local").unwrap();
        let files = snapshot.files();
        let paths: Vec<&str> = files.iter().map(|(path, _)| path.as_str()).collect();
        assert_eq!(paths, ["base/abi/3.0", "base/local/x"]);
        assert_eq!(snapshot.directories(), ["base", "base/local"]);
    }
}
