//! Records that people read together: files of one directory for which the same permissions are missing.

use rustc_hash::FxHashMap;

use super::shown::ShownRecord;
use crate::audit::Cause;

/// A record, and others that differ from it in the name of the file alone.
pub(super) struct RecordEntry<'r> {
    pub(super) first: ShownRecord<'r>,
    pub(super) more: Vec<ShownRecord<'r>>,
}

impl<'r> RecordEntry<'r> {
    /// All records.
    pub(super) fn all(&self) -> impl Iterator<Item = &ShownRecord<'r>> {
        std::iter::once(&self.first).chain(&self.more)
    }

    /// How many records of the log it stands for.
    pub(super) fn count(&self) -> usize {
        self.all().map(|shown| shown.count).sum()
    }

    /// The missing rules, each once.
    pub(super) fn rules(&self) -> Vec<&'r str> {
        let mut rules: Vec<&str> = Vec::new();
        for shown in self.all() {
            let rule = shown
                .explanation
                .suggestion
                .as_ref()
                .map(|s| s.rule.as_str());
            if let Some(rule) = rule.filter(|rule| !rules.contains(rule)) {
                rules.push(rule);
            }
        }
        rules
    }
}

/// The entries, in the order of their first records.
pub(super) fn entries<'r>(
    records: impl Iterator<Item = ShownRecord<'r>>,
) -> impl Iterator<Item = RecordEntry<'r>> {
    let mut entries: Vec<RecordEntry<'r>> = Vec::new();
    let mut known: FxHashMap<String, usize> = FxHashMap::default();
    for shown in records {
        let key = directory(&shown);
        let same = key.as_ref().and_then(|key| known.get(key));
        match same.and_then(|index| entries.get_mut(*index)) {
            Some(entry) => entry.more.push(shown),
            None => {
                known.extend(key.map(|key| (key, entries.len())));
                entries.push(RecordEntry {
                    first: shown,
                    more: Vec::new(),
                });
            }
        }
    }
    entries.into_iter()
}

/// What must be the same for records to be read together; `None` where a record stands alone.
fn directory(shown: &ShownRecord<'_>) -> Option<String> {
    let (record, explanation) = (shown.record, shown.explanation);
    let suggestion = explanation.suggestion.as_ref()?;
    let (path, permissions) = suggestion.rule.rsplit_once(' ')?;
    let is_file = path.starts_with(['/', '"', '@']) || path.starts_with("owner ");
    let is_alone = explanation.cause != Cause::Unmatched || !is_file || path.contains(" -> ");
    if is_alone {
        return None;
    }
    let (directory, _) = path.rsplit_once('/')?;
    let what = (
        record.kind,
        &record.label,
        &record.operation,
        record.command(),
    );
    Some(format!(
        "{what:?}{:?}",
        (directory, permissions, &suggestion.opens)
    ))
}
