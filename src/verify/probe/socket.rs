//! Probes of sockets, and which of them can be made.
//!
//! Addresses are local ones: of the loopback interface, or abstract names. Of a family whose code is not
//! in the kernel nothing is tried, for the kernel would load it.

use std::fs;
use std::io;
use std::net::{Ipv4Addr, Ipv6Addr, SocketAddr};
use std::num::NonZeroU32;
use std::path::Path;

use rustix::fd::OwnedFd;
use rustix::io::Errno;
use rustix::net::addr::SocketAddrArg;
use rustix::net::netlink::SocketAddrNetlink;
use rustix::net::{
    AddressFamily, Protocol, SocketAddrAny, SocketAddrUnix, SocketFlags, SocketType,
};
use rustix::net::{bind, connect, getsockname, listen, socket_with, sockopt};

use super::operation::SocketCall;
use super::task::{Performed, Ready};
use crate::verify::plan::family::{ALG, INET, INET6, NETLINK, PACKET, UNIX, VSOCK};
use crate::verify::plan::socket_kinds;
use crate::verify::plan::socket_type::{DATAGRAM, RAW, STREAM};

/// ICMP for a raw socket, which needs some protocol.
const ICMP: u32 = 1;
const ICMP6: u32 = 58;
/// The port to which datagrams could be sent; none are.
const DISCARD: u16 = 9;

/// What can be done with such sockets that shows something.
pub(super) fn calls(family: u8, kind: u8) -> &'static [SocketCall] {
    use SocketCall::{Bind, Connect, Create, GetAttributes, GetOption, Listen};
    if !socket_kinds().any(|one| one == (family, kind)) {
        return &[];
    }
    match (family, kind) {
        (UNIX | INET | INET6, STREAM) => &[Create, Bind, Connect, Listen, GetAttributes, GetOption],
        (UNIX | INET | INET6, DATAGRAM) => &[Create, Bind, Connect, GetAttributes, GetOption],
        (NETLINK, _) => &[Create, Bind, GetAttributes, GetOption],
        _ => &[Create],
    }
}

/// Whether the kernel has a family's code already.
#[expect(
    clippy::disallowed_methods,
    reason = "the kernel shows what it has as files"
)]
pub(super) fn is_there(proc: &Path, family: u8) -> bool {
    let has = |file: &str| fs::exists(proc.join("self/net").join(file)).unwrap_or(false);
    let has_module = |name: &str| {
        // A module that is built in has a directory only if it has parameters; otherwise this cannot be known.
        fs::exists(format!("/sys/module/{name}")).unwrap_or(false)
    };
    match family {
        UNIX => has("unix"),
        INET => has("tcp"),
        INET6 => has("if_inet6"),
        NETLINK => has("netlink"),
        PACKET => has("packet"),
        ALG => has_module("af_alg"),
        VSOCK => has_module("vsock"),
        _ => false,
    }
}

/// Makes ready for something with a socket.
pub(super) fn ready(family: u8, kind: u8, call: SocketCall) -> io::Result<Ready<'static>> {
    if call == SocketCall::Create {
        return Ok(Box::new(move || {
            Performed::of("socket", make(family, kind))
        }));
    }
    let socket = make(family, kind)?;
    Ok(match call {
        SocketCall::Create | SocketCall::Bind => {
            let address = local(family)?;
            Box::new(move || Performed::of("bind", bind(&socket, &address)))
        }
        SocketCall::Connect => {
            let (to, address) = nobody(family, kind)?;
            Box::new(move || {
                let result = match connect(&socket, &address) {
                    // It was allowed to try.
                    Err(Errno::CONNREFUSED | Errno::INPROGRESS) => Ok(()),
                    other => other,
                };
                drop(to);
                Performed::of("connect", result)
            })
        }
        SocketCall::Listen => {
            bind(&socket, &local(family)?)?;
            Box::new(move || Performed::of("listen", listen(&socket, 1)))
        }
        SocketCall::GetAttributes => {
            Box::new(move || Performed::of("getsockname", getsockname(&socket)))
        }
        SocketCall::GetOption => {
            Box::new(move || Performed::of("getsockopt", sockopt::socket_type(&socket)))
        }
    })
}

fn make(family: u8, kind: u8) -> rustix::io::Result<OwnedFd> {
    let protocol = match (family, kind) {
        (INET, RAW) => NonZeroU32::new(ICMP),
        (INET6, RAW) => NonZeroU32::new(ICMP6),
        _ => None,
    };
    socket_with(
        AddressFamily::from_raw(family.into()),
        SocketType::from_raw(kind.into()),
        SocketFlags::CLOEXEC | SocketFlags::NONBLOCK,
        protocol.map(Protocol::from_raw),
    )
}

/// An address of this machine alone, of which the kernel chooses the rest.
fn local(family: u8) -> io::Result<SocketAddrAny> {
    match family {
        INET => Ok(SocketAddr::from((Ipv4Addr::LOCALHOST, 0)).into()),
        INET6 => Ok(SocketAddr::from((loopback6()?, 0)).into()),
        NETLINK => Ok(SocketAddrNetlink::new(0, 0).as_any()),
        UNIX => Ok(SocketAddrUnix::new_unnamed().as_any()),
        _ => Err(Errno::AFNOSUPPORT.into()),
    }
}

/// `::1`, or where IPv6 has no addresses, as in most containers, that of IPv4 as IPv6 writes it: the
/// socket is one of inet6 all the same, and that is what AppArmor goes by.
fn loopback6() -> io::Result<Ipv6Addr> {
    let socket = make(INET6, DATAGRAM)?;
    let first = SocketAddr::from((Ipv6Addr::LOCALHOST, 0));
    Ok(match bind(&socket, &first) {
        Err(Errno::ADDRNOTAVAIL) => Ipv4Addr::LOCALHOST.to_ipv6_mapped(),
        _ => Ipv6Addr::LOCALHOST,
    })
}

/// An address where nobody listens, and what keeps it from others meanwhile.
fn nobody(family: u8, kind: u8) -> io::Result<(OwnedFd, SocketAddrAny)> {
    let other = make(family, kind)?;
    let address = match (family, kind) {
        (INET, DATAGRAM) => SocketAddr::from((Ipv4Addr::LOCALHOST, DISCARD)).into(),
        (INET6, DATAGRAM) => SocketAddr::from((loopback6()?, DISCARD)).into(),
        _ => {
            bind(&other, &local(family)?)?;
            getsockname(&other)?
        }
    };
    Ok((other, address))
}
