//! What a record says was asked, as the decision function takes it.

use super::record::{Kind, Record};
use crate::access::perms::{change_profile, io_uring, mount, socket, userns};
use crate::access::{Class, bits};
use crate::lang::permissions::{APPEND, EXEC, LINK, LOCK, MMAP, READ, WRITE};
use crate::lang::{capabilities, mount as options, network, signal};

/// One request, as the kernel put it to the policy.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Requested {
    /// Its kind.
    pub class: Class,
    /// Its string.
    pub text: Vec<u8>,
    /// The permissions that the record is about.
    pub bits: u32,
}

/// Why a record is not about a request that rules decide.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum NotAsked {
    /// Policy was loaded, replaced or removed, or the state changed.
    Status,
    /// The kernel could not name the file, so no rule was asked.
    NoName,
    /// The file lies on a mount that the task does not see, so no rule was asked.
    Disconnected,
    /// The process may gain no privileges, and the exec or change of profile would have given some.
    NoNewPrivileges,
    /// The profile, child or hat that should follow is not there.
    NoTarget,
    /// A tracer keeps the process from changing its profile.
    Traced,
    /// No rules decide this operation.
    Operation,
    /// The record does not hold all that must be known.
    Incomplete,
}

/// The requests of a record; most have one.
///
/// # Errors
/// If rules did not decide.
pub fn requests(record: &Record) -> Result<Vec<Requested>, NotAsked> {
    if record.kind == Kind::Status {
        return Err(NotAsked::Status);
    }
    if let Some(why) = info(record) {
        return Err(why);
    }
    let found = match record.operation.as_str() {
        "capable" => one(capability(record)),
        "signal" => one(of_signal(record)),
        "ptrace" => one(ptrace(record)),
        "mount" | "umount" | "pivotroot" | "move_mount" => one(mounts(record)),
        "userns_create" => one(Some(Requested {
            class: Class::Userns,
            text: Vec::new(),
            bits: userns::CREATE,
        })),
        "uring_sqpoll" | "uring_override" => one(uring(record)),
        "change_profile" | "change_onexec" | "stack" | "stack_onexec" => one(change(record)),
        "change_hat" | "setrlimit" | "setprocattr" => return Err(NotAsked::Operation),
        operation if operation.starts_with("dbus_") => one(dbus(record)),
        _ if record.get("family").is_some() => sockets(record),
        _ if is_queue(record) => one(queue(record)),
        _ if record.get("requested_mask").is_some() => one(file(record)),
        _ => return Err(NotAsked::Operation),
    };
    found.ok_or(NotAsked::Incomplete)
}

/// What a record of a file that the kernel could not name asks once the profile has the flag `attach_disconnected`:
/// `prefix`, which the flag may name, and a slash stand in front (disconnect in security/apparmor/path.c).
pub(super) fn once_attached(record: &Record, prefix: &str) -> Option<Requested> {
    let mut named = record.clone();
    named
        .fields
        .retain(|(key, _)| key != "info" && key != "name");
    let name = record.get("name").unwrap_or_default();
    let path = [prefix.trim_end_matches('/').as_bytes(), b"/", name].concat();
    named.fields.push(("name".to_owned(), path));
    file(&named)
}

/// The reason that the kernel adds to some records (security/apparmor/{path,domain,file}.c).
fn info(record: &Record) -> Option<NotAsked> {
    let info = record.text("info")?;
    Some(match &*info {
        "Failed name lookup - disconnected path" => NotAsked::Disconnected,
        info if info.starts_with("Failed name lookup") => NotAsked::NoName,
        "no new privs" => NotAsked::NoNewPrivileges,
        "ptrace prevents transition" => NotAsked::Traced,
        "profile transition not found"
        | "profile not found"
        | "label not found"
        | "label not found in namespace"
        | "target not found" => NotAsked::NoTarget,
        _ => return None,
    })
}

fn one(request: Option<Requested>) -> Option<Vec<Requested>> {
    request.map(|request| vec![request])
}

/// The permissions in question: those that were refused, or else those that were asked for.
fn masks(record: &Record) -> Option<String> {
    let keys = [
        "denied_mask",
        "denied",
        "requested_mask",
        "requested",
        "mask",
    ];
    let found = keys.iter().find_map(|key| record.text(key))?;
    Some(found.into_owned())
}

/// The bits of words of permissions, `send receive`.
fn words(class: Class, masks: &str) -> u32 {
    let words = masks.split([' ', ',', '|']).filter(|word| !word.is_empty());
    let bits = words.filter_map(|word| class.bits_of(word));
    bits.fold(0, |all, bits| all | bits)
}

/// The bits of a class that a record is about; `None` if none of its words are known.
fn known(record: &Record, class: Class) -> Option<u32> {
    let bits = words(class, &masks(record)?);
    (bits != 0).then_some(bits)
}

/// Letters as in aa_file_perm_chrs; creating, removing and changing attributes come with `w`.
fn file(record: &Record) -> Option<Requested> {
    let letters = masks(record)?;
    let half = letters.bytes().fold(0, |bits, letter| {
        bits | match letter {
            b'r' => READ,
            b'w' | b'c' | b'd' => WRITE,
            b'a' => APPEND,
            b'x' => EXEC,
            b'm' => MMAP,
            b'k' => LOCK,
            b'l' => LINK,
            _ => 0,
        }
    });
    let name = record.get("name").filter(|name| name.starts_with(b"/"))?;
    // Numbers, or names where a program has looked them up: each user has one name then.
    let user = |key| record.get(key).filter(|user| !user.is_empty());
    let half_bits = u32::from(half);
    let of_both = match (user("fsuid"), user("ouid")) {
        (Some(task), Some(owner)) if task == owner => half_bits,
        (Some(_), Some(_)) => half_bits << bits::OTHER,
        _ => bits::both(half),
    };
    let mut text = name.to_vec();
    if half == LINK
        && let Some(target) = record.get("target")
    {
        text.push(0);
        text.extend_from_slice(target);
    }
    (half != 0).then_some(Requested {
        class: Class::File,
        text,
        bits: of_both,
    })
}

fn capability(record: &Record) -> Option<Requested> {
    let by_name = || capabilities::number(&record.text("capability")?);
    Some(Requested {
        class: Class::Capability,
        text: vec![record.number("capability").or_else(by_name)?],
        bits: crate::access::perms::USE,
    })
}

fn of_signal(record: &Record) -> Option<Requested> {
    let name = record.text("signal")?;
    let mut text = vec![signal::number(&name)?];
    text.extend_from_slice(record.get("peer")?);
    Some(Requested {
        class: Class::Signal,
        text,
        bits: known(record, Class::Signal)?,
    })
}

fn ptrace(record: &Record) -> Option<Requested> {
    Some(Requested {
        class: Class::Ptrace,
        text: record.get("peer")?.to_vec(),
        bits: known(record, Class::Ptrace)?,
    })
}

/// The parts with NUL between them.
fn joined(parts: &[&[u8]]) -> Vec<u8> {
    parts.join(&0)
}

fn mounts(record: &Record) -> Option<Requested> {
    let get = |key| record.get(key).unwrap_or_default();
    let point = record.get("name")?;
    let (text, bits) = match record.operation.as_str() {
        "umount" => (point.to_vec(), mount::UMOUNT),
        "pivotroot" => (joined(&[point, get("srcname")]), mount::PIVOT_ROOT),
        _ => {
            let flags = flags(&record.text("flags").unwrap_or_default());
            let parts = [point, get("srcname"), get("fstype"), &flags];
            (joined(&parts), mount::MOUNT)
        }
    };
    Some(Requested {
        class: Class::Mount,
        text,
        bits,
    })
}

/// The flags that the words of audit_mnt_flags set, a byte each.
fn flags(words: &str) -> Vec<u8> {
    let words = words.split(',').map(str::trim);
    let set = words.filter_map(options::option);
    let set = set.fold(0, |all, (sets, _)| all | sets);
    let numbered = (1..).zip((0..32).map(|shift| 1_u32 << shift));
    let there = numbered.filter(|(_, bit)| set & bit != 0);
    there.map(|(number, _)| number).collect()
}

fn uring(record: &Record) -> Option<Requested> {
    let (text, bits) = if record.operation == "uring_sqpoll" {
        (Vec::new(), io_uring::SQPOLL)
    } else {
        (record.get("tcontext")?.to_vec(), io_uring::OVERRIDE_CREDS)
    };
    Some(Requested {
        class: Class::IoUring,
        text,
        bits,
    })
}

/// A rule that allows a change at once allows it at the next exec as well, as far as the label goes.
fn change(record: &Record) -> Option<Requested> {
    let name = record.get("name").or_else(|| record.get("target"))?;
    Some(Requested {
        class: Class::ChangeProfile,
        text: name.strip_prefix(b"&").unwrap_or(name).to_vec(),
        bits: change_profile::NOW,
    })
}

fn dbus(record: &Record) -> Option<Requested> {
    let get = |key| record.get(key).unwrap_or_default();
    let bits = known(record, Class::Dbus)?;
    let text = match record.operation.as_str() {
        "dbus_bind" => joined(&[get("bus"), record.get("name")?]),
        "dbus_eavesdrop" => get("bus").to_vec(),
        _ => {
            let peer = record
                .get("peer_label")
                .or_else(|| record.get("peer_profile"));
            joined(&[
                get("bus"),
                get("name"),
                peer.unwrap_or_default(),
                get("path"),
                get("interface"),
                get("member"),
            ])
        }
    };
    Some(Requested {
        class: Class::Dbus,
        text,
        bits,
    })
}

fn is_queue(record: &Record) -> bool {
    record.get("class") == Some(b"posix_mqueue") || record.operation.starts_with("mqueue")
}

fn queue(record: &Record) -> Option<Requested> {
    let name = record.get("name")?;
    let kind = if name.starts_with(b"/") { b'p' } else { b's' };
    Some(Requested {
        class: Class::Mqueue,
        text: [&[kind], name].concat(),
        bits: known(record, Class::Mqueue)?,
    })
}

fn sockets(record: &Record) -> Option<Vec<Requested>> {
    let family = record.text("family")?;
    // Kernels that know addresses of unix sockets name them.
    if family == "unix" && (record.get("addr").is_some() || record.get("peer_addr").is_some()) {
        return unix(record);
    }
    let kind = network::type_number(&record.text("sock_type")?)?;
    // Rules tell protocols of one byte alone.
    let protocol = record.number::<u8>("protocol").unwrap_or(0);
    let mut text = vec![network::family_number(&family)?, kind, protocol];
    text.extend(address(record, "laddr", "lport"));
    text.extend(address(record, "faddr", "fport"));
    Some(vec![Requested {
        class: Class::Network,
        text,
        bits: known(record, Class::Network)?,
    }])
}

/// An internet address with its port.
fn address(record: &Record, ip: &str, port: &str) -> Vec<u8> {
    let ip = record.number::<std::net::IpAddr>(ip);
    let mut text = match ip {
        None => vec![0],
        Some(std::net::IpAddr::V4(ip)) => [&[4][..], &ip.octets()].concat(),
        Some(std::net::IpAddr::V6(ip)) => [&[6][..], &ip.octets()].concat(),
    };
    let port: u16 = record.number(port).filter(|_| ip.is_some()).unwrap_or(0);
    text.extend(port.to_be_bytes());
    text
}

/// A request for what a socket needs no peer for, and one for what it needs one for.
fn unix(record: &Record) -> Option<Vec<Requested>> {
    let kind = network::type_number(&record.text("sock_type")?)?;
    let bits = known(record, Class::Unix)?;
    let request = |text: Vec<u8>, bits: u32| Requested {
        class: Class::Unix,
        text,
        bits,
    };
    let mut own = vec![kind];
    own.extend(unix_address(record, "addr"));
    own.push(0);
    own.extend_from_slice(record.label.as_bytes());
    own.push(0);
    let behind = |tail: &[u8]| [own.as_slice(), tail].concat();
    let mut peer = vec![1];
    peer.extend(unix_address(record, "peer_addr"));
    peer.push(0);
    peer.extend_from_slice(record.get("peer").unwrap_or_default());
    let has_peer = record.get("peer").is_some();
    let with_peer = if has_peer { socket::WITH_PEER } else { 0 };
    let alone = !(socket::CREATE | socket::LISTEN | socket::OPTIONS | with_peer);
    let parts = [
        (socket::CREATE, vec![kind]),
        (socket::LISTEN, behind(&[2])),
        (socket::OPTIONS, behind(&[4])),
        (with_peer, behind(&peer)),
        (alone, own.clone()),
    ];
    let parts = parts.into_iter().filter(|(mask, _)| bits & mask != 0);
    Some(
        parts
            .map(|(mask, text)| request(text, bits & mask))
            .collect(),
    )
}

/// An abstract name behind a byte 0, a byte 1 for none (match_addr in af_unix.c).
fn unix_address(record: &Record, key: &str) -> Vec<u8> {
    match record.get(key) {
        Some([b'@', name @ ..]) => [&[0], name].concat(),
        _ => vec![1],
    }
}
