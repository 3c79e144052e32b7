//! Permission words and conditions of the rule kinds that take them, apparmor.d(5).

/// Permissions of `network` and `unix` rules.
pub const SOCKET_PERMISSIONS: &[&str] = &[
    "create", "bind", "listen", "accept", "connect", "shutdown", "getattr", "setattr", "getopt",
    "setopt", "send", "receive", "read", "write",
];

/// Socket permissions that are about the socket itself and cannot be combined with a peer.
pub const LOCAL_SOCKET_PERMISSIONS: &[&str] = &[
    "create", "shutdown", "setattr", "getattr", "bind", "listen", "setopt", "getopt",
];

/// Permissions of `dbus` rules.
pub const DBUS_PERMISSIONS: &[&str] = &["send", "receive", "bind", "eavesdrop", "read", "write"];

/// Permissions of `signal` rules.
pub const SIGNAL_PERMISSIONS: &[&str] = &["send", "receive", "read", "write"];

/// Permissions of `ptrace` rules.
pub const PTRACE_PERMISSIONS: &[&str] = &["read", "readby", "trace", "tracedby", "write"];

/// Permissions of `mqueue` rules.
pub const MQUEUE_PERMISSIONS: &[&str] = &[
    "create", "open", "delete", "getattr", "setattr", "read", "write",
];

/// Permissions of `userns` rules.
pub const USERNS_PERMISSIONS: &[&str] = &["create"];

/// Permissions of `io_uring` rules.
pub const IO_URING_PERMISSIONS: &[&str] = &["sqpoll", "override_creds"];

/// Conditions of `dbus` rules that are about messages.
pub const DBUS_MESSAGE_CONDITIONS: &[&str] = &["path", "interface", "member", "label"];

/// All conditions of `dbus` rules, inside `peer=()` and outside.
pub const DBUS_CONDITIONS: &[&str] = &["bus", "name", "label", "path", "interface", "member"];
