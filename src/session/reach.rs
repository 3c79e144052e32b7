//! Which files a change of a file reaches: those that include it.

use rustc_hash::{FxHashMap, FxHashSet};

use crate::policy::{IncludeTarget, Store};
use crate::source::{FileId, Snapshot};

/// For each file, the files that include it.
#[derive(Debug, Default)]
pub(super) struct IncludeReach {
    including: FxHashMap<FileId, Vec<FileId>>,
    by_key: FxHashMap<String, Vec<FileId>>,
}

impl IncludeReach {
    /// Of the files of a store.
    pub(super) fn of(store: &Store) -> Self {
        let mut including: FxHashMap<FileId, Vec<FileId>> = FxHashMap::default();
        let mut by_key: FxHashMap<String, Vec<FileId>> = FxHashMap::default();
        for (id, loaded) in store.iter() {
            let key = Snapshot::key(&store.sources.get(id).path).into_owned();
            by_key.entry(key).or_default().push(id);
            for target in &loaded.includes {
                if let IncludeTarget::Files(files) = target {
                    for file in files {
                        including.entry(*file).or_default().push(id);
                    }
                }
            }
        }
        Self { including, by_key }
    }

    /// The file at a path, by whatever spelling of the path it was read, and all that include it.
    pub(super) fn including(&self, path: &str) -> FxHashSet<FileId> {
        let files = self.by_key.get(&*Snapshot::key(path));
        self.including_any(files.into_iter().flatten().copied())
    }

    /// These files, and all that include them, also by way of others.
    pub(super) fn including_any(
        &self,
        files: impl IntoIterator<Item = FileId>,
    ) -> FxHashSet<FileId> {
        let mut waiting: Vec<FileId> = files.into_iter().collect();
        let mut reached = FxHashSet::default();
        while let Some(file) = waiting.pop() {
            if reached.insert(file) {
                waiting.extend(self.including.get(&file).into_iter().flatten());
            }
        }
        reached
    }
}
