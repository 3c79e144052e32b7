//! Which files a change of a file reaches: those that include it.

use rustc_hash::{FxHashMap, FxHashSet};

use crate::policy::{IncludeTarget, Store};
use crate::source::FileId;

/// For each file, the files that include it.
#[derive(Debug, Default)]
pub(super) struct Reach {
    including: FxHashMap<FileId, Vec<FileId>>,
}

impl Reach {
    /// Of the files of a store.
    pub(super) fn of(store: &Store) -> Self {
        let mut including: FxHashMap<FileId, Vec<FileId>> = FxHashMap::default();
        for (id, loaded) in store.iter() {
            for target in &loaded.includes {
                if let IncludeTarget::Files(files) = target {
                    for file in files {
                        including.entry(*file).or_default().push(id);
                    }
                }
            }
        }
        Self { including }
    }

    /// These files, and all that include them, also by way of others.
    pub(super) fn from(&self, files: impl IntoIterator<Item = FileId>) -> FxHashSet<FileId> {
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
