//! Where a tree of policy has its abstractions and tunables.

use crate::source::{EntryKind, Vfs};

/// How deep below a path directories are looked at.
const MAX_DEPTH: usize = 4;

/// The directory in which `<…>` is searched, if the tree has one: around the first of `paths`, or
/// below one of them; the nearest.
#[must_use]
pub fn find_base(vfs: &dyn Vfs, paths: &[String]) -> Option<String> {
    let around = paths.first().and_then(|path| {
        let above = path.match_indices('/').map(|(at, _)| path.get(..at));
        let mut above: Vec<&str> = above.flatten().filter(|path| !path.is_empty()).collect();
        if !path.starts_with('/') {
            above.insert(0, ".");
        }
        above.push(path);
        let found = above.into_iter().rev().find(|path| is_base(vfs, path));
        found.map(str::to_owned)
    });
    around.or_else(|| paths.iter().find_map(|path| below(vfs, path)))
}

fn is_base(vfs: &dyn Vfs, path: &str) -> bool {
    let is_directory = |name| vfs.kind(&join(path, name)) == Some(EntryKind::Directory);
    is_directory("abstractions") || is_directory("tunables")
}

fn join(path: &str, name: &str) -> String {
    match path {
        "" | "." => name.to_owned(),
        _ => format!("{}/{name}", path.trim_end_matches('/')),
    }
}

/// The one that lies least deep, the first by name of several.
fn below(vfs: &dyn Vfs, path: &str) -> Option<String> {
    let mut level = vec![path.to_owned()];
    for _ in 0..MAX_DEPTH {
        let mut next = Vec::new();
        for path in level {
            for entry in vfs.list(&path).unwrap_or_default() {
                if entry.kind == EntryKind::Directory && !entry.name.starts_with('.') {
                    next.push(join(&path, &entry.name));
                }
            }
        }
        if let Some(found) = next.iter().find(|path| is_base(vfs, path)) {
            return Some(found.clone());
        }
        level = next;
    }
    None
}
