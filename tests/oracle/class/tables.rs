//! The kernel's numbers: signals, socket families and types, mount flags, capabilities, permission bits.

/// Signals as AppArmor numbers them (security/apparmor/include/sig_names.h); `exists` is the test whether a process is there.
pub const SIGNALS: [(&str, u8); 37] = [
    ("hup", 1),
    ("int", 2),
    ("quit", 3),
    ("ill", 4),
    ("trap", 5),
    ("abrt", 6),
    ("bus", 7),
    ("fpe", 8),
    ("kill", 9),
    ("usr1", 10),
    ("segv", 11),
    ("usr2", 12),
    ("pipe", 13),
    ("alrm", 14),
    ("term", 15),
    ("stkflt", 16),
    ("chld", 17),
    ("cont", 18),
    ("stop", 19),
    ("stp", 20),
    ("ttin", 21),
    ("ttou", 22),
    ("urg", 23),
    ("xcpu", 24),
    ("xfsz", 25),
    ("vtalrm", 26),
    ("prof", 27),
    ("winch", 28),
    ("io", 29),
    ("pwr", 30),
    ("sys", 31),
    ("emt", 32),
    ("exists", 35),
    ("rtmin+0", 128),
    ("rtmin+1", 129),
    ("rtmin+2", 130),
    ("rtmin+32", 160),
];

/// Families of sockets (linux/socket.h).
pub const FAMILIES: [(&str, u8); 14] = [
    ("unspec", 0),
    ("unix", 1),
    ("inet", 2),
    ("ax25", 3),
    ("inet6", 10),
    ("rose", 11),
    ("netbeui", 13),
    ("key", 15),
    ("netlink", 16),
    ("packet", 17),
    ("bluetooth", 31),
    ("alg", 38),
    ("vsock", 40),
    ("mctp", 45),
];

/// Types of sockets (linux/net.h).
pub const TYPES: [(&str, u8); 6] = [
    ("stream", 1),
    ("dgram", 2),
    ("raw", 3),
    ("rdm", 4),
    ("seqpacket", 5),
    ("packet", 10),
];

/// Flags of mount(2) that a new mount or a remount may have, by the number of their bit (linux/mount.h).
pub const MOUNT_FLAGS: [(&str, u8); 13] = [
    ("ro", 0),
    ("nosuid", 1),
    ("nodev", 2),
    ("noexec", 3),
    ("sync", 4),
    ("mand", 6),
    ("dirsync", 7),
    ("nosymfollow", 8),
    ("noatime", 10),
    ("nodiratime", 11),
    ("relatime", 21),
    ("iversion", 23),
    ("strictatime", 24),
];

pub const REMOUNT: u8 = 5;
pub const BIND: u8 = 12;
pub const MOVE: u8 = 13;
pub const RECURSIVE: u8 = 14;

/// Changes of propagation; each may be recursive.
pub const PROPAGATION: [(&str, u8); 4] = [
    ("unbindable", 17),
    ("private", 18),
    ("slave", 19),
    ("shared", 20),
];

/// Capabilities (linux/capability.h).
pub const CAPABILITIES: [&str; 41] = [
    "chown",
    "dac_override",
    "dac_read_search",
    "fowner",
    "fsetid",
    "kill",
    "setgid",
    "setuid",
    "setpcap",
    "linux_immutable",
    "net_bind_service",
    "net_broadcast",
    "net_admin",
    "net_raw",
    "ipc_lock",
    "ipc_owner",
    "sys_module",
    "sys_rawio",
    "sys_chroot",
    "sys_ptrace",
    "sys_pacct",
    "sys_admin",
    "sys_boot",
    "sys_nice",
    "sys_resource",
    "sys_time",
    "sys_tty_config",
    "mknod",
    "lease",
    "audit_write",
    "audit_control",
    "setfcap",
    "mac_override",
    "mac_admin",
    "syslog",
    "wake_alarm",
    "block_suspend",
    "audit_read",
    "perfmon",
    "bpf",
    "checkpoint_restore",
];

/// Resources in the order of their numbers (asm-generic/resource.h).
pub const RESOURCES: [&str; 16] = [
    "cpu",
    "fsize",
    "data",
    "stack",
    "core",
    "rss",
    "nproc",
    "nofile",
    "memlock",
    "as",
    "locks",
    "sigpending",
    "msgqueue",
    "nice",
    "rtprio",
    "rttime",
];

/// Permissions by their words and the kernel's bits (security/apparmor/include/perms.h, net.h, ipc.h).
pub type Bits = &'static [(&'static str, u32)];

pub const SIGNAL: Bits = &[("send", 0x2), ("receive", 0x4)];
pub const PTRACE: Bits = &[
    ("trace", 0x2),
    ("read", 0x4),
    ("tracedby", 0x8),
    ("readby", 0x10),
];
pub const NETWORK: Bits = &[
    ("send", 0x2),
    ("receive", 0x4),
    ("create", 0x10),
    ("shutdown", 0x20),
    ("connect", 0x40),
    ("setattr", 0x100),
    ("getattr", 0x200),
    ("accept", 0x10_0000),
    ("bind", 0x20_0000),
    ("listen", 0x40_0000),
    ("setopt", 0x100_0000),
    ("getopt", 0x200_0000),
];
/// What is asked of a unix socket at each place of its string.
pub const UNIX_CREATE: Bits = &[("create", 0x10)];
pub const UNIX_OWN: Bits = &[
    ("shutdown", 0x20),
    ("setattr", 0x100),
    ("getattr", 0x200),
    ("accept", 0x10_0000),
    ("bind", 0x20_0000),
];
pub const UNIX_LISTEN: Bits = &[("listen", 0x40_0000)];
pub const UNIX_OPTION: Bits = &[("setopt", 0x100_0000), ("getopt", 0x200_0000)];
pub const UNIX_PEER: Bits = &[("send", 0x2), ("receive", 0x4), ("connect", 0x40)];
pub const DBUS_MESSAGE: Bits = &[("send", 0x2), ("receive", 0x4)];
pub const DBUS_BIND: Bits = &[("bind", 0x40)];
pub const DBUS_EAVESDROP: Bits = &[("eavesdrop", 0x20)];
pub const MOUNT: Bits = &[("mount", 0x2)];
pub const UMOUNT: Bits = &[("umount", 0x4)];
pub const PIVOT_ROOT: Bits = &[("pivot_root", 0x1)];
pub const MQUEUE: Bits = &[
    ("write", 0x2),
    ("read", 0x4),
    ("create", 0x10),
    ("delete", 0x20),
    ("open", 0x40),
    ("setattr", 0x100),
    ("getattr", 0x200),
];
pub const OVERRIDE_CREDS: Bits = &[("override_creds", 0x8)];
pub const SQPOLL: Bits = &[("sqpoll", 0x10)];
pub const USERNS: Bits = &[("create", 0x8)];
pub const CHANGE_NOW: Bits = &[("now", 0x4000_0000)];
pub const CHANGE_ON_EXEC: Bits = &[("at exec", 0x2000_0000)];

/// The number behind a word.
pub fn number(table: &[(&'static str, u8)], word: &str) -> Option<u8> {
    let found = table.iter().find(|(known, _)| *known == word);
    found.map(|(_, number)| *number)
}

/// The word for a number.
pub fn word(table: &[(&'static str, u8)], number: u8) -> Option<&'static str> {
    let found = table.iter().find(|(_, known)| *known == number);
    found.map(|(word, _)| *word)
}
