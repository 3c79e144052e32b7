//! Files as they were when they were first looked at.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};

use rustc_hash::FxHashMap;

use super::{DirEntry, EntryKind, Vfs, VfsError, split_embedded};

/// A [`Vfs`] that reads each file once and gives the same answer each time, whatever becomes of the files
/// meanwhile, and that says afterwards what was read. What is judged, compiled and explained are then the same bytes.
pub struct Snapshot<'v> {
    below: &'v dyn Vfs,
    files: Mutex<FxHashMap<String, Result<Vec<u8>, VfsError>>>,
    kinds: Mutex<FxHashMap<String, Option<EntryKind>>>,
    lists: Mutex<FxHashMap<String, Result<Vec<DirEntry>, VfsError>>>,
    /// Where the known paths lead, links followed; asked for when the first of them changes.
    real_paths: Mutex<FxHashMap<String, Option<String>>>,
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
            real_paths: Mutex::default(),
        }
    }

    /// The files beneath.
    #[must_use]
    pub const fn below(&self) -> &'v dyn Vfs {
        self.below
    }

    /// Enters a file that is in memory already, such as standard input.
    pub fn insert(&self, path: &str, bytes: Vec<u8>) {
        let key = key(path).into_owned();
        lock(&self.kinds).insert(key.clone(), Some(EntryKind::File));
        lock(&self.files).insert(key, Ok(bytes));
    }

    /// Whether the bytes of a file are known.
    #[must_use]
    pub fn holds(&self, path: &str) -> bool {
        lock(&self.files).contains_key(&*key(path))
    }

    /// Drops the bytes of a file that nobody will ask for again.
    pub fn release(&self, path: &str) {
        lock(&self.files).remove(&*key(path));
    }

    /// Forgets what is known of a file, directory or link that was changed, added or removed, by whatever path it was read,
    /// of all below it, and of the directories around it. Gives the paths of what is forgotten, in the form of
    /// [`Self::key`].
    pub fn forget(&self, path: &str) -> Vec<String> {
        let changed = key(path).into_owned();
        let real = self.below.real_path(path);
        let below = format!("{}/", changed.trim_end_matches('/'));
        let mut aliases = vec![changed.clone()];
        for (known, is_there) in self.known() {
            let mut real_paths = lock(&self.real_paths);
            let leads_to = real_paths
                .entry(known.clone())
                .or_insert_with(|| self.below.real_path(split_embedded(&known).0));
            let is_same = leads_to.is_some() && *leads_to == real;
            // A link whose target is gone leads nowhere now, and where it led to may never have been asked.
            let is_gone = || {
                real.is_none() && is_there && self.below.kind(split_embedded(&known).0).is_none()
            };
            let (file, part) = split_embedded(&known);
            let is_part = part.is_some() && file == changed;
            if known != changed && (is_same || is_part || known.starts_with(&below) || is_gone()) {
                aliases.push(known);
            }
        }
        for path in &aliases {
            lock(&self.files).remove(path);
            lock(&self.real_paths).remove(path);
            let mut around = Some(path.as_str());
            while let Some(directory) = around {
                for name in [directory, &format!("{directory}/")] {
                    lock(&self.kinds).remove(name);
                    lock(&self.lists).remove(name);
                }
                around = directory.rsplit_once('/').map(|(around, _)| around);
            }
            lock(&self.kinds).remove(".");
            lock(&self.lists).remove(".");
        }
        aliases
    }

    /// A path without `./` at its beginning and doubled slashes: one file has one key, as far as its path tells.
    #[must_use]
    pub fn key(path: &str) -> Cow<'_, str> {
        key(path)
    }

    /// The paths of which anything is known, sorted, and whether something was there.
    fn known(&self) -> Vec<(String, bool)> {
        let mut known = BTreeMap::new();
        for (path, kind) in lock(&self.kinds).iter() {
            known.insert(path.clone(), kind.is_some());
        }
        for (path, read) in lock(&self.files).iter() {
            known.insert(path.clone(), read.is_ok());
        }
        for path in lock(&self.lists).keys() {
            known.entry(path.clone()).or_insert(true);
        }
        known.into_iter().collect()
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
        // Parts of files are in the files.
        paths.retain(|path| split_embedded(path).1.is_none());
        paths.sort_unstable();
        paths.dedup();
        let read = |path: String| self.read(&path).ok().map(|bytes| (path, bytes));
        paths.into_iter().filter_map(read).collect()
    }
}

fn key(path: &str) -> Cow<'_, str> {
    let mut rest = path;
    while let Some(inner) = rest.strip_prefix("./") {
        rest = inner.trim_start_matches('/');
    }
    if rest.is_empty() && !path.is_empty() {
        rest = ".";
    }
    if !rest.contains("//") {
        return Cow::Borrowed(rest);
    }
    let mut plain = String::with_capacity(rest.len());
    for c in rest.chars() {
        if c != '/' || !plain.ends_with('/') {
            plain.push(c);
        }
    }
    Cow::Owned(plain)
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
    let path = key(path);
    if let Some(answer) = lock(known).get(&*path) {
        return answer.clone();
    }
    let answer = answer();
    let mut known = lock(known);
    known.entry(path.into_owned()).or_insert(answer).clone()
}

impl Vfs for Snapshot<'_> {
    fn read(&self, path: &str) -> Result<Vec<u8>, VfsError> {
        once(&self.files, path, || self.below.read(path))
    }

    fn beginning(&self, path: &str) -> Result<Vec<u8>, VfsError> {
        match lock(&self.files).get(&*key(path)) {
            Some(Ok(bytes)) => Ok(bytes.clone()),
            _ => self.below.beginning(path),
        }
    }

    fn kind(&self, path: &str) -> Option<EntryKind> {
        once(&self.kinds, path, || self.below.kind(path))
    }

    fn list(&self, path: &str) -> Result<Vec<DirEntry>, VfsError> {
        once(&self.lists, path, || self.below.list(path))
    }

    fn real_path(&self, path: &str) -> Option<String> {
        self.below.real_path(split_embedded(path).0)
    }

    fn is_outside(&self, path: &str) -> bool {
        self.below.is_outside(split_embedded(path).0)
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
