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

use crate::verify::kernel::SOMEBODY_ELSE;

/// Directories of which one is on every system; the new root is put there before it becomes the root.
const PLACES: [&str; 4] = ["/tmp", "/run", "/mnt", "/proc"];
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

/// Takes the calling thread out of what it shares with others.
#[expect(
    unsafe_code,
    reason = "unshare(2) is unsafe for what it can do to file descriptors; these stay shared here"
)]
pub(super) fn unshare(flags: UnshareFlags) -> io::Result<()> {
    // SAFETY: CLONE_FILES is taken out, whatever the caller passes.
    Ok(unsafe { rustix::thread::unshare_unsafe(flags.difference(UnshareFlags::FILES)) }?)
}
