//! Words for rules that do less than they say.

use crate::analysis::Loss;
use crate::lang::mediation::Mediated;

/// How rules of a kind are called.
const fn keyword(kind: Mediated) -> &'static str {
    match kind {
        Mediated::File => "file",
        Mediated::Capability => "capability",
        Mediated::Network | Mediated::NetworkAddress => "network",
        Mediated::Unix => "unix",
        Mediated::Mount => "mount",
        Mediated::Signal => "signal",
        Mediated::Ptrace => "ptrace",
        Mediated::Dbus => "dbus",
        Mediated::PosixMqueue | Mediated::SysvMqueue => "mqueue",
        Mediated::Userns => "userns",
        Mediated::IoUring => "io_uring",
        Mediated::Rlimit => "rlimit",
        Mediated::ChangeProfile | Mediated::Stacking => "change_profile",
    }
}

/// What AppArmor lets through where a kind is not mediated.
pub(super) const fn opened(kind: Mediated) -> &'static str {
    match kind {
        Mediated::Network => "sockets of every kind",
        Mediated::NetworkAddress => "every address and port",
        Mediated::Unix => "every UNIX socket",
        Mediated::Mount => "every mount, umount and pivot_root",
        Mediated::Signal => "signals to and from every process",
        Mediated::Ptrace => "tracing and reading of every process",
        Mediated::Dbus => "every D-Bus message",
        Mediated::PosixMqueue | Mediated::SysvMqueue => "every message queue",
        Mediated::Userns => "creating user namespaces",
        Mediated::IoUring => "every use of io_uring",
        _ => "every request of this kind",
    }
}

/// "the `unix` rule", "the 3 `deny unix` rules".
pub(super) fn rules(loss: &Loss) -> String {
    let deny = if loss.is_deny { "deny " } else { "" };
    let keyword = keyword(loss.kind);
    match loss.count {
        1 => format!("the `{deny}{keyword}` rule"),
        count => format!("the {count} `{deny}{keyword}` rules"),
    }
}

/// The verb that goes with [`rules`].
pub(super) const fn verb(loss: &Loss, one: &'static str, many: &'static str) -> &'static str {
    if loss.count == 1 { one } else { many }
}
