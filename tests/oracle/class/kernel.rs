//! What the kernel makes of compiled policy for a request of each class.

use super::super::access::{CHANGE_PROFILE, ONEXEC};
use super::super::decode::{Automaton, Masks, Profile};
use super::super::policy;
use super::ask::{Ask, Queue, Unix};
use super::words::address_bytes;

/// The walk goes on behind a state that does not allow all that is asked (AA_CONT_MATCH).
const CONTINUE: u32 = 0x0800_0000;

/// Which of its interfaces a kernel offers, as far as it is not read from the compiled policy.
#[derive(Copy, Clone, PartialEq, Eq, Debug)]
pub struct Interface {
    /// The class of network rules; 4 means sets of families and types, with automata for unix sockets alone.
    pub network: u8,
    /// Whether unix sockets are asked for by their addresses.
    pub has_unix: bool,
    /// Whether System V queues are asked for.
    pub has_system_v: bool,
    /// How many capabilities it knows: of others it never asks, and the parser puts `sys_admin` in their place or drops them.
    pub capabilities: u8,
}

/// The kernel's bits for a request, by its sources; `None` where it does not look at such requests at all.
pub fn answer(profile: &Profile, interface: Interface, ask: &Ask) -> Option<Masks<u32>> {
    if let Ask::Capability(number) = ask {
        if *number >= interface.capabilities {
            return None;
        }
        let set = &profile.capabilities;
        let bit = |mask: u64| u32::from(mask >> number & 1 != 0);
        return Some(Masks {
            allow: bit(set.allow),
            audit: bit(set.audit),
            quiet: bit(set.quiet),
        });
    }
    if let Ask::Change(_) | Ask::ChangeOnExec(..) = ask {
        return Some(change(profile, ask));
    }
    if let Ask::Network { family, kind, .. } = ask
        && interface.network == policy::NETWORK
    {
        let set = profile.families.get(usize::from(*family));
        let set = set.copied().unwrap_or_default();
        // One bit for each type, and all permissions alike.
        let bit = |mask: u16| {
            if mask >> kind & 1 != 0 { u32::MAX } else { 0 }
        };
        return Some(Masks {
            allow: bit(set.allow),
            audit: bit(set.audit),
            quiet: bit(set.quiet),
        });
    }
    if matches!(ask, Ask::Mqueue(Queue::SystemV(_), _)) && !interface.has_system_v {
        return None;
    }
    let rules = profile.policy.as_ref()?;
    let (class, bytes) = question(rules, interface, ask)?;
    if !rules.mediates(class) {
        return None;
    }
    let found = rules.rights(&bytes);
    if let Ask::Network { protocol, .. } = ask
        && found.allow & CONTINUE != 0
    {
        let further = rules.rights(&[&bytes[..], &[0, *protocol]].concat());
        return Some(Masks {
            allow: found.allow | further.allow,
            ..further
        });
    }
    Some(found)
}

/// The class, and the string with it.
fn question(rules: &Automaton, interface: Interface, ask: &Ask) -> Option<(u8, Vec<u8>)> {
    let of = |class: u8, parts: &[&[u8]]| {
        let mut bytes = vec![class];
        bytes.extend(parts.concat());
        Some((class, bytes))
    };
    match ask {
        Ask::Signal(number, label) => of(policy::SIGNAL, &[&[*number], label]),
        // Newer policy has the classes of labels together.
        Ask::Ptrace(label) if rules.mediates(policy::LABEL) => {
            of(policy::LABEL, &[&[policy::PTRACE], label])
        }
        Ask::Ptrace(label) => of(policy::PTRACE, &[label]),
        Ask::Network { family, kind, .. } => of(interface.network, &[&[0, *family, 0, *kind]]),
        Ask::Unix(kind, unix) => of(interface.network, &[&[0, 1, 0, *kind, 0, 0], &behind(unix)]),
        Ask::Dbus(parts) => of(policy::DBUS, &[&parts.join(&0)]),
        Ask::Mount {
            point,
            source,
            fstype,
            flags,
        } => {
            let flags: Vec<u8> = flags.iter().map(|bit| bit + 1).collect();
            let parts = [&point[..], source, fstype, &flags].join(&0);
            of(policy::MOUNT, &[&parts])
        }
        Ask::Umount(point) => of(policy::MOUNT, &[point]),
        Ask::PivotRoot(new, old) => of(policy::MOUNT, &[new, b"\0", old]),
        Ask::Mqueue(queue, label) => {
            let (class, name) = match queue {
                Queue::Posix(name) => (policy::MQUEUE, name.clone()),
                Queue::SystemV(key) => (policy::MQUEUE_SYSV, key.to_be_bytes().to_vec()),
            };
            match label {
                Some(label) => of(class, &[&name, b"\0", label]),
                None => of(class, &[&name]),
            }
        }
        Ask::OverrideCreds(label) => of(policy::IO_URING, &[label]),
        Ask::Sqpoll => of(policy::IO_URING, &[]),
        Ask::Userns => of(policy::USERNS, &[]),
        Ask::Change(_) | Ask::ChangeOnExec(..) | Ask::Capability(_) => None,
    }
}

/// What follows family, type and protocol of a unix socket. The own label has its place though it is empty today.
fn behind(unix: &Unix) -> Vec<u8> {
    let (address, label, rest) = match unix {
        Unix::Create => return Vec::new(),
        Unix::Own(address, label) => (address, label, Vec::new()),
        Unix::Listen(address, label) => (address, label, vec![2, 0, 1]),
        Unix::Option(address, label) => (address, label, vec![4, 0, 1]),
        Unix::Peer(address, label, peer, peer_label) => {
            let peer = address_bytes(peer);
            let rest = [&[1], &peer[..], &[0], peer_label].concat();
            (address, label, rest)
        }
    };
    let address = address_bytes(address);
    [&address[..], &[0], label, &[0], &rest].concat()
}

/// A change of profile: at the exec of a program label, path, and path with label must allow it.
fn change(profile: &Profile, ask: &Ask) -> Masks<u32> {
    let Some(files) = &profile.files else {
        return Masks::default();
    };
    let at = |text: &[u8]| files.raw(files.dfa.walk(files.start, text)).0;
    let (texts, bit) = match ask {
        Ask::Change(label) => (vec![label.clone()], CHANGE_PROFILE),
        Ask::ChangeOnExec(path, label) => {
            let pair = [&path[..], label].join(&0);
            (vec![label.clone(), path.clone(), pair], ONEXEC)
        }
        _ => return Masks::default(),
    };
    let allow = texts.iter().fold(bit, |allow, text| allow & at(text).allow);
    Masks {
        allow,
        ..Masks::default()
    }
}
