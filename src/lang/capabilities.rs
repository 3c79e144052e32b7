//! Capabilities, capabilities(7).

/// A capability as profiles name it.
#[derive(Debug)]
pub struct Capability {
    /// Lower case, without `CAP_`.
    pub name: &'static str,
    /// How much of the system it gives away: 0 nothing to speak of, 10 all of it.
    pub danger: u8,
    /// What a process can do with it, whatever else its profile allows; continues "lets the process …".
    pub grants: &'static str,
    /// What it can also do, but only where rules of other kinds allow that as well.
    pub enablers: &'static [Enabler],
}

/// A kind of rule that AppArmor asks for in addition to a capability.
#[derive(Copy, Clone, PartialEq, Eq, Debug)]
pub enum EnablerKind {
    /// `ptrace` rules for tracing.
    Trace,
    /// `ptrace` rules for reading.
    Read,
    /// `mount` rules.
    Mount,
}

/// A use of a capability for which AppArmor asks a rule of another kind as well.
#[derive(Debug)]
pub struct Enabler {
    /// The kind of rule.
    pub kind: EnablerKind,
    /// Requests that show that such rules allow it: for mounts one of them does, for the others all together.
    pub requests: &'static [&'static str],
    /// What a process can do where one of these is allowed; continues "lets the process …".
    pub grants: &'static str,
    /// What it can do where rules of that kind allow other requests; continues "lets the process …".
    pub limited: &'static str,
    /// What it can do where these are requests about processes of its own profile alone, and that is little; continues "lets
    /// the process …".
    pub among_itself: Option<&'static str>,
    /// That no rule of that kind allows anything: a sentence without its end, or nothing.
    pub missing: &'static str,
}

/// Tracing: aa_may_ptrace (security/apparmor/ipc.c) asks both profiles, capability or not. Who may trace a process may read
/// it as well, so that is asked first.
const TRACING: &[Enabler] = &[
    Enabler {
        kind: EnablerKind::Trace,
        requests: &["ptrace (trace) peer=unconfined", "ptrace (trace) peer=zeta"],
        grants: "read and control any process",
        limited: "trace the processes that the profile's `ptrace` rules allow, whichever user runs them",
        among_itself: None,
        missing: "no rule allows it to trace other processes",
    },
    Enabler {
        kind: EnablerKind::Read,
        requests: &["ptrace (read) peer=unconfined", "ptrace (read) peer=zeta"],
        grants: "read the environment and the memory map of any process",
        limited: "read the environment and the memory map of the processes that the profile's `ptrace` rules allow, whichever user runs them",
        among_itself: Some(
            "read the environment and the memory map of processes that run under the same profile, whichever user runs them",
        ),
        missing: "",
    },
];

/// Mounting: aa_bind_mount and the like (security/apparmor/mount.c).
const MOUNTING: &[Enabler] = &[Enabler {
    kind: EnablerKind::Mount,
    requests: &[
        "mount fstype=tmpfs tmpfs -> /mnt/",
        "mount fstype=proc proc -> /mnt/",
        "mount fstype=ext4 /dev/sda1 -> /mnt/",
        "mount options=(bind) /etc/ -> /mnt/",
    ],
    grants: "mount file systems",
    limited: "make the mounts that the profile's `mount` rules allow",
    among_itself: None,
    missing: "no rule allows it to mount file systems",
}];

const fn cap(name: &'static str, danger: u8, grants: &'static str) -> Capability {
    Capability {
        name,
        danger,
        grants,
        enablers: &[],
    }
}

const fn enabled(
    name: &'static str,
    grants: &'static str,
    enablers: &'static [Enabler],
) -> Capability {
    Capability {
        enablers,
        ..cap(name, 10, grants)
    }
}

/// All capabilities in the order of their numbers (include/uapi/linux/capability.h).
pub const CAPABILITIES: &[Capability] = &[
    cap("chown", 9, "give any file to any user"),
    cap(
        "dac_override",
        9,
        "read and write any file whatever its mode says",
    ),
    cap(
        "dac_read_search",
        7,
        "read any file and search any directory whatever its mode says",
    ),
    cap("fowner", 9, "act as the owner of any file"),
    cap(
        "fsetid",
        9,
        "keep set-user-ID bits on files that it changes",
    ),
    cap("kill", 8, "send signals to processes of any user"),
    cap("setgid", 9, "take any group"),
    cap("setuid", 9, "become any user"),
    cap("setpcap", 9, "change the capability bounding set"),
    cap(
        "linux_immutable",
        8,
        "change immutable and append-only files",
    ),
    cap("net_bind_service", 8, "listen on ports below 1024"),
    cap("net_broadcast", 0, "nothing: the kernel does not use it"),
    cap(
        "net_admin",
        8,
        "change interfaces, routes and firewall rules",
    ),
    cap("net_raw", 8, "read and forge network packets"),
    cap("ipc_lock", 8, "lock memory"),
    cap("ipc_owner", 9, "use any System V IPC object"),
    cap("sys_module", 10, "load code into the kernel"),
    cap("sys_rawio", 10, "reach memory and devices directly"),
    cap("sys_chroot", 8, "change its root directory"),
    enabled(
        "sys_ptrace",
        "handle page faults of the kernel, with userfaultfd",
        TRACING,
    ),
    cap("sys_pacct", 8, "switch process accounting"),
    enabled(
        "sys_admin",
        "set the host name, enter namespaces and use many device controls",
        MOUNTING,
    ),
    cap("sys_boot", 8, "reboot, and load another kernel"),
    cap("sys_nice", 8, "raise the priority of any process"),
    cap("sys_resource", 8, "exceed resource limits and quotas"),
    cap("sys_time", 8, "set the clock"),
    cap("sys_tty_config", 8, "configure terminals"),
    cap("mknod", 8, "create device files"),
    cap("lease", 8, "take leases on any file"),
    cap("audit_write", 8, "write records to the audit log"),
    cap("audit_control", 8, "switch auditing off"),
    cap("setfcap", 9, "give capabilities to files"),
    cap("mac_override", 10, "override mandatory access control"),
    cap(
        "mac_admin",
        10,
        "change mandatory access control, AppArmor policy included",
    ),
    cap("syslog", 8, "read kernel addresses from the kernel log"),
    cap("wake_alarm", 8, "wake the system up"),
    cap("block_suspend", 8, "keep the system from suspending"),
    cap("audit_read", 8, "read the audit log"),
    cap(
        "perfmon",
        8,
        "observe other processes through performance counters",
    ),
    cap("bpf", 9, "load BPF programs into the kernel"),
    cap(
        "checkpoint_restore",
        9,
        "checkpoint and restore processes of others",
    ),
];

/// What a capability is used for, where the kernel asks AppArmor about that as well.
#[derive(Debug)]
pub struct CapabilityUse {
    /// The name of the capability.
    pub capability: &'static str,
    /// What it is used for, as requests.
    pub requests: &'static [&'static str],
    /// That no rule allows any of them: a sentence without its end.
    pub missing: &'static str,
}

/// Uses without which these capabilities have no effect, or little. Sockets: inet_create (net/ipv4/af_inet.c), inet6_create,
/// packet_create (net/packet/af_packet.c) and xsk_create (net/xdp/xsk.c) ask for `CAP_NET_RAW`; the audit subsystem
/// takes its messages from netlink alone (kernel/audit.c).
pub const CAPABILITY_USES: &[CapabilityUse] = &[
    CapabilityUse {
        capability: "sys_admin",
        requests: &["mount", "remount", "umount", "pivot_root"],
        missing: "no rule allows it to mount file systems",
    },
    CapabilityUse {
        capability: "sys_ptrace",
        requests: &["ptrace (trace, read)"],
        missing: "no rule allows it to trace or read other processes",
    },
    CapabilityUse {
        capability: "net_raw",
        requests: &[
            "network inet raw",
            "network inet6 raw",
            "network packet",
            "network xdp",
        ],
        missing: "no rule allows raw sockets",
    },
    CapabilityUse {
        capability: "net_bind_service",
        requests: &["network inet", "network inet6"],
        missing: "no rule allows Internet sockets",
    },
    CapabilityUse {
        capability: "kill",
        requests: &["signal send"],
        missing: "no rule allows it to send signals",
    },
    CapabilityUse {
        capability: "audit_write",
        requests: &["network netlink"],
        missing: "no rule allows netlink sockets",
    },
    CapabilityUse {
        capability: "audit_read",
        requests: &["network netlink"],
        missing: "no rule allows netlink sockets",
    },
];

/// The capability of that name.
#[must_use]
pub fn capability(name: &str) -> Option<&'static Capability> {
    CAPABILITIES
        .iter()
        .find(|capability| capability.name == name)
}

/// The number of the capability of that name, as the kernel counts them.
#[must_use]
pub fn number(name: &str) -> Option<u8> {
    (0..)
        .zip(CAPABILITIES)
        .find(|(_, capability)| capability.name == name)
        .map(|(number, _)| number)
}
