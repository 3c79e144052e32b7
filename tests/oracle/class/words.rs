//! A request as `aalint query` takes it, and as the decision function keeps it (doc comments of `aalint::access::Class`).

use aalint::access::Class;

use super::ask::{Address, Ask, Queue, Unix};
use super::tables::{self, FAMILIES, MOUNT_FLAGS, PROPAGATION, SIGNALS, TYPES};

impl Ask {
    /// The strings of the decision function; of several, all must be allowed.
    pub fn ours(&self) -> (Class, Vec<Vec<u8>>) {
        let join = |parts: &[&[u8]]| vec![parts.join(&0)];
        match self {
            Self::Signal(number, label) => (Class::Signal, vec![[&[*number], &label[..]].concat()]),
            Self::Ptrace(label) => (Class::Ptrace, vec![label.clone()]),
            Self::Unix(kind, unix) => (Class::Unix, vec![our_unix(*kind, unix)]),
            Self::Network {
                family,
                kind,
                protocol,
            } => {
                let head = [*family, *kind, *protocol];
                (Class::Network, vec![[&head[..], &[0; 6]].concat()])
            }
            Self::Dbus(parts) => (Class::Dbus, vec![parts.join(&0)]),
            Self::Mount {
                point,
                source,
                fstype,
                flags,
            } => {
                let mut text = [&point[..], source, fstype, b""].join(&0);
                text.extend(flags.iter().map(|bit| bit + 1));
                (Class::Mount, vec![text])
            }
            Self::Umount(point) => (Class::Mount, vec![point.clone()]),
            Self::PivotRoot(new, old) => (Class::Mount, join(&[new, old])),
            Self::Mqueue(queue, label) => {
                let mut text = match queue {
                    Queue::Posix(name) => [b"p", &name[..]].concat(),
                    Queue::SystemV(key) => format!("s{key}").into_bytes(),
                };
                if let Some(label) = label {
                    text.push(0);
                    text.extend(label);
                }
                (Class::Mqueue, vec![text])
            }
            Self::OverrideCreds(label) => (Class::IoUring, vec![label.clone()]),
            Self::Sqpoll => (Class::IoUring, vec![Vec::new()]),
            Self::Userns => (Class::Userns, vec![Vec::new()]),
            Self::Change(label) => (Class::ChangeProfile, vec![label.clone()]),
            Self::ChangeOnExec(path, label) => {
                let pair = [&path[..], label].join(&0);
                (
                    Class::ChangeProfile,
                    vec![label.clone(), path.clone(), pair],
                )
            }
            Self::Capability(number) => (Class::Capability, vec![vec![*number]]),
        }
    }

    /// The request for one permission, as a user writes it; `None` where the syntax has no words for it.
    pub fn words(&self, permission: &str) -> Option<String> {
        Some(match self {
            Self::Signal(number, label) => {
                let signal = tables::word(&SIGNALS, *number)?;
                let label = label_word(label)?;
                format!("signal ({permission}) set=({signal}) peer={label}")
            }
            Self::Ptrace(label) => format!("ptrace ({permission}) peer={}", label_word(label)?),
            Self::Unix(kind, unix) => unix_words(*kind, unix, permission)?,
            Self::Network { family, kind, .. } => {
                let family = tables::word(&FAMILIES, *family)?;
                let kind = tables::word(&TYPES, *kind)?;
                // These ask for unix sockets, with all that belongs to them.
                if family == "unix" {
                    return None;
                }
                format!("network ({permission}) {family} {kind}")
            }
            Self::Dbus(parts) => dbus_words(parts, permission)?,
            Self::Mount {
                point,
                source,
                fstype,
                flags,
            } => mount_words(point, source, fstype, flags)?,
            Self::Umount(point) => format!("umount {}", path_word(point)?),
            Self::PivotRoot(new, old) => {
                format!("pivot_root oldroot={} {}", path_word(old)?, path_word(new)?)
            }
            // Without `label=` a request is about queues of any label, and about those without.
            Self::Mqueue(_, None) => return None,
            // What is created has no label yet.
            Self::Mqueue(..) if permission == "create" => return None,
            Self::Mqueue(queue, Some(label)) => {
                let label = label_word(label)?;
                let queue = match queue {
                    Queue::Posix(name) => name_word(name)?,
                    Queue::SystemV(key) => key.to_string(),
                };
                format!("mqueue ({permission}) label={label} {queue}")
            }
            Self::OverrideCreds(label) => {
                format!("io_uring ({permission}) label={}", label_word(label)?)
            }
            Self::Sqpoll => "io_uring (sqpoll)".to_owned(),
            Self::Userns => "userns create".to_owned(),
            Self::Change(label) => format!("change_profile -> {}", label_word(label)?),
            Self::ChangeOnExec(path, label) => {
                Some(()).filter(|()| is_below_root(path))?;
                format!(
                    "change_profile {} -> {}",
                    path_word(path)?,
                    label_word(label)?
                )
            }
            Self::Capability(number) => {
                format!(
                    "capability {}",
                    tables::CAPABILITIES.get(usize::from(*number))?
                )
            }
        })
    }
}

fn our_unix(kind: u8, unix: &Unix) -> Vec<u8> {
    let own = |address: &Address, label: &[u8], behind: &[u8]| {
        let mut text = vec![kind];
        text.extend(address_bytes(address));
        text.push(0);
        text.extend(label);
        text.push(0);
        text.extend(behind);
        text
    };
    match unix {
        Unix::Create => vec![kind],
        Unix::Own(address, label) => own(address, label, b""),
        Unix::Listen(address, label) => own(address, label, b"\x02"),
        Unix::Option(address, label) => own(address, label, b"\x04"),
        Unix::Peer(address, label, peer, peer_label) => {
            let mut behind = vec![1];
            behind.extend(address_bytes(peer));
            behind.push(0);
            behind.extend(peer_label);
            own(address, label, &behind)
        }
    }
}

/// An address as the kernel keeps it: nothing, a byte 1, or a NUL and the name.
pub fn address_bytes(address: &Address) -> Vec<u8> {
    match address {
        Address::Unnamed => Vec::new(),
        Address::Anonymous => vec![1],
        Address::Abstract(name) => [b"\0", &name[..]].concat(),
    }
}

/// A text of printable characters, quoted, its wildcards escaped.
fn literal(text: &[u8]) -> Option<String> {
    let is_plain = |byte: &u8| (b' '..=b'~').contains(byte) && !b"\"\\".contains(byte);
    if text.is_empty() || !text.iter().all(is_plain) || text.starts_with(b"@{") {
        return None;
    }
    let mut word = String::from("\"");
    for byte in text {
        if b"*?[]{}".contains(byte) {
            word.push('\\');
        }
        word.push(char::from(*byte));
    }
    word.push('"');
    Some(word)
}

fn label_word(label: &[u8]) -> Option<String> {
    literal(label)
}

/// The same of a path, in which slashes meet.
fn path_word(path: &[u8]) -> Option<String> {
    let is_path = path.first() == Some(&b'/') && !path.windows(2).any(|two| two == b"//");
    literal(path).filter(|_| is_path)
}

/// The same of a name that begins with a slash, in which they do not meet.
fn name_word(name: &[u8]) -> Option<String> {
    literal(name).filter(|_| is_below_root(name))
}

/// Neither a program nor a queue is called `/`.
fn is_below_root(name: &[u8]) -> bool {
    name.first() == Some(&b'/') && name.len() > 1
}

fn dbus_words(parts: &[Vec<u8>], permission: &str) -> Option<String> {
    let words = parts.iter().map(|part| literal(part));
    let words: Vec<String> = words.collect::<Option<_>>()?;
    Some(match words.as_slice() {
        [bus] => format!("dbus ({permission}) bus={bus}"),
        [bus, name] => format!("dbus ({permission}) bus={bus} name={name}"),
        [bus, name, label, path, interface, member] => {
            path_word(&parts[3])?;
            format!(
                "dbus ({permission}) bus={bus} path={path} interface={interface} member={member} peer=(name={name}, label={label})"
            )
        }
        _ => return None,
    })
}

fn mount_words(point: &[u8], source: &[u8], fstype: &[u8], flags: &[u8]) -> Option<String> {
    let point = path_word(point)?;
    let is_recursive = flags.contains(&tables::RECURSIVE);
    let head = if is_recursive { "r" } else { "" };
    if flags.contains(&tables::REMOUNT) {
        let rest = flags.iter().filter(|bit| **bit != tables::REMOUNT);
        let names = names(rest)?;
        return Some(format!("remount options=({names}) {point}"));
    }
    if flags.contains(&tables::BIND) {
        return Some(format!(
            "mount options=({head}bind) {} -> {point}",
            path_word(source)?
        ));
    }
    if flags.contains(&tables::MOVE) {
        return Some(format!(
            "mount options=(move) {} -> {point}",
            path_word(source)?
        ));
    }
    let mut changes = PROPAGATION.iter().filter(|(_, bit)| flags.contains(bit));
    if let Some((change, _)) = changes.next_back() {
        return Some(format!("mount options=(make-{head}{change}) -> {point}"));
    }
    let names = names(flags.iter())?;
    // Slashes of a source meet, as they do in rules.
    if source.windows(2).any(|two| two == b"//") {
        return None;
    }
    Some(format!(
        "mount fstype={} options=({names}) {} -> {point}",
        literal(fstype)?,
        literal(source)?
    ))
}

/// Flags by their names; `rw` where there are none.
fn names<'f>(flags: impl Iterator<Item = &'f u8>) -> Option<String> {
    let names = flags.map(|bit| tables::word(&MOUNT_FLAGS, *bit));
    let names: Vec<&str> = names.collect::<Option<_>>()?;
    Some(if names.is_empty() {
        "rw".to_owned()
    } else {
        names.join(", ")
    })
}

fn unix_words(kind: u8, unix: &Unix, permission: &str) -> Option<String> {
    let kind = tables::word(&TYPES, kind)?;
    // A request has no words for the own label, which kernels leave empty.
    match unix {
        Unix::Own(_, label)
        | Unix::Listen(_, label)
        | Unix::Option(_, label)
        | Unix::Peer(_, label, ..)
            if !label.is_empty() =>
        {
            return None;
        }
        _ => {}
    }
    let head = format!("unix ({permission}) type={kind}");
    let address = |address: &Address| match address {
        Address::Unnamed => None,
        Address::Anonymous => Some("none".to_owned()),
        Address::Abstract(name) => {
            let has_slashes = name.windows(2).any(|two| two == b"//");
            let name = literal(name).filter(|_| !has_slashes)?;
            Some(format!("\"@{}", name.strip_prefix('"')?))
        }
    };
    Some(match unix {
        Unix::Create => head,
        Unix::Own(own, _) | Unix::Listen(own, _) | Unix::Option(own, _) => {
            format!("{head} addr={}", address(own)?)
        }
        Unix::Peer(own, _, peer, label) => format!(
            "{head} addr={} peer=(addr={}, label={})",
            address(own)?,
            address(peer)?,
            label_word(label)?
        ),
    })
}
