//! The kernel's log, /dev/kmsg (Documentation/ABI/testing/dev-kmsg): one record a read.

use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom};
use std::os::unix::fs::OpenOptionsExt;
use std::time::Duration;

use rustix::fs::OFlags;
use rustix::io::Errno;

use super::heard::{Heard, is_ready};

const PATH: &str = "/dev/kmsg";
/// CONSOLE_EXT_LOG_MAX: longer ones are not made.
const MAX_RECORD: usize = 8192;

/// The log, from its present end on.
#[derive(Debug)]
pub(super) struct Log {
    file: File,
}

impl Log {
    #[expect(clippy::disallowed_methods, reason = "the kernel's log is a file")]
    pub(super) fn open() -> io::Result<Self> {
        let flags = i32::try_from(OFlags::NONBLOCK.bits()).map_err(io::Error::other)?;
        let mut file = File::options().read(true).custom_flags(flags).open(PATH)?;
        file.seek(SeekFrom::End(0))?;
        Ok(Self { file })
    }

    pub(super) fn next(&mut self, timeout: Duration) -> io::Result<Option<Heard>> {
        if !is_ready(&self.file, timeout)? {
            return Ok(None);
        }
        let mut buffer = [0; MAX_RECORD];
        match self.file.read(&mut buffer) {
            Ok(length) => Ok(line(buffer.get(..length).unwrap_or_default()).map(Heard::Line)),
            // What was to be read next has been overwritten.
            Err(error) if Errno::from_io_error(&error) == Some(Errno::PIPE) => {
                Ok(Some(Heard::Lost))
            }
            Err(error) if error.kind() == io::ErrorKind::WouldBlock => Ok(None),
            Err(error) if error.kind() == io::ErrorKind::Interrupted => Ok(None),
            Err(error) => Err(error),
        }
    }
}

/// The line of a record, if the kernel itself wrote it: `PRIORITY,NUMBER,TIME,FLAGS;LINE`. What user
/// space writes there never has facility 0.
fn line(record: &[u8]) -> Option<String> {
    let text = String::from_utf8_lossy(record);
    let (prefix, line) = text.split_once(';')?;
    let priority: u32 = prefix.split(',').next()?.parse().ok()?;
    let is_kernel = priority >> 3 == 0;
    is_kernel.then(|| line.lines().next().unwrap_or_default().to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_kernels_own_lines_count() {
        let of_kernel = line(b"5,1234,567,-;audit: type=1400 x\n SUBSYSTEM=y\n");
        assert_eq!(of_kernel.as_deref(), Some("audit: type=1400 x"));
        // Facility 1 is what a program that writes to /dev/kmsg gets.
        assert_eq!(line(b"13,1235,568,-;audit: type=1400 x\n"), None);
        assert_eq!(line(b"no record"), None);
        assert_eq!(line(b"x,1;y"), None);
    }
}
