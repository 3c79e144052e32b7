//! Regular files alone are read: a name may lead to a pipe, a device, or a file that the kernel makes up.

use std::fs::File;
use std::io::{self, Read};
use std::path::Path;

use rustix::fs::{FileType, Mode, OFlags, fstat, open, stat};

use super::name::real;
use crate::source::VfsError;

/// File systems whose files are made up while they are read: what they say of their size is no limit,
/// reading some takes what others wait for (`/proc/kmsg`), and some never end. The numbers are those of
/// statfs(2) and of linux/magic.h.
#[cfg(target_os = "linux")]
const MADE_UP: &[(i128, &str)] = &[
    (0x9fa0, "proc"),
    (0x6265_6572, "sysfs"),
    (0x6462_6720, "debugfs"),
    (0x7472_6163, "tracefs"),
    (0x6265_6570, "configfs"),
    (0x0027_e0eb, "cgroup"),
    (0x6367_7270, "cgroup2"),
    (0xcafe_4a11, "bpf"),
    (0x4249_4e4d, "binfmt_misc"),
    (0x1980_0202, "mqueue"),
];

/// Opens a regular file, links followed, and never waits; with its size in bytes.
pub(super) fn regular(path: &Path) -> Result<(File, u64), VfsError> {
    // Before it is opened: opening some devices does something.
    is_regular(stat(path).map_err(error)?.st_mode)?;
    let flags = OFlags::RDONLY | OFlags::NONBLOCK | OFlags::NOCTTY | OFlags::CLOEXEC;
    let file = open(path, flags, Mode::empty()).map_err(error)?;
    // Something else may lie there by now.
    let facts = fstat(&file).map_err(error)?;
    is_regular(facts.st_mode)?;
    #[cfg(target_os = "linux")]
    {
        // A word of the machine, with or without a sign.
        let kind = i128::from(rustix::fs::fstatfs(&file).map_err(error)?.f_type) & 0xffff_ffff;
        if let Some((_, name)) = MADE_UP.iter().find(|(number, _)| *number == kind) {
            let why = format!("not a regular file: the kernel makes it up ({name})");
            return Err(VfsError::Other(why));
        }
    }
    Ok((File::from(file), u64::try_from(facts.st_size).unwrap_or(0)))
}

/// All of a regular file of at most `limit` bytes.
///
/// # Errors
/// If it is not there, cannot be read, is larger, or is no regular file.
pub(super) fn whole(path: &Path, limit: usize) -> Result<Vec<u8>, VfsError> {
    let (file, size) = regular(path)?;
    if size > limit as u64 {
        return Err(VfsError::TooLarge(size));
    }
    // It may grow, and some file systems do not tell its size.
    let bytes = at_most(file, size, limit + 1)?;
    if bytes.len() > limit {
        return Err(VfsError::TooLarge(bytes.len() as u64));
    }
    Ok(bytes)
}

/// The first bytes of a regular file, at most `limit`.
///
/// # Errors
/// If it is not there, cannot be read, or is no regular file.
pub(super) fn beginning(path: &Path, limit: usize) -> Result<Vec<u8>, VfsError> {
    let (file, size) = regular(path)?;
    at_most(file, size, limit)
}

/// The first bytes of a file that says it has `size`.
fn at_most(file: File, size: u64, limit: usize) -> Result<Vec<u8>, VfsError> {
    let expected = usize::try_from(size).unwrap_or(limit).min(limit);
    let mut bytes = Vec::with_capacity(expected.saturating_add(1));
    file.take(limit as u64)
        .read_to_end(&mut bytes)
        .map_err(|error| VfsError::Other(error.to_string()))?;
    Ok(bytes)
}

/// Opens a log: a regular file, or the pipe that a shell puts in the place of `<(…)` or of standard input.
///
/// # Errors
/// If it is not there, cannot be read, or is something else. Another pipe could make the program wait for ever.
pub fn log(path: &str) -> Result<File, VfsError> {
    let is_of_shell = path == "/dev/stdin"
        || ["/dev/fd/", "/proc/self/fd/"]
            .iter()
            .any(|start| path.starts_with(start));
    let path = real(path);
    let is_pipe =
        stat(&*path).is_ok_and(|there| FileType::from_raw_mode(there.st_mode) == FileType::Fifo);
    if is_of_shell && is_pipe {
        let flags = OFlags::RDONLY | OFlags::CLOEXEC;
        return Ok(File::from(
            open(&*path, flags, Mode::empty()).map_err(error)?,
        ));
    }
    regular(&path).map(|(file, _)| file)
}

/// Whether standard input is a file, a pipe or a socket, from which a command without a name of a log may read.
#[must_use]
#[expect(clippy::disallowed_methods, reason = "it is looked at, not read")]
pub fn has_input() -> bool {
    fstat(io::stdin()).is_ok_and(|input| {
        matches!(
            FileType::from_raw_mode(input.st_mode),
            FileType::RegularFile | FileType::Fifo | FileType::Socket
        )
    })
}

fn is_regular(mode: rustix::fs::RawMode) -> Result<(), VfsError> {
    let what = match FileType::from_raw_mode(mode) {
        FileType::RegularFile => return Ok(()),
        FileType::Directory => "it is a directory",
        FileType::Fifo => "it is a pipe",
        FileType::Socket => "it is a socket",
        FileType::CharacterDevice | FileType::BlockDevice => "it is a device",
        _ => return Err(VfsError::Other("not a regular file".to_owned())),
    };
    Err(VfsError::Other(format!("not a regular file: {what}")))
}

fn error(error: rustix::io::Errno) -> VfsError {
    match error {
        rustix::io::Errno::NOENT => VfsError::NotFound,
        other => VfsError::Other(io::Error::from(other).to_string()),
    }
}
