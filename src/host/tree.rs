//! The policy trees that files lie in.

use std::fs;

use rustc_hash::FxHashSet;

use super::Disk;
use crate::source::{EntryKind, Vfs};

/// For each path the nearest directory, itself or around it, that holds `abstractions` or `tunables`:
/// what lies there is meant by `<…>` in the files of the tree, wherever it will be installed. Each
/// directory once, in the order of the paths.
#[must_use]
pub fn policy_trees(paths: &[String]) -> Vec<String> {
    let mut seen: FxHashSet<String> = FxHashSet::default();
    let mut trees = Vec::new();
    for path in paths {
        let mut directory = if Disk.kind(path) == Some(EntryKind::Directory) {
            path.trim_end_matches('/').to_owned()
        } else {
            around(path)
        };
        while seen.insert(directory.clone()) {
            if is_tree(&directory) {
                trees.push(directory);
                break;
            }
            if is_topmost(&directory) {
                break;
            }
            directory = around(&directory);
        }
    }
    trees
}

fn is_tree(directory: &str) -> bool {
    ["abstractions", "tunables"]
        .iter()
        .any(|name| Disk.kind(&format!("{directory}/{name}")) == Some(EntryKind::Directory))
}

/// The directory around a path, spelled so that paths below it keep their spelling.
fn around(path: &str) -> String {
    match path.rsplit_once('/') {
        _ if path == "." => "..".to_owned(),
        _ if path == ".." || path.ends_with("/..") => format!("{path}/.."),
        Some((directory, _)) => directory.to_owned(),
        None if path.is_empty() => String::new(),
        None => ".".to_owned(),
    }
}

/// Whether nothing lies around a directory; also if it is not there.
#[expect(
    clippy::disallowed_methods,
    reason = "the host is where directories are found"
)]
fn is_topmost(directory: &str) -> bool {
    directory.is_empty() || fs::canonicalize(directory).map_or(true, |full| full.parent().is_none())
}

#[cfg(test)]
mod tests {
    use super::around;

    #[test]
    fn directories_around() {
        assert_eq!(around("a/b/c"), "a/b");
        assert_eq!(around("a"), ".");
        assert_eq!(around("./a"), ".");
        assert_eq!(around("."), "..");
        assert_eq!(around("../a"), "..");
        assert_eq!(around(".."), "../..");
        assert_eq!(around("/a"), "");
        assert_eq!(around(""), "");
    }
}
