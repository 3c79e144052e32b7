//! What the kernel can ask at all: rules match more than that, and answers should not be about it.

use std::sync::OnceLock;

use crate::access::Class;
use crate::glob::{Builder, ByteSet, Nfa, NfaFault};
use crate::lang::capabilities::CAPABILITIES;
use crate::lang::{mount, network, signal};

/// Bytes of a name: everything but control characters.
fn name() -> ByteSet {
    ByteSet::of((b' '..=b'~').chain(0x80..=0xff))
}

impl Class {
    /// What the kernel can ask; `None` for files, whose paths are looked after by
    /// [`crate::glob::InputDomain`].
    #[must_use]
    pub fn request_domain(self) -> Option<&'static Nfa> {
        static NFAS: [OnceLock<Option<Nfa>>; Class::ALL.len()] =
            [const { OnceLock::new() }; Class::ALL.len()];
        if self == Self::File {
            return None;
        }
        let slot = NFAS.get(self as usize)?;
        slot.get_or_init(|| nfa(self).ok()).as_ref()
    }
}

fn nfa(class: Class) -> Result<Nfa, NfaFault> {
    let mut builder = Builder::default();
    match class {
        Class::File => {}
        Class::Capability => {
            let count = u8::try_from(CAPABILITIES.len()).unwrap_or(u8::MAX);
            builder.one_of(ByteSet::of(0..count));
        }
        Class::Mount => builder.alternatives([1, 2, 4], mounts)?,
        Class::Network => builder.alternatives([true, false], sockets)?,
        Class::Unix => unix(&mut builder)?,
        Class::Signal => {
            let real_time = (0..=signal::MAX_REALTIME).map(|number| format!("rtmin+{number}"));
            let real_time = real_time.filter_map(|name| signal::number(&name));
            let known = signal::SIGNALS.iter().map(|(_, number)| *number);
            builder.one_of(ByteSet::of(known.chain(real_time)));
            label(&mut builder);
        }
        Class::Ptrace => label(&mut builder),
        Class::Dbus => builder.alternatives([1, 2, 6], |builder, count| {
            parts(builder, count);
            Ok(())
        })?,
        Class::Mqueue => {
            builder.alternatives([true, false], |builder, is_posix| {
                if is_posix {
                    builder.bytes(b"p/");
                    label(builder);
                } else {
                    builder.byte(b's');
                    builder.one_of(ByteSet::of(b'0'..=b'9'));
                    builder.any_of(ByteSet::of(b'0'..=b'9'));
                }
                // A queue that is created has no label yet.
                builder.alternatives([false, true], |builder, has_label| {
                    if has_label {
                        builder.byte(0);
                        label(builder);
                    }
                    Ok(())
                })
            })?;
        }
        Class::Userns => {}
        Class::IoUring => builder.any_of(name()),
        Class::ChangeProfile => builder.alternatives([false, true], |builder, at_exec| {
            if at_exec {
                builder.byte(b'/');
                label(builder);
                builder.byte(0);
                builder.any_of(name());
            } else {
                label(builder);
            }
            Ok(())
        })?,
    }
    builder.finish()
}

fn label(builder: &mut Builder) {
    builder.one_of(name());
    builder.any_of(name());
}

fn parts(builder: &mut Builder, count: usize) {
    for number in 0..count {
        if number > 0 {
            builder.byte(0);
        }
        builder.any_of(name());
    }
}

/// `umount` has one part, `pivot_root` two, a mount three and its flags.
fn mounts(builder: &mut Builder, count: usize) -> Result<(), NfaFault> {
    builder.byte(b'/');
    builder.any_of(name());
    for _ in 1..count.min(3) {
        builder.byte(0);
        builder.any_of(name());
    }
    if count < 4 {
        return Ok(());
    }
    builder.byte(0);
    for (number, bit) in (1..).zip((0..32).map(|shift| 1_u32 << shift)) {
        if mount::ALL & bit == 0 {
            continue;
        }
        builder.alternatives([false, true], |builder, is_there| {
            if is_there {
                builder.byte(number);
            }
            Ok(())
        })?;
    }
    Ok(())
}

/// Sockets of the families with addresses and ports, or of the others.
fn sockets(builder: &mut Builder, has_address: bool) -> Result<(), NfaFault> {
    let numbers = network::FAMILIES
        .iter()
        .filter(|family| has_address == matches!(**family, "inet" | "inet6"))
        .filter_map(|family| network::family_number(family));
    builder.one_of(ByteSet::of(numbers));
    let types = network::TYPES.iter();
    builder.one_of(ByteSet::of(
        types.filter_map(|kind| network::type_number(kind)),
    ));
    builder.one_of(ByteSet::ALL);
    let lengths: &[(u8, usize)] = if has_address {
        &[(0, 0), (4, 4), (6, 16)]
    } else {
        &[(0, 0)]
    };
    for _ in 0..2 {
        builder.alternatives(lengths, |builder, (kind, length)| {
            builder.byte(*kind);
            if *kind == 0 {
                builder.bytes(&[0, 0]);
            } else {
                (0..length + 2).for_each(|_| builder.one_of(ByteSet::ALL));
            }
            Ok(())
        })?;
    }
    Ok(())
}

fn unix(builder: &mut Builder) -> Result<(), NfaFault> {
    let types = network::UNIX_TYPES.iter();
    builder.one_of(ByteSet::of(
        types.filter_map(|kind| network::type_number(kind)),
    ));
    // Up to the address; with address and label; and what may follow those.
    builder.alternatives([0, 1, 2, 3, 4], |builder, shape| {
        if shape == 0 {
            return Ok(());
        }
        unix_address(builder)?;
        builder.any_of(name());
        builder.byte(0);
        match shape {
            2 => builder.byte(2),
            3 => builder.byte(4),
            4 => {
                builder.byte(1);
                unix_address(builder)?;
                label(builder);
            }
            _ => {}
        }
        Ok(())
    })
}

fn unix_address(builder: &mut Builder) -> Result<(), NfaFault> {
    builder.alternatives([0, 1, 2], |builder, kind| {
        match kind {
            1 => builder.byte(1),
            2 => {
                builder.byte(0);
                label(builder);
            }
            _ => {}
        }
        Ok(())
    })?;
    builder.byte(0);
    Ok(())
}
