//! A root directory with nothing in it but decoys.
//!
//! AppArmor knows a file by its path below the root of the mount namespace, whatever the file is. So
//! the probes get a mount namespace of their own, and an empty temporary file system as its root: a
//! decoy can lie at any path, belongs to whom it should, lets everybody do everything, and no real file
//! is ever touched. All of it goes with the last thread in there. The road not taken is to bind decoys
//! over the files of this machine: what lies around them (symbolic links, read-only mounts, missing
//! directories) would keep half of the probes from being made.

use std::ffi::OsStr;
use std::fs;
use std::io;
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};

use rustix::fs::{Gid, Mode, OFlags, Uid, chown, mkdir, open};
use rustix::mount::{MountFlags, MountPropagationFlags, UnmountFlags};
use rustix::mount::{mount, mount_change, unmount};
use rustix::process::{chdir, pivot_root, umask};
use rustix::thread::UnshareFlags;

use crate::verify::query_interface::SOMEBODY_ELSE;

/// Directories of which one is on every system; the new root is put there before it becomes the root.
const PLACES: [&str; 4] = ["/tmp", "/run", "/mnt", "/proc"];
/// Maximum length of a name of a file and longest path, in bytes (limits.h).
const MAX_NAME: usize = 255;
const MAX_PATH: usize = 4095;

/// The root of the threads that are in it.
#[derive(Debug)]
pub(super) struct DecoyRoot(());

#[expect(
    clippy::disallowed_methods,
    reason = "decoys are files, in a root of their own"
)]
impl DecoyRoot {
    /// Puts the calling thread, and threads that it starts from now on, into a new one.
    pub(super) fn enter() -> io::Result<Self> {
        unshare(UnshareFlags::NEWNS)?;
        mount_change(
            "/",
            MountPropagationFlags::PRIVATE | MountPropagationFlags::REC,
        )?;
        let is_directory = |place: &&&str| fs::exists(place).unwrap_or(false);
        let place = PLACES.iter().find(is_directory);
        let place = place.ok_or_else(|| io::Error::other("there is no directory to begin in"))?;
        mount("tmpfs", *place, "tmpfs", MountFlags::empty(), None)?;
        chdir(*place)?;
        // The old root lies over the new one until it is taken away, pivot_root(2).
        pivot_root(".", ".")?;
        unmount(".", UnmountFlags::DETACH)?;
        chdir("/")?;
        umask(Mode::empty());
        Ok(Self(()))
    }

    /// Takes all decoys away.
    pub(super) fn clear(&self) -> io::Result<()> {
        for entry in fs::read_dir("/")? {
            let path = entry?.path();
            if fs::symlink_metadata(&path)?.is_dir() {
                fs::remove_dir_all(path)?;
            } else {
                fs::remove_file(path)?;
            }
        }
        Ok(())
    }

    /// Makes the directories that lead to a path.
    pub(super) fn directories(&self, path: &[u8]) -> io::Result<()> {
        let mut made = PathBuf::from("/");
        let parent = path.strip_suffix(b"/").unwrap_or(path);
        let parent = Path::new(OsStr::from_bytes(parent)).parent();
        for name in parent.into_iter().flat_map(Path::iter) {
            made.push(name);
            match mkdir(&made, Mode::from_raw_mode(0o777)) {
                Err(rustix::io::Errno::EXIST) | Ok(()) => {}
                Err(error) => return Err(error.into()),
            }
        }
        Ok(())
    }

    /// Makes a directory, with those that lead to it.
    pub(super) fn directory(&self, path: &[u8], is_own: bool) -> io::Result<()> {
        self.directories(path)?;
        match mkdir(path, Mode::from_raw_mode(0o777)) {
            Err(rustix::io::Errno::EXIST) | Ok(()) => give(path, is_own),
            Err(error) => Err(error.into()),
        }
    }

    /// Makes a file that everybody may read, write and run, with the directories that lead to it.
    pub(super) fn file(&self, path: &[u8], is_own: bool, bytes: &[u8]) -> io::Result<()> {
        self.directories(path)?;
        let flags = OFlags::WRONLY | OFlags::CREATE | OFlags::TRUNC | OFlags::CLOEXEC;
        let file = open(path, flags, Mode::from_raw_mode(0o777))?;
        io::Write::write_all(&mut fs::File::from(file), bytes)?;
        give(path, is_own)
    }
}

/// Gives a decoy to somebody else, unless it is for its maker.
fn give(path: &[u8], is_own: bool) -> io::Result<()> {
    if is_own {
        return Ok(());
    }
    let (uid, gid) = (Uid::from_raw(SOMEBODY_ELSE), Gid::from_raw(SOMEBODY_ELSE));
    Ok(chown(path, Some(uid), Some(gid))?)
}

/// Whether a decoy can lie at a path: whether there can be a file of that name at all.
pub(in crate::verify) fn can_be_a_path(path: &[u8]) -> bool {
    let Some(rest) = path.strip_prefix(b"/") else {
        return false;
    };
    let rest = rest.strip_suffix(b"/").unwrap_or(rest);
    path.len() <= MAX_PATH
        && (rest.is_empty() && path == b"/" || !rest.is_empty())
        && (rest.is_empty() || rest.split(|byte| *byte == b'/').all(can_be_a_name))
}

fn can_be_a_name(name: &[u8]) -> bool {
    !matches!(name, b"" | b"." | b"..") && name.len() <= MAX_NAME && !name.contains(&0)
}

/// Takes the calling thread out of what it shares with others.
#[expect(
    unsafe_code,
    reason = "unshare(2) is unsafe for what it can do to file descriptors; these stay shared here"
)]
pub(super) fn unshare(flags: UnshareFlags) -> io::Result<()> {
    // SAFETY: CLONE_FILES is taken out, whatever the caller passes.
    Ok(unsafe { rustix::thread::unshare_unsafe(flags.difference(UnshareFlags::FILES)) }?)
}

#[cfg(test)]
mod tests {
    use super::can_be_a_path;

    #[test]
    fn paths_at_which_a_decoy_can_lie() {
        for path in ["/", "/a", "/a/", "/a/b c", "/\u{e4}/\n"] {
            assert!(can_be_a_path(path.as_bytes()), "{path:?}");
        }
        for path in ["", "a", "//", "/a//b", "/a/../b", "/./a", "/a\0b"] {
            assert!(!can_be_a_path(path.as_bytes()), "{path:?}");
        }
        assert!(can_be_a_path(format!("/{}", "a".repeat(255)).as_bytes()));
        assert!(!can_be_a_path(format!("/{}", "a".repeat(256)).as_bytes()));
        assert!(!can_be_a_path("/a".repeat(2048).as_bytes()));
    }
}
