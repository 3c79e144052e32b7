//! Files that are dangerous to open, as patterns, each with an example and the reason.

mod switches;

pub use switches::{HOST_KERNEL, SWITCHES};

/// A file, or files that are alike.
#[derive(Copy, Clone, Debug)]
pub struct Files {
    /// Their paths, as a pattern without variables.
    pub pattern: &'static str,
    /// One of them.
    pub example: &'static str,
    /// What it is, or gives away; continues "it …".
    pub reason: &'static str,
    /// Names of directories on their paths that hold such files and hardly any others: who names one
    /// of these in a rule means the files in it.
    pub homes: &'static [&'static str],
}

const fn files(pattern: &'static str, example: &'static str, reason: &'static str) -> Files {
    files_in(&[], pattern, example, reason)
}

const fn files_in(
    homes: &'static [&'static str],
    pattern: &'static str,
    example: &'static str,
    reason: &'static str,
) -> Files {
    Files {
        pattern,
        example,
        reason,
        homes,
    }
}

const ENGINE: &str = "is a container engine's socket";

/// Sockets of container engines: a process that may connect is root on the host.
pub const CONTAINER_SOCKETS: &[Files] = &[
    files("/{var/,}run/docker.sock", "/run/docker.sock", ENGINE),
    files_in(
        &["containerd"],
        "/{var/,}run/{k3s/,}containerd/containerd.sock",
        "/run/containerd/containerd.sock",
        ENGINE,
    ),
    files_in(
        &["crio"],
        "/{var/,}run/crio/crio.sock",
        "/run/crio/crio.sock",
        ENGINE,
    ),
    files_in(
        &["podman"],
        "/{var/,}run/podman/podman.sock",
        "/run/podman/podman.sock",
        ENGINE,
    ),
    files_in(
        &["buildkit"],
        "/{var/,}run/buildkit/buildkitd.sock",
        "/run/buildkit/buildkitd.sock",
        ENGINE,
    ),
    files(
        "/{var/,}run/{cri-dockerd,dockershim}.sock",
        "/run/cri-dockerd.sock",
        ENGINE,
    ),
    files(
        "/{{var/,}run/lxd.socket,var/{lib,snap/lxd/common}/{lxd,incus}/unix.socket}",
        "/var/lib/lxd/unix.socket",
        ENGINE,
    ),
];

const DISK: &str = "is a whole disk or partition, below every file permission";

const VOLUME: &str = "is a whole volume, below every file permission";

/// Devices that reach memory or disks below every file permission.
pub const RAW_DEVICES: &[Files] = &[
    files("/dev/mem", "/dev/mem", "is the memory of the machine"),
    files("/dev/kmem", "/dev/kmem", "is the memory of the kernel"),
    files("/dev/port", "/dev/port", "is the machine's I/O ports"),
    files("/dev/{s,v,xv,h}d[a-z]{,[0-9]}", "/dev/sda", DISK),
    files("/dev/nvme[0-9]n[0-9]{,p[0-9]}", "/dev/nvme0n1", DISK),
    files("/dev/mmcblk[0-9]{,p[0-9]}", "/dev/mmcblk0", DISK),
    files("/dev/md[0-9]", "/dev/md0", DISK),
    files("/dev/dm-[0-9]", "/dev/dm-0", VOLUME),
    files(
        "/dev/mapper/{root,[a-z]*-[a-z]*}",
        "/dev/mapper/root",
        VOLUME,
    ),
    files(
        "/dev/loop[0-9]",
        "/dev/loop0",
        "is a whole disk image, below every file permission",
    ),
];

/// Files through which policy is changed or bypassed.
pub const POLICY_ADMIN: &[Files] = &[
    files_in(
        &["apparmor"],
        "/sys/kernel/security/apparmor/{policy/{namespaces/*/,},}.load",
        "/sys/kernel/security/apparmor/.load",
        "loads AppArmor policy",
    ),
    files_in(
        &["apparmor"],
        "/sys/kernel/security/apparmor/{policy/{namespaces/*/,},}.replace",
        "/sys/kernel/security/apparmor/.replace",
        "replaces AppArmor policy",
    ),
    files_in(
        &["apparmor"],
        "/sys/kernel/security/apparmor/{policy/{namespaces/*/,},}.remove",
        "/sys/kernel/security/apparmor/.remove",
        "removes AppArmor policy",
    ),
    files_in(
        &["apparmor.d"],
        "/etc/apparmor.d/{[a-z]*,{abstractions,local,tunables}/[a-z]*}",
        "/etc/apparmor.d/usr.bin.foo",
        "holds the policy that is loaded at the next boot",
    ),
    files_in(
        &["apparmor"],
        "/etc/apparmor/parser.conf",
        "/etc/apparmor/parser.conf",
        "configures how policy is compiled",
    ),
];

/// Files below /etc that hold secrets or decide who is root, worst first.
pub const ETC: &[Files] = &[
    files("/etc/shadow", "/etc/shadow", "holds the password hashes"),
    files(
        "/etc/gshadow",
        "/etc/gshadow",
        "holds the group password hashes",
    ),
    files_in(
        &["sudoers.d"],
        "/etc/sudoers",
        "/etc/sudoers",
        "decides who may become root",
    ),
    files(
        "/etc/ssh/ssh_host_*_key",
        "/etc/ssh/ssh_host_ed25519_key",
        "is the host's SSH key",
    ),
    files_in(
        &["private"],
        "/etc/ssl/private/[a-z]*.key",
        "/etc/ssl/private/server.key",
        "is a private TLS key",
    ),
    files(
        "/etc/krb5.keytab",
        "/etc/krb5.keytab",
        "is the host's Kerberos key",
    ),
    files("/etc/passwd", "/etc/passwd", "decides which users exist"),
    files(
        "/etc/ld.so.preload",
        "/etc/ld.so.preload",
        "names libraries that every program loads",
    ),
    files(
        "/etc/cron.d/[a-z]*",
        "/etc/cron.d/job",
        "holds commands that root runs",
    ),
];

const TOKENS: &str = "holds a user's passwords or tokens for other machines";

/// Files that give secrets away to who reads them, worst first.
pub const SECRETS: &[Files] = &[
    files(
        "/etc/{shadow,gshadow}{,-}",
        "/etc/shadow",
        "holds password hashes",
    ),
    files(
        "/etc/security/opasswd",
        "/etc/security/opasswd",
        "holds hashes of old passwords",
    ),
    files("/proc/kcore", "/proc/kcore", "is the memory of the machine"),
    files(
        "/etc/ssh/ssh_host_*_key",
        "/etc/ssh/ssh_host_ed25519_key",
        "is the host's SSH key",
    ),
    files_in(
        &["private"],
        "/etc/{ssl,pki/tls}/private/[a-z]*.{key,pem}",
        "/etc/ssl/private/server.key",
        "is a private TLS key",
    ),
    files_in(
        &["letsencrypt"],
        "/etc/letsencrypt/{live,archive}/*/privkey{,[0-9]}.pem",
        "/etc/letsencrypt/live/example.org/privkey.pem",
        "is a private TLS key",
    ),
    files(
        "/etc/krb5.keytab",
        "/etc/krb5.keytab",
        "is the host's Kerberos key",
    ),
    files_in(
        &["wireguard"],
        "/etc/wireguard/[a-z]*.conf",
        "/etc/wireguard/wg0.conf",
        "holds the keys of a VPN",
    ),
    files_in(
        &["system-connections"],
        "/etc/NetworkManager/system-connections/[a-z]*",
        "/etc/NetworkManager/system-connections/home.nmconnection",
        "holds passwords of networks",
    ),
    files(
        "/etc/kubernetes/{admin.conf,pki/*.key}",
        "/etc/kubernetes/admin.conf",
        "holds keys that command a whole cluster",
    ),
    files_in(
        &["serviceaccount"],
        "/{var/,}run/secrets/kubernetes.io/serviceaccount/token",
        "/run/secrets/kubernetes.io/serviceaccount/token",
        "is the container's key to its cluster",
    ),
    files_in(
        &[".ssh"],
        "/home/*/.ssh/id_{rsa,dsa,ecdsa,ed25519}{,_sk}",
        "/home/user/.ssh/id_ed25519",
        "is a user's private SSH key",
    ),
    files_in(
        &[".ssh"],
        "/root/.ssh/id_{rsa,dsa,ecdsa,ed25519}{,_sk}",
        "/root/.ssh/id_ed25519",
        "is root's private SSH key",
    ),
    files_in(
        &[".gnupg"],
        "/home/*/.gnupg/private-keys-v1.d/*.key",
        "/home/user/.gnupg/private-keys-v1.d/0A1B.key",
        "is a user's private GnuPG key",
    ),
    files_in(
        &[".aws"],
        "/home/*/.aws/credentials",
        "/home/user/.aws/credentials",
        TOKENS,
    ),
    files_in(
        &[".kube"],
        "/home/*/.kube/config",
        "/home/user/.kube/config",
        TOKENS,
    ),
    files_in(
        &[".docker"],
        "/home/*/.docker/config.json",
        "/home/user/.docker/config.json",
        TOKENS,
    ),
    files("/home/*/.netrc", "/home/user/.netrc", TOKENS),
    files("/home/*/.pgpass", "/home/user/.pgpass", TOKENS),
    files(
        "/home/*/.git-credentials",
        "/home/user/.git-credentials",
        TOKENS,
    ),
    files_in(
        &["keyrings"],
        "/home/*/.local/share/keyrings/[a-z]*.keyring",
        "/home/user/.local/share/keyrings/login.keyring",
        "holds a user's stored passwords",
    ),
];

const CHANGES_USER: &str = "changes the user";

/// Programs that act for others: each with what it does.
pub const HELPERS: &[Files] = &[
    files("/usr/bin/sudo", "/usr/bin/sudo", CHANGES_USER),
    files("/usr/bin/su", "/usr/bin/su", CHANGES_USER),
    files("/usr/bin/pkexec", "/usr/bin/pkexec", CHANGES_USER),
    files("/usr/bin/doas", "/usr/bin/doas", CHANGES_USER),
    files("/usr/sbin/runuser", "/usr/sbin/runuser", CHANGES_USER),
    files("/usr/bin/mount", "/usr/bin/mount", "mounts file systems"),
    files(
        "/usr/bin/umount",
        "/usr/bin/umount",
        "takes file systems away",
    ),
    files(
        "/usr/bin/nsenter",
        "/usr/bin/nsenter",
        "enters other namespaces",
    ),
    files(
        "/usr/bin/systemctl",
        "/usr/bin/systemctl",
        "commands services",
    ),
    files(
        "/usr/bin/systemd-run",
        "/usr/bin/systemd-run",
        "starts services",
    ),
    files(
        "/usr/sbin/insmod",
        "/usr/sbin/insmod",
        "loads code into the kernel",
    ),
    files(
        "/usr/bin/kmod",
        "/usr/bin/kmod",
        "loads code into the kernel",
    ),
];
