//! Files of the base directory that AppArmor brings: what is found in them is not the user's to mend.

use std::collections::BTreeSet;

use rustc_hash::FxHashSet;

use super::options::Options;
use crate::lang::is_shipped;
use crate::policy::Store;
use crate::source::FileId;

/// Such files that nobody named; none if they are asked for.
pub(super) fn unnamed(store: &Store, options: &Options) -> FxHashSet<FileId> {
    if options.includes_base {
        return FxHashSet::default();
    }
    let named: FxHashSet<&str> = options
        .inputs
        .iter()
        .map(|input| input.path.as_str())
        .filter(|path| !options.found.contains(*path))
        .collect();
    let files = store.iter().filter(|(id, _)| {
        let path = store.sources.get(*id).path.as_str();
        is_of_base(path, options) && !named.contains(path)
    });
    files.map(|(id, _)| id).collect()
}

/// What is said of findings that are not shown for that reason: the file of each.
pub(super) fn note(left_out: &[FileId]) -> Option<String> {
    let count = left_out.len();
    let files: BTreeSet<FileId> = left_out.iter().copied().collect();
    let plural = |count: usize| if count == 1 { "" } else { "s" };
    (count > 0).then(|| {
        format!(
            "{count} finding{} in {} file{} that AppArmor ships in the base directory {} not shown; \
             `--include-base` shows them",
            plural(count),
            files.len(),
            plural(files.len()),
            if count == 1 { "is" } else { "are" },
        )
    })
}

fn is_of_base(path: &str, options: &Options) -> bool {
    let mut directories = options.search.directories.iter();
    directories.any(|base| {
        let base = base.trim_end_matches('/');
        let below = match base {
            "." => Some(path.strip_prefix("./").unwrap_or(path)),
            base => path
                .strip_prefix(base)
                .and_then(|rest| rest.strip_prefix('/')),
        };
        below.is_some_and(is_shipped)
    })
}
