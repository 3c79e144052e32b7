//! The files below paths that somebody names.

use std::ffi::OsStr;
use std::fs;
use std::io;
use std::path::Path;

use super::name::{real, shown};

/// A file found by [`walk`].
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub struct FoundFile {
    /// Its path, below the given one.
    pub path: String,
    /// Length of the part of `path` that somebody named.
    pub named: usize,
    /// Why it cannot be reached: a link that leads nowhere, a directory that cannot be read.
    pub obstacle: Option<String>,
}

impl FoundFile {
    /// Whether somebody named it, instead of a directory around it.
    #[must_use]
    pub fn is_named(&self) -> bool {
        self.named == self.path.len()
    }
}

/// The files below `paths`, sorted, with what could not be reached. Directories are walked as git does
/// (`.gitignore`); hidden files are left out.
#[must_use]
#[expect(
    clippy::disallowed_methods,
    reason = "this module is where files are found"
)]
pub fn walk(paths: &[String]) -> Vec<FoundFile> {
    let mut found = Vec::new();
    for path in paths {
        let named = path.len();
        let mut enter = |path: String, obstacle: Option<String>| {
            found.push(FoundFile {
                path,
                named,
                obstacle,
            });
        };
        let real = real(path);
        match fs::metadata(&real) {
            Err(error) => enter(path.clone(), Some(why(&error, &real))),
            Ok(metadata) if !metadata.is_dir() => enter(path.clone(), None),
            Ok(_) => {
                // The walk's own spelling of the path, which may be of other bytes.
                let top = shown(real.as_os_str());
                let below = |full: &OsStr| {
                    let full = shown(full);
                    match full.strip_prefix(&top) {
                        Some(below) => format!("{path}{below}"),
                        None => full,
                    }
                };
                let walker = ignore::WalkBuilder::new(&real)
                    .follow_links(true)
                    .require_git(false)
                    .build();
                for entry in walker {
                    match entry {
                        Ok(entry) if entry.file_type().is_some_and(|kind| kind.is_dir()) => {}
                        Ok(entry) => {
                            let is_file = entry.file_type().is_some_and(|kind| kind.is_file());
                            let obstacle = (!is_file).then(|| "is no regular file".to_owned());
                            enter(below(entry.path().as_os_str()), obstacle);
                        }
                        Err(error) => {
                            // What a link to a directory around it leads to is walked already.
                            let Some((at, why)) = told(&error, None) else {
                                continue;
                            };
                            let at = at.map_or_else(|| path.clone(), |at| below(at.as_os_str()));
                            enter(at, Some(why));
                        }
                    }
                }
            }
        }
    }
    found.sort();
    // One that is also named has the longest part named, and stands last.
    found.dedup_by(|later, kept| {
        let is_same = later.path == kept.path;
        if is_same {
            kept.named = later.named.max(kept.named);
        }
        is_same
    });
    found
}

/// Where an error of a walk is, and what it is; `None` for a link to a directory around it.
fn told<'e>(error: &'e ignore::Error, at: Option<&'e Path>) -> Option<(Option<&'e Path>, String)> {
    match error {
        ignore::Error::WithPath { path, err } => told(err, Some(path)),
        ignore::Error::WithDepth { err, .. } | ignore::Error::WithLineNumber { err, .. } => {
            told(err, at)
        }
        ignore::Error::Loop { .. } => None,
        ignore::Error::Io(error) => Some((at, again(error, at))),
        other => Some((at, other.to_string())),
    }
}

/// The error of a walk in the system's words: asked again, because the walk wraps it in its own.
#[expect(
    clippy::disallowed_methods,
    reason = "this module is where files are found"
)]
fn again(error: &io::Error, at: Option<&Path>) -> String {
    let asked = at.map(|path| (path, fs::metadata(path).and_then(|_| fs::read_dir(path))));
    match asked {
        Some((path, Err(error))) => why(&error, path),
        _ => error.to_string(),
    }
}

#[expect(
    clippy::disallowed_methods,
    reason = "this module is where files are found"
)]
fn why(error: &io::Error, path: &Path) -> String {
    let is_link = fs::symlink_metadata(path).is_ok_and(|there| there.is_symlink());
    match error.kind() {
        io::ErrorKind::NotFound if is_link => "is a link that leads nowhere".to_owned(),
        io::ErrorKind::NotFound => "no such file or directory".to_owned(),
        _ => error.to_string(),
    }
}
