//! The files below paths that somebody names.

use std::ffi::{OsStr, OsString};
use std::fs;
use std::io;
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use rustc_hash::{FxHashMap, FxHashSet};

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

/// What a walk found.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Walked {
    /// The files, sorted, with what could not be reached.
    pub files: Vec<FoundFile>,
    /// Links to directories outside of all that was named, which were not followed; sorted.
    pub unwalked: Vec<String>,
    /// How many files and directories were left out because a `.gitignore` names them.
    pub ignored: usize,
}

/// The files below `paths`. Directories are walked as git does (`.gitignore`); hidden files are left out, and links
/// to directories outside are not followed: they could lead through the whole disk.
#[must_use]
#[expect(
    clippy::disallowed_methods,
    reason = "this module is where files are found"
)]
pub fn walk(paths: &[String]) -> Walked {
    let mut walked = Walked::default();
    let tops = paths
        .iter()
        .filter_map(|path| real(path).canonicalize().ok());
    let tops: Arc<[PathBuf]> = tops.collect();
    for path in paths {
        let real = real(path);
        let obstacle = match fs::metadata(&real) {
            Ok(metadata) if metadata.is_dir() => {
                directory(path, &real, &tops, &mut walked);
                continue;
            }
            Ok(_) => None,
            Err(error) => Some(why(&error, &real)),
        };
        walked.files.push(FoundFile {
            path: path.clone(),
            named: path.len(),
            obstacle,
        });
    }
    walked.files.sort();
    // One that is also named has the longest part named, and stands last.
    walked.files.dedup_by(|later, kept| {
        let is_same = later.path == kept.path;
        if is_same {
            kept.named = later.named.max(kept.named);
        }
        is_same
    });
    walked.unwalked.sort();
    walked.unwalked.dedup();
    walked
}

/// Walks the directory that somebody named `path`.
fn directory(path: &str, real: &Path, tops: &Arc<[PathBuf]>, walked: &mut Walked) {
    // The walk's own spelling of the path, which may be of other bytes.
    let top = shown(real.as_os_str());
    let below = |full: &OsStr| {
        let full = shown(full);
        match full.strip_prefix(&top) {
            Some(below) => format!("{path}{below}"),
            None => full,
        }
    };
    let unwalked: Arc<Mutex<Vec<PathBuf>>> = Arc::default();
    let (tops, left) = (Arc::clone(tops), Arc::clone(&unwalked));
    let walker = ignore::WalkBuilder::new(real)
        .follow_links(true)
        .require_git(false)
        .filter_entry(move |entry| {
            let is_inside = is_inside(entry, &tops);
            if !is_inside {
                lock(&left).push(entry.path().to_owned());
            }
            is_inside
        })
        .build();
    let mut seen = Seen::default();
    let named = path.len();
    let mut enter = |path: String, obstacle: Option<String>| {
        walked.files.push(FoundFile {
            path,
            named,
            obstacle,
        });
    };
    for entry in walker {
        match entry {
            Ok(entry) => {
                let kind = entry.file_type();
                seen.enter(entry.path(), kind.is_some_and(|kind| kind.is_dir()));
                if !kind.is_some_and(|kind| kind.is_dir()) {
                    let is_file = kind.is_some_and(|kind| kind.is_file());
                    let obstacle = (!is_file).then(|| "is no regular file".to_owned());
                    enter(below(entry.path().as_os_str()), obstacle);
                }
            }
            Err(error) => {
                // What a link to a directory around it leads to is walked already.
                let (at, why) = told(&error, None);
                if let Some(at) = at {
                    seen.enter(at, false);
                }
                if let Some(why) = why {
                    let at = at.map_or_else(|| path.to_owned(), |at| below(at.as_os_str()));
                    enter(at, Some(why));
                }
            }
        }
    }
    let unwalked = std::mem::take(&mut *lock(&unwalked));
    for link in &unwalked {
        seen.enter(link, false);
    }
    walked.ignored += seen.unseen();
    let unwalked = unwalked.iter().map(|link| below(link.as_os_str()));
    walked.unwalked.extend(unwalked);
}

/// Whether an entry may be walked: it is no link to a directory outside of all that was named.
#[expect(
    clippy::disallowed_methods,
    reason = "this module is where files are found"
)]
fn is_inside(entry: &ignore::DirEntry, tops: &[PathBuf]) -> bool {
    let is_directory = entry.file_type().is_some_and(|kind| kind.is_dir());
    if !is_directory || !entry.path_is_symlink() {
        return true;
    }
    let full = entry.path().canonicalize();
    full.is_ok_and(|full| tops.iter().any(|top| full.starts_with(top)))
}

/// The entries that a walk saw, by directory.
#[derive(Default)]
struct Seen {
    entries: FxHashMap<PathBuf, FxHashSet<OsString>>,
}

impl Seen {
    fn enter(&mut self, path: &Path, is_directory: bool) {
        if is_directory {
            self.entries.entry(path.to_owned()).or_default();
        }
        if let (Some(around), Some(name)) = (path.parent(), path.file_name())
            && let Some(entries) = self.entries.get_mut(around)
        {
            entries.insert(name.to_owned());
        }
    }

    /// How many entries of these directories were not seen, although they are not hidden.
    #[expect(
        clippy::disallowed_methods,
        reason = "this module is where files are found"
    )]
    fn unseen(&self) -> usize {
        let unseen = |(directory, seen): (&PathBuf, &FxHashSet<OsString>)| {
            let entries = fs::read_dir(directory).into_iter().flatten().flatten();
            let names = entries.map(|entry| entry.file_name());
            let is_hidden = |name: &OsString| name.as_bytes().starts_with(b".");
            names
                .filter(|name| !is_hidden(name) && !seen.contains(name))
                .count()
        };
        self.entries.iter().map(unseen).sum()
    }
}

fn lock<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    // Each path is entered whole.
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Where an error of a walk is, and what it is; that is `None` for a link to a directory around it.
fn told<'e>(error: &'e ignore::Error, at: Option<&'e Path>) -> (Option<&'e Path>, Option<String>) {
    match error {
        ignore::Error::WithPath { path, err } => told(err, Some(path)),
        ignore::Error::WithDepth { err, .. } | ignore::Error::WithLineNumber { err, .. } => {
            told(err, at)
        }
        ignore::Error::Loop { child, .. } => (Some(child), None),
        ignore::Error::Io(error) => (at, Some(again(error, at))),
        other => (at, Some(other.to_string())),
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
