//! Paths, abstractions and devices that are known to be dangerous, each with its reason.

/// Something dangerous, and why.
#[derive(Copy, Clone, Debug)]
pub struct Danger {
    /// The path, or the path of the abstraction below the base directory.
    pub path: &'static str,
    /// What it gives away; continues "it …".
    pub reason: &'static str,
    /// What to use instead, if there is something.
    pub instead: Option<&'static str>,
}

const fn danger(path: &'static str, reason: &'static str, instead: Option<&'static str>) -> Danger {
    Danger {
        path,
        reason,
        instead,
    }
}

/// Abstractions that grant more than their name says.
pub const ABSTRACTIONS: &[Danger] = &[
    danger(
        "abstractions/dbus",
        "lets the program say anything to any service on the system bus",
        Some("abstractions/dbus-strict with dbus rules of your own"),
    ),
    danger(
        "abstractions/dbus-session",
        "lets the program say anything to any service of the session",
        Some("abstractions/dbus-session-strict with dbus rules of your own"),
    ),
    danger(
        "abstractions/dbus-accessibility",
        "lets the program say anything on the accessibility bus",
        Some("abstractions/dbus-accessibility-strict with dbus rules of your own"),
    ),
    danger(
        "abstractions/user-tmp",
        "grants reading and writing of every file below /tmp and /var/tmp",
        Some("owner rules for the files the program makes"),
    ),
    danger(
        "abstractions/user-write",
        "grants writing to most of the user's home directory",
        Some("owner rules for the directories the program needs"),
    ),
    danger(
        "abstractions/user-download",
        "grants writing to the user's download and desktop directories",
        None,
    ),
    danger(
        "abstractions/ubuntu-helpers",
        "contains a profile that can do nearly everything",
        None,
    ),
];

/// Sockets of container runtimes: whoever may connect is root on the host.
pub const CONTAINER_SOCKETS: &[&str] = &[
    "/run/docker.sock",
    "/var/run/docker.sock",
    "/run/containerd/containerd.sock",
    "/var/run/containerd/containerd.sock",
    "/run/crio/crio.sock",
    "/var/run/crio/crio.sock",
    "/run/podman/podman.sock",
    "/var/run/podman/podman.sock",
    "/run/k3s/containerd/containerd.sock",
    "/run/buildkit/buildkitd.sock",
    "/run/lxd.socket",
    "/var/lib/lxd/unix.socket",
    "/var/lib/incus/unix.socket",
    "/run/dockershim.sock",
];

/// Devices that reach memory or disks below every file permission, with one name of each.
pub const RAW_DEVICES: &[Danger] = &[
    danger("/dev/mem", "is the memory of the machine", None),
    danger("/dev/kmem", "is the memory of the kernel", None),
    danger("/dev/port", "is the machine's I/O ports", None),
    danger(
        "/dev/sda",
        "is a whole disk, below every file permission",
        None,
    ),
    danger(
        "/dev/sda1",
        "is a whole partition, below every file permission",
        None,
    ),
    danger(
        "/dev/nvme0n1",
        "is a whole disk, below every file permission",
        None,
    ),
    danger(
        "/dev/vda",
        "is a whole disk, below every file permission",
        None,
    ),
    danger(
        "/dev/dm-0",
        "is a whole volume, below every file permission",
        None,
    ),
    danger(
        "/dev/mapper/root",
        "is a whole volume, below every file permission",
        None,
    ),
    danger(
        "/dev/loop0",
        "is a whole disk image, below every file permission",
        None,
    ),
];

/// Files through which policy is changed or bypassed, with one name of each.
pub const POLICY_ADMIN: &[Danger] = &[
    danger(
        "/sys/kernel/security/apparmor/.load",
        "loads AppArmor policy",
        None,
    ),
    danger(
        "/sys/kernel/security/apparmor/.replace",
        "replaces AppArmor policy",
        None,
    ),
    danger(
        "/sys/kernel/security/apparmor/.remove",
        "removes AppArmor policy",
        None,
    ),
    danger(
        "/etc/apparmor.d/usr.bin.foo",
        "holds the policy that is loaded at the next boot",
        None,
    ),
    danger(
        "/etc/apparmor/parser.conf",
        "configures how policy is compiled",
        None,
    ),
];

/// Files below /etc that hold secrets or decide who is root, worst first.
pub const ETC_FILES: &[Danger] = &[
    danger("/etc/shadow", "holds the password hashes", None),
    danger("/etc/gshadow", "holds the group password hashes", None),
    danger("/etc/sudoers", "decides who may become root", None),
    danger(
        "/etc/ssh/ssh_host_ed25519_key",
        "is the host's SSH key",
        None,
    ),
    danger("/etc/ssl/private/server.key", "is a private TLS key", None),
    danger("/etc/krb5.keytab", "is the host's Kerberos key", None),
    danger("/etc/passwd", "decides which users exist", None),
    danger(
        "/etc/ld.so.preload",
        "names libraries that every program loads",
        None,
    ),
    danger("/etc/cron.d/job", "holds commands that root runs", None),
];

/// Directories that are links on systems with a merged /usr, and other well-known links.
pub const SYMLINKS: &[(&str, &str)] = &[
    ("/bin/", "/usr/bin/"),
    ("/sbin/", "/usr/sbin/"),
    ("/lib/", "/usr/lib/"),
    ("/lib64/", "/usr/lib64/"),
    ("/lib32/", "/usr/lib32/"),
    ("/var/run/", "/run/"),
    ("/var/lock/", "/run/lock/"),
];
