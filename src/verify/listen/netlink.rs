//! The audit socket: the multicast group READLOG of NETLINK_AUDIT (linux/audit.h). It needs
//! CAP_AUDIT_READ and the first network namespace, gets every record whether or not auditd runs, and
//! takes none away from it.

use std::io;
use std::os::fd::OwnedFd;
use std::time::Duration;

use rustix::io::Errno;
use rustix::net::netlink::{AUDIT, SocketAddrNetlink};
use rustix::net::sockopt::set_socket_recv_buffer_size;
use rustix::net::{AddressFamily, RecvFlags, SocketFlags, SocketType, bind, recv, socket_with};

use super::heard::{Heard, is_ready};

/// AUDIT_NLGRP_READLOG, as a bit.
const READLOG: u32 = 1;
/// AUDIT_USER_AVC: what the bus daemon reports.
const USER_AVC: u16 = 1107;
/// AUDIT_AVC: what the kernel reports.
const AVC: u16 = 1400;
/// Bytes in front of the text (struct nlmsghdr).
const HEADER: usize = 16;
/// MAX_AUDIT_MESSAGE_LENGTH.
const MAX_MESSAGE: usize = 8970;
/// Wanted room for messages that wait, in bytes.
const ROOM: usize = 1 << 20;

/// A place in the group.
#[derive(Debug)]
pub(super) struct AuditSocket {
    socket: OwnedFd,
}

impl AuditSocket {
    pub(super) fn join() -> io::Result<Self> {
        if is_elsewhere() {
            return Err(io::Error::other(
                "that it is heard in the first network namespace alone",
            ));
        }
        let flags = SocketFlags::CLOEXEC | SocketFlags::NONBLOCK;
        let socket = socket_with(AddressFamily::NETLINK, SocketType::RAW, flags, Some(AUDIT))?;
        // The kernel gives what its limit allows.
        let _ = set_socket_recv_buffer_size(&socket, ROOM);
        bind(&socket, &SocketAddrNetlink::new(0, READLOG))?;
        Ok(Self { socket })
    }

    pub(super) fn next(&mut self, timeout: Duration) -> io::Result<Option<Heard>> {
        if !is_ready(&self.socket, timeout)? {
            return Ok(None);
        }
        let mut buffer = [0; HEADER + MAX_MESSAGE];
        match recv(&self.socket, &mut buffer, RecvFlags::empty()) {
            Ok((length, _)) => Ok(text(buffer.get(..length).unwrap_or_default()).map(Heard::Line)),
            Err(Errno::NOBUFS) => Ok(Some(Heard::Lost)),
            Err(Errno::AGAIN | Errno::INTR) => Ok(None),
            Err(error) => Err(error.into()),
        }
    }
}

/// Whether this is known to be another network namespace than that of the first process: there the group
/// can be joined, and nothing is ever heard.
#[expect(
    clippy::disallowed_methods,
    reason = "the kernel shows namespaces as links"
)]
fn is_elsewhere() -> bool {
    let namespace = |process: &str| std::fs::read_link(format!("/proc/{process}/ns/net"));
    match (namespace("self"), namespace("1")) {
        (Ok(own), Ok(first)) => own != first,
        _ => false,
    }
}

/// The text of a message that may be AppArmor's. Its length is that of the datagram: the length in the
/// header does not always count the header itself (kernel/audit.c).
fn text(message: &[u8]) -> Option<String> {
    let (header, body) = message.split_at_checked(HEADER)?;
    let kind: [u8; 2] = header.get(4..6)?.try_into().ok()?;
    if !matches!(u16::from_ne_bytes(kind), AVC | USER_AVC) {
        return None;
    }
    let text = String::from_utf8_lossy(body);
    Some(text.trim_end_matches(['\0', '\n']).to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn message(kind: u16, text: &str) -> Vec<u8> {
        let mut message = vec![0; HEADER];
        message[4..6].copy_from_slice(&kind.to_ne_bytes());
        message.extend_from_slice(text.as_bytes());
        message
    }

    #[test]
    fn only_what_may_be_apparmors_is_taken() {
        let text_of = |kind| text(&message(kind, "audit(1.002:3): x\0\0"));
        assert_eq!(text_of(AVC).as_deref(), Some("audit(1.002:3): x"));
        assert_eq!(text_of(USER_AVC).as_deref(), Some("audit(1.002:3): x"));
        assert_eq!(text_of(1300), None);
        assert_eq!(text(&[1, 2, 3]), None);
    }
}
