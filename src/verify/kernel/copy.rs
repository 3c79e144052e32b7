//! The files of a policy as aalint read them, laid out anew for apparmor_parser in a directory that only root can
//! enter.
//!
//! The user who owns the files of a policy may exchange them between two looks. What the parser compiles must be what was
//! judged, so it never reads the files themselves.

use std::fs::{self, DirBuilder, File};
use std::io;
use std::os::unix::fs::{DirBuilderExt, MetadataExt};
use std::path::{Component, Path, PathBuf};
use std::sync::atomic::{AtomicU32, Ordering};

use rustix::fs::{FlockOperation, flock};

use crate::source::Snapshot;

/// How the names of such directories begin.
const PREFIX: &str = "policy-";
/// How often a directory is made anew that was swept away before its lock was taken.
const MAX_ATTEMPTS: u32 = 8;

/// The copy; it goes when this goes. Should the process die before, the next one that sweeps takes it away.
#[derive(Debug)]
pub(in crate::verify) struct PrivateCopy {
    directory: PathBuf,
    /// What relative paths count from.
    current: PathBuf,
    /// Its lock says that its maker lives.
    _lock: File,
}

#[expect(
    clippy::disallowed_methods,
    reason = "the parser is given files of its own"
)]
impl PrivateCopy {
    /// Copies all that was seen. `parent` is a directory that only root can enter.
    pub(in crate::verify) fn of(snapshot: &Snapshot<'_>, parent: &Path) -> io::Result<Self> {
        let (directory, lock) = make(parent)?;
        let copy = Self {
            directory,
            current: std::env::current_dir()?,
            _lock: lock,
        };
        fs::create_dir_all(copy.place(".")?)?;
        for path in snapshot.directories() {
            fs::create_dir_all(copy.place(&path)?)?;
        }
        for (path, bytes) in snapshot.files() {
            let place = copy.place(&path)?;
            if let Ok(other) = fs::read(&place) {
                // Two paths that differ by links and `..` may be one here.
                if other != bytes {
                    return Err(ambiguous(&path));
                }
                continue;
            }
            fs::write(place, bytes)?;
        }
        Ok(copy)
    }

    /// Where a path lies in the copy. The directories on the way to it are made, for the parser goes through them.
    pub(in crate::verify) fn place(&self, path: &str) -> io::Result<PathBuf> {
        let mut place = self.directory.clone();
        let mut depth = 0_u32;
        let absolute = self.current.join(path);
        let mut components = absolute.components().peekable();
        while let Some(component) = components.next() {
            match component {
                Component::Normal(name) => {
                    place.push(name);
                    depth += 1;
                    if components.peek().is_some() {
                        fs::create_dir_all(&place)?;
                    }
                }
                Component::ParentDir if depth == 0 => {
                    let why = format!("{path} leads above the root directory");
                    return Err(io::Error::other(why));
                }
                Component::ParentDir => {
                    place.pop();
                    depth -= 1;
                }
                Component::RootDir | Component::CurDir | Component::Prefix(_) => {}
            }
        }
        Ok(place)
    }

    /// What the parser says of files here, as if it had read the files themselves.
    pub(in crate::verify) fn translated(&self, text: &str) -> String {
        text.replace(&*self.directory.to_string_lossy(), "")
    }
}

impl Drop for PrivateCopy {
    #[expect(
        clippy::disallowed_methods,
        reason = "the parser is given files of its own"
    )]
    fn drop(&mut self) {
        // What is left is swept away by the next run.
        let _ = fs::remove_dir_all(&self.directory);
    }
}

fn ambiguous(path: &str) -> io::Error {
    io::Error::other(format!(
        "{path} and another path lead to different files here, and to the same place without links"
    ))
}

#[expect(
    clippy::disallowed_methods,
    reason = "the parser is given files of its own"
)]
fn make(parent: &Path) -> io::Result<(PathBuf, File)> {
    static COUNT: AtomicU32 = AtomicU32::new(0);
    for _ in 0..MAX_ATTEMPTS {
        let number = COUNT.fetch_add(1, Ordering::Relaxed);
        let directory = parent.join(format!("{PREFIX}{}-{number}", std::process::id()));
        match DirBuilder::new().mode(0o700).create(&directory) {
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => continue,
            other => other?,
        }
        let Ok(lock) = File::open(&directory) else {
            continue;
        };
        flock(&lock, FlockOperation::NonBlockingLockExclusive)?;
        // Somebody may have swept it away before it was locked.
        let held = lock.metadata()?;
        let is_there = fs::symlink_metadata(&directory);
        if is_there.is_ok_and(|found| (found.dev(), found.ino()) == (held.dev(), held.ino())) {
            return Ok((directory, lock));
        }
    }
    Err(io::Error::other("a directory cannot be made and kept"))
}

/// Takes away the copies whose makers are gone.
#[expect(
    clippy::disallowed_methods,
    reason = "the parser is given files of its own"
)]
pub(in crate::verify) fn sweep(parent: &Path) -> io::Result<()> {
    for entry in fs::read_dir(parent)? {
        let entry = entry?;
        if !entry.file_name().to_string_lossy().starts_with(PREFIX) {
            continue;
        }
        let Ok(directory) = File::open(entry.path()) else {
            continue;
        };
        if flock(&directory, FlockOperation::NonBlockingLockExclusive).is_ok() {
            fs::remove_dir_all(entry.path())?;
        }
    }
    Ok(())
}

#[cfg(test)]
#[expect(clippy::disallowed_methods, reason = "the tests look at files")]
mod tests {
    use std::os::unix::fs::PermissionsExt;

    use super::*;
    use crate::source::{MemoryVfs, Vfs};

    fn entries(directory: &Path) -> usize {
        fs::read_dir(directory).unwrap().count()
    }

    #[test]
    fn what_was_seen_lies_at_its_path_and_goes() {
        let parent = tempfile::tempdir().unwrap();
        let mut vfs = MemoryVfs::default();
        vfs.insert("/base/tunables/global", "@{A}=/a");
        vfs.insert("--ofile=x", "profile a {}");
        vfs.insert("/base/link/../other", "elsewhere");
        let snapshot = Snapshot::new(&vfs);
        for path in ["/base/tunables/global", "--ofile=x", "/base/link/../other"] {
            snapshot.read(path).unwrap();
        }
        let copy = PrivateCopy::of(&snapshot, parent.path()).unwrap();
        let mode = fs::metadata(&copy.directory).unwrap().permissions().mode();
        assert_eq!(mode & 0o7777, 0o700);
        let read = |path: &str| fs::read_to_string(copy.place(path).unwrap()).unwrap();
        assert_eq!(read("/base/tunables/global"), "@{A}=/a");
        assert_eq!(read("--ofile=x"), "profile a {}");
        // As the kernel walks it.
        let raw = copy.directory.join("base/link/../other");
        assert_eq!(fs::read_to_string(raw).unwrap(), "elsewhere");
        let said = format!("error in {}/base/x", copy.directory.display());
        assert_eq!(copy.translated(&said), "error in /base/x");
        assert!(copy.place("/../../etc/passwd").is_err());
        // It is alive.
        sweep(parent.path()).unwrap();
        assert_eq!(entries(parent.path()), 1);
        drop(copy);
        assert_eq!(entries(parent.path()), 0);
    }

    #[test]
    fn paths_that_only_links_tell_apart_are_refused() {
        let parent = tempfile::tempdir().unwrap();
        let mut vfs = MemoryVfs::default();
        vfs.insert("/base/x", "one");
        vfs.insert("/base/link/../x", "another");
        let snapshot = Snapshot::new(&vfs);
        snapshot.read("/base/x").unwrap();
        snapshot.read("/base/link/../x").unwrap();
        let error = PrivateCopy::of(&snapshot, parent.path()).unwrap_err();
        assert!(error.to_string().contains("different files"), "{error}");
        assert_eq!(entries(parent.path()), 0);
    }

    #[test]
    fn what_a_dead_run_left_is_swept_away() {
        let parent = tempfile::tempdir().unwrap();
        fs::create_dir_all(parent.path().join("policy-1-0/etc")).unwrap();
        fs::create_dir(parent.path().join("other")).unwrap();
        sweep(parent.path()).unwrap();
        assert_eq!(entries(parent.path()), 1);
        assert!(parent.path().join("other").exists());
    }
}
