//! Where records come from while they are made: the kernel's multicast group for readers of the audit
//! log, or else its log.

use std::io;
use std::time::Duration;

use super::heard::Heard;
use super::{kmsg, netlink};
use crate::verify::Refusal;

/// An open source of records; from now on nothing is missed but what the kernel itself drops.
#[derive(Debug)]
pub struct Watch(Source);

#[derive(Debug)]
enum Source {
    Netlink(netlink::AuditSocket),
    Log(kmsg::Log),
}

impl Watch {
    /// Opens the best source that there is. The multicast group gets every record; the kernel's log drops
    /// what comes too fast (10 lines in 5 seconds).
    ///
    /// # Errors
    /// If neither can be read.
    pub fn open() -> Result<Self, Refusal> {
        let first = match netlink::AuditSocket::join() {
            Ok(group) => return Ok(Self(Source::Netlink(group))),
            Err(error) => error,
        };
        match kmsg::Log::open() {
            Ok(log) => Ok(Self(Source::Log(log))),
            Err(second) => Err(Refusal::NoRecords(format!(
                "the audit socket says {first}, and /dev/kmsg {second}"
            ))),
        }
    }

    /// What it is, in words.
    #[must_use]
    pub const fn name(&self) -> &'static str {
        match self.0 {
            Source::Netlink(_) => "the audit socket",
            Source::Log(_) => "the kernel's log, which drops records that come too fast",
        }
    }

    /// The next line; `None` if there is none within the time.
    ///
    /// # Errors
    /// If the source cannot be read any more.
    pub fn next(&mut self, timeout: Duration) -> io::Result<Option<Heard>> {
        match &mut self.0 {
            Source::Netlink(group) => group.next(timeout),
            Source::Log(log) => log.next(timeout),
        }
    }
}
