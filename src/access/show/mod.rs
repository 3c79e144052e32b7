//! Requests as text, in the syntax of rules.

mod sockets;
mod word;

pub use word::word;

use super::perms::{change_profile, mount};
use super::{Class, Exec, bits};
use crate::lang::capabilities::CAPABILITIES;
use crate::lang::mount as options;
use crate::lang::permissions::{EXEC, FilePerms};
use crate::lang::signal::SIGNALS;

/// A request as the rules that ask for it, with commas between them and none at the end. `bits` are
/// those of the class; `exec` is what an exec leads to, where that is known.
#[must_use]
pub fn show(class: Class, text: &[u8], bits: u32, exec: Option<&Exec>) -> String {
    let access = access(class, bits);
    match class {
        Class::File => file(text, bits, exec),
        Class::Capability => capability(text),
        Class::Mount => mounts(text, bits),
        Class::Network => sockets::network(text, &access),
        Class::Unix => sockets::unix(text, &access),
        Class::Signal => signal(text, &access),
        Class::Ptrace => format!("ptrace{access} peer={}", word(text)),
        Class::Dbus => dbus(text, &access),
        Class::Mqueue => mqueue(text, &access),
        Class::Userns => format!("userns{access}"),
        Class::IoUring if text.is_empty() => format!("io_uring{access}"),
        Class::IoUring => format!("io_uring{access} label={}", word(text)),
        Class::ChangeProfile => change(text, bits),
    }
}

/// The permissions as a rule names them, with a blank in front; nothing where all are meant.
fn access(class: Class, bits: u32) -> String {
    if bits & class.all_bits() == class.all_bits() {
        return String::new();
    }
    let mut open = bits;
    let mut names = Vec::new();
    for (name, bit) in class.words() {
        if open & bit != 0 {
            open &= !bit;
            names.push(*name);
        }
    }
    match names.as_slice() {
        [] => String::new(),
        [one] => format!(" {one}"),
        many => format!(" ({})", many.join(", ")),
    }
}

/// The parts between NULs.
fn parts(text: &[u8]) -> Vec<&[u8]> {
    text.split(|byte| *byte == 0).collect()
}

/// `NAME=VALUE` for each that has a value.
fn pairs(names: &[&str], values: &[&[u8]]) -> Vec<String> {
    let pairs = names.iter().zip(values);
    let shown = pairs.filter(|(_, value)| !value.is_empty());
    shown
        .map(|(name, value)| format!("{name}={}", word(value)))
        .collect()
}

/// The same, each with a blank in front.
fn conditions(names: &[&str], values: &[&[u8]]) -> String {
    let pairs = pairs(names, values);
    pairs.iter().map(|pair| format!(" {pair}")).collect()
}

fn mounts(text: &[u8], bits: u32) -> String {
    let parts = parts(text);
    let point = parts.first().copied().unwrap_or_default();
    let second = parts.get(1).copied().unwrap_or_default();
    if bits & mount::UMOUNT != 0 {
        return format!("umount {}", word(point));
    }
    if bits & mount::PIVOT_ROOT != 0 {
        return format!(
            "pivot_root{} {}",
            conditions(&["oldroot"], &[second]),
            word(point)
        );
    }
    let fstype = parts.get(2).copied().unwrap_or_default();
    let mut shown = format!("mount{}", conditions(&["fstype"], &[fstype]));
    let flags = options::names(options::bits(parts.get(3).copied().unwrap_or_default()));
    if !flags.is_empty() {
        shown.push_str(&format!(" options=({})", flags.join(", ")));
    }
    if !second.is_empty() {
        shown.push_str(&format!(" {}", word(second)));
    }
    if point.is_empty() {
        return shown;
    }
    format!("{shown} -> {}", word(point))
}

fn signal(text: &[u8], access: &str) -> String {
    let Some((number, peer)) = text.split_first() else {
        return format!("signal{access}");
    };
    let known = SIGNALS.iter().find(|(_, known)| known == number);
    let set = known.map_or_else(
        || match number.checked_sub(128) {
            Some(number) => format!(" set=(rtmin+{number})"),
            None => String::new(),
        },
        |(name, _)| format!(" set=({name})"),
    );
    format!("signal{access}{set} peer={}", word(peer))
}

fn dbus(text: &[u8], access: &str) -> String {
    let parts = parts(text);
    let get = |at: usize| parts.get(at).copied().unwrap_or_default();
    let bus = conditions(&["bus"], &[get(0)]);
    if parts.len() < 6 {
        return format!("dbus{access}{bus}{}", conditions(&["name"], &[get(1)]));
    }
    let own = conditions(&["path", "interface", "member"], &[get(3), get(4), get(5)]);
    let peer = pairs(&["name", "label"], &[get(1), get(2)]);
    let peer = match peer.as_slice() {
        [] => String::new(),
        peer => format!(" peer=({})", peer.join(", ")),
    };
    format!("dbus{access}{bus}{own}{peer}")
}

fn mqueue(text: &[u8], access: &str) -> String {
    let parts = parts(text);
    let queue = parts.first().copied().unwrap_or_default();
    let label = parts.get(1).copied().unwrap_or_default();
    let (kind, name) = match queue {
        [b'p', name @ ..] => ("posix", name),
        [_, name @ ..] => ("sysv", name),
        [] => ("posix", queue),
    };
    let label = conditions(&["label"], &[label]);
    format!("mqueue{access} type={kind}{label} {}", word(name))
}

fn change(text: &[u8], bits: u32) -> String {
    let parts = parts(text);
    let get = |at: usize| parts.get(at).copied().unwrap_or_default();
    if bits & change_profile::ON_EXEC == 0 {
        return format!("change_profile -> {}", word(text));
    }
    match get(1) {
        b"" => format!("change_profile {}", word(get(0))),
        label => format!("change_profile {} -> {}", word(get(0)), word(label)),
    }
}

fn file(text: &[u8], bits: u32, exec: Option<&Exec>) -> String {
    let half = |shift: u32| u8::try_from(bits >> shift & bits::HALF).unwrap_or(0);
    let (owner, other) = (half(0), half(bits::OTHER));
    let both = owner & other;
    let shown: Vec<String> = [
        ("", both),
        ("owner ", owner & !both),
        ("other ", other & !both),
    ]
    .into_iter()
    .filter(|(_, bits)| *bits != 0)
    .map(|(qualifier, bits)| format!("{qualifier}{}", path_rule(text, bits, exec)))
    .collect();
    match (shown.is_empty(), text.contains(&0)) {
        // A link that need not be a subset is asked for by its second half alone.
        (true, true) => path_rule(text, 0, None),
        (true, false) => word(text),
        _ => shown.join(", "),
    }
}

fn path_rule(text: &[u8], bits: u8, exec: Option<&Exec>) -> String {
    if let Some((link, target)) = split(text) {
        return format!("link {} -> {}", word(link), word(target));
    }
    let exec = exec.filter(|_| bits & EXEC != 0);
    let perms = FilePerms {
        bits,
        exec_mode: exec.map(|exec| exec.mode),
    };
    let target = exec.and_then(|exec| exec.target.as_deref());
    let target = target.map_or_else(String::new, |target| {
        format!(" -> {}", word(target.as_bytes()))
    });
    format!("{} {perms}{target}", word(text))
}

fn split(text: &[u8]) -> Option<(&[u8], &[u8])> {
    let at = text.iter().position(|byte| *byte == 0)?;
    Some((text.get(..at)?, text.get(at + 1..)?))
}

fn capability(text: &[u8]) -> String {
    let name = match text {
        [number] => CAPABILITIES.get(usize::from(*number)),
        _ => None,
    };
    match name {
        Some(known) => format!("capability {}", known.name),
        None => format!("capability number {}", text.escape_ascii()),
    }
}
