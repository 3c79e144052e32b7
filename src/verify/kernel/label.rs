//! Labels of tasks, and how a thread of our own takes one.
//!
//! The label belongs to a thread, not to its process, and is changed through a file of procfs that
//! only the thread itself may write. The directory is held open, so that it is there for threads that
//! see another root.

use std::io;
use std::path::Path;

use rustix::fd::{AsFd, BorrowedFd, OwnedFd};
use rustix::fs::{Mode, OFlags, open, openat};
use rustix::io::{pread, pwrite};

use super::securityfs::LoadedProfile;

/// Maximum length of a label that is read, in bytes.
const MAX_LABEL: usize = 4096;
/// AppArmor's own file, and the one that the kernel's first security module has.
const FILES: [&str; 2] = ["attr/apparmor/current", "attr/current"];

/// The tasks that a process file system shows.
#[derive(Debug)]
pub(in crate::verify) struct Tasks(OwnedFd);

/// The calling thread's label.
#[derive(Debug)]
pub(in crate::verify) struct OwnLabel(OwnedFd);

impl Tasks {
    /// Those of the process file system at a place.
    pub(in crate::verify) fn of(proc: &Path) -> io::Result<Self> {
        let flags = OFlags::PATH | OFlags::DIRECTORY | OFlags::CLOEXEC;
        Ok(Self(open(proc, flags, Mode::empty())?))
    }

    /// The directory.
    pub(in crate::verify) fn directory(&self) -> BorrowedFd<'_> {
        self.0.as_fd()
    }

    /// The calling thread's label. To be called outside of the profile, which may not allow to open the
    /// file.
    pub(in crate::verify) fn own(&self) -> io::Result<OwnLabel> {
        self.open("thread-self", OFlags::RDWR).map(OwnLabel)
    }

    /// The label of a process's first thread.
    pub(in crate::verify) fn label_of(&self, process: u32) -> io::Result<String> {
        OwnLabel(self.open(&process.to_string(), OFlags::RDONLY)?).read()
    }

    fn open(&self, task: &str, flags: OFlags) -> io::Result<OwnedFd> {
        let open = |file: &str| {
            let flags = flags | OFlags::CLOEXEC;
            openat(&self.0, format!("{task}/{file}"), flags, Mode::empty())
        };
        let [first, second] = FILES;
        Ok(open(first).or_else(|_| open(second))?)
    }
}

impl OwnLabel {
    /// The label as the kernel writes it: `NAME (MODE)`, or `unconfined`.
    pub(in crate::verify) fn read(&self) -> io::Result<String> {
        let mut label = [0; MAX_LABEL];
        let length = pread(&self.0, &mut label, 0)?;
        let label = String::from_utf8_lossy(label.get(..length).unwrap_or_default());
        Ok(label.trim_end_matches(['\n', '\0']).to_owned())
    }

    /// Changes the profile, as the present one allows.
    pub(in crate::verify) fn change(&self, name: &str) -> rustix::io::Result<()> {
        pwrite(&self.0, format!("changeprofile {name}").as_bytes(), 0).map(drop)
    }

    /// Enters a profile from outside of any.
    ///
    /// # Errors
    /// If the kernel refuses, or gives another label than that profile's.
    pub(in crate::verify) fn enter(&self, profile: &LoadedProfile) -> io::Result<()> {
        self.change(&profile.name)?;
        let label = self.read()?;
        let expected = profile.label();
        if label == expected {
            return Ok(());
        }
        Err(io::Error::other(format!(
            "a thread that enters it has the label `{label}` instead of `{expected}`"
        )))
    }
}
