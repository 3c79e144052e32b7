//! What a source of records gives, and how it is waited for.

use std::io;
use std::time::Duration;

/// What a source gives.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Heard {
    /// A line, or the text of a message.
    Line(String),
    /// The kernel had more than could be kept: records are missing here.
    Lost,
}

/// Waits until something can be read.
pub(super) fn is_ready(fd: impl std::os::fd::AsFd, timeout: Duration) -> io::Result<bool> {
    use rustix::event::{PollFd, PollFlags, Timespec, poll};
    let time = Timespec::try_from(timeout).map_err(io::Error::other)?;
    let mut fds = [PollFd::new(&fd, PollFlags::IN)];
    match poll(&mut fds, Some(&time)) {
        Ok(count) => Ok(count > 0),
        // A signal came; the caller looks at that.
        Err(rustix::io::Errno::INTR) => Ok(false),
        Err(error) => Err(error.into()),
    }
}
