//! Probes of files: a decoy, and the calls that are made with it.

use std::ffi::OsStr;
use std::io::{self, pipe};
use std::os::unix::ffi::OsStrExt;
use std::process::{Command, Stdio};
use std::ptr;

use rustix::fd::{AsFd, OwnedFd};
use rustix::fs::{FlockOperation, Mode, OFlags};
use rustix::fs::{flock, link, mkdir, open, rename, rmdir, unlink};
use rustix::io::Errno;
use rustix::mm::{MapFlags, ProtFlags, mmap, munmap};

use super::decoy_root::DecoyRoot;
use super::elf::waiting_program;
use super::operation::FileCall;
use super::task::{Performed, Ready, Running};

/// How much of a decoy is mapped, in bytes.
const MAPPED: usize = 4096;

/// Places the decoy.
pub(super) fn place(root: &DecoyRoot, path: &[u8], is_own: bool, call: FileCall) -> io::Result<()> {
    match call {
        FileCall::Create | FileCall::MakeDirectory => root.directories(path),
        FileCall::List | FileCall::RemoveDirectory => root.directory(path, is_own),
        FileCall::Exec => {
            let program = waiting_program().ok_or(io::ErrorKind::Unsupported)?;
            root.file(path, is_own, &program)
        }
        _ => root.file(path, is_own, &[0; MAPPED]),
    }
}

/// Places what a link leads to.
pub(super) fn place_target(
    root: &DecoyRoot,
    name: &[u8],
    target: &[u8],
    is_own: bool,
) -> io::Result<()> {
    root.directories(name)?;
    root.file(target, is_own, b"")
}

/// Makes ready for the calls.
pub(super) fn ready(path: &[u8], call: FileCall) -> io::Result<Ready<'static>> {
    let path = path.to_vec();
    if call == FileCall::Exec {
        return exec(&path);
    }
    Ok(Box::new(move || perform(&path, call)))
}

/// Makes ready for link(2).
pub(super) fn ready_to_link(name: &[u8], target: &[u8]) -> Ready<'static> {
    let (name, target) = (name.to_vec(), target.to_vec());
    Box::new(move || Performed::of("link", link(target, name)))
}

fn perform(path: &[u8], call: FileCall) -> Performed {
    let opened = |flags: OFlags| {
        let mode = Mode::from_raw_mode(0o777);
        open(path, flags | OFlags::CLOEXEC, mode)
    };
    match call {
        FileCall::Read => Performed::of("openat", opened(OFlags::RDONLY)),
        FileCall::Write => Performed::of("openat", opened(OFlags::WRONLY)),
        FileCall::Append => Performed::of("openat", opened(OFlags::WRONLY | OFlags::APPEND)),
        FileCall::Create => {
            let flags = OFlags::WRONLY | OFlags::CREATE | OFlags::EXCL;
            Performed::of("openat", opened(flags))
        }
        FileCall::List => Performed::of("openat", opened(OFlags::RDONLY | OFlags::DIRECTORY)),
        FileCall::Delete => Performed::of("unlink", unlink(path)),
        FileCall::Rename => Performed::of("rename", rename(path, path)),
        FileCall::MakeDirectory => Performed::of("mkdir", mkdir(path, Mode::from_raw_mode(0o777))),
        FileCall::RemoveDirectory => Performed::of("rmdir", rmdir(path)),
        FileCall::Lock { is_reading } => {
            let flags = if is_reading {
                OFlags::RDONLY
            } else {
                OFlags::WRONLY
            };
            let operation = FlockOperation::NonBlockingLockShared;
            after(opened(flags), "flock", |file| flock(file, operation))
        }
        FileCall::Map => after(opened(OFlags::RDONLY), "mmap", map),
        // Made ready apart, for it needs a pipe from outside of the profile.
        FileCall::Exec => Performed::of("execve", Err::<(), _>(Errno::NOSYS)),
    }
}

/// A call that needs an open file; where that cannot be opened, that is what failed.
fn after(
    file: rustix::io::Result<OwnedFd>,
    call: &'static str,
    make: impl FnOnce(&OwnedFd) -> rustix::io::Result<()>,
) -> Performed {
    match file {
        Ok(file) => Performed::of(call, make(&file)),
        Err(error) => Performed::of("openat", Err::<(), _>(error)),
    }
}

#[expect(
    unsafe_code,
    reason = "there is no other way to map a file as executable"
)]
fn map(file: &OwnedFd) -> rustix::io::Result<()> {
    let protection = ProtFlags::READ | ProtFlags::EXEC;
    // SAFETY: the kernel chooses an address where nothing is, and nothing reads from there or keeps it.
    unsafe {
        let address = mmap(
            ptr::null_mut(),
            MAPPED,
            protection,
            MapFlags::PRIVATE,
            file.as_fd(),
            0,
        )?;
        munmap(address, MAPPED)
    }
}

/// The program reports that it has begun, and then waits for its standard input to end, so that the process that
/// holds the other side can look at its label, and so that it needs no signal to end: a profile may
/// refuse it.
#[expect(clippy::disallowed_methods, reason = "a decoy is run")]
fn exec(path: &[u8]) -> io::Result<Ready<'static>> {
    let (input, hold) = pipe()?;
    let (begun, output) = pipe()?;
    let errors = output.try_clone()?;
    let mut command = Command::new(OsStr::from_bytes(path));
    command
        .env_clear()
        .stdin(Stdio::from(input))
        .stdout(Stdio::from(output))
        .stderr(Stdio::from(errors));
    Ok(Box::new(move || match command.spawn() {
        Ok(child) => {
            // Else the pipe would not end with the program.
            drop(command);
            Performed {
                running: Some(Running { child, begun, hold }),
                ..Performed::of("execve", Ok(()))
            }
        }
        Err(error) => {
            let number = error.raw_os_error().unwrap_or_default();
            Performed::of("execve", Err::<(), _>(Errno::from_raw_os_error(number)))
        }
    }))
}
