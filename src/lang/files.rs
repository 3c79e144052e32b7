//! Files that are dangerous to open, as patterns, each with an example and the reason.

/// A file, or files that are alike.
#[derive(Copy, Clone, Debug)]
pub struct Files {
    /// Their paths, as a pattern without variables.
    pub pattern: &'static str,
    /// One of them.
    pub example: &'static str,
    /// What it is, or gives away; continues "it …".
    pub reason: &'static str,
}

const fn files(pattern: &'static str, example: &'static str, reason: &'static str) -> Files {
    Files {
        pattern,
        example,
        reason,
    }
}

const ENGINE: &str = "is a container engine's socket";

/// Sockets of container engines: whoever may connect is root on the host.
pub const CONTAINER_SOCKETS: &[Files] = &[
    files("/{var/,}run/docker.sock", "/run/docker.sock", ENGINE),
    files(
        "/{var/,}run/{k3s/,}containerd/containerd.sock{,.ttrpc}",
        "/run/containerd/containerd.sock",
        ENGINE,
    ),
    files("/{var/,}run/crio/crio.sock", "/run/crio/crio.sock", ENGINE),
    files(
        "/{var/,}run/podman/podman.sock",
        "/run/podman/podman.sock",
        ENGINE,
    ),
    files(
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
    files(
        "/sys/kernel/security/apparmor/{policy/{namespaces/*/,},}.load",
        "/sys/kernel/security/apparmor/.load",
        "loads AppArmor policy",
    ),
    files(
        "/sys/kernel/security/apparmor/{policy/{namespaces/*/,},}.replace",
        "/sys/kernel/security/apparmor/.replace",
        "replaces AppArmor policy",
    ),
    files(
        "/sys/kernel/security/apparmor/{policy/{namespaces/*/,},}.remove",
        "/sys/kernel/security/apparmor/.remove",
        "removes AppArmor policy",
    ),
    files(
        "/etc/apparmor.d/{[a-z]*,{abstractions,local,tunables}/[a-z]*}",
        "/etc/apparmor.d/usr.bin.foo",
        "holds the policy that is loaded at the next boot",
    ),
    files(
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
    files(
        "/etc/sudoers",
        "/etc/sudoers",
        "decides who may become root",
    ),
    files(
        "/etc/ssh/ssh_host_*_key",
        "/etc/ssh/ssh_host_ed25519_key",
        "is the host's SSH key",
    ),
    files(
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
    files(
        "/etc/{ssl,pki/tls}/private/[a-z]*.{key,pem}",
        "/etc/ssl/private/server.key",
        "is a private TLS key",
    ),
    files(
        "/etc/letsencrypt/{live,archive}/*/privkey{,[0-9]}.pem",
        "/etc/letsencrypt/live/example.org/privkey.pem",
        "is a private TLS key",
    ),
    files(
        "/etc/krb5.keytab",
        "/etc/krb5.keytab",
        "is the host's Kerberos key",
    ),
    files(
        "/etc/wireguard/[a-z]*.conf",
        "/etc/wireguard/wg0.conf",
        "holds the keys of a VPN",
    ),
    files(
        "/etc/NetworkManager/system-connections/[a-z]*",
        "/etc/NetworkManager/system-connections/home.nmconnection",
        "holds passwords of networks",
    ),
    files(
        "/etc/kubernetes/{admin.conf,pki/*.key}",
        "/etc/kubernetes/admin.conf",
        "holds keys that command a whole cluster",
    ),
    files(
        "/{var/,}run/secrets/kubernetes.io/serviceaccount/token",
        "/run/secrets/kubernetes.io/serviceaccount/token",
        "is the container's key to its cluster",
    ),
    files(
        "/home/*/.ssh/id_{rsa,dsa,ecdsa,ed25519}{,_sk}",
        "/home/user/.ssh/id_ed25519",
        "is a user's private SSH key",
    ),
    files(
        "/root/.ssh/id_{rsa,dsa,ecdsa,ed25519}{,_sk}",
        "/root/.ssh/id_ed25519",
        "is root's private SSH key",
    ),
    files(
        "/home/*/.gnupg/private-keys-v1.d/*.key",
        "/home/user/.gnupg/private-keys-v1.d/0A1B.key",
        "is a user's private GnuPG key",
    ),
    files(
        "/home/*/.aws/credentials",
        "/home/user/.aws/credentials",
        TOKENS,
    ),
    files("/home/*/.kube/config", "/home/user/.kube/config", TOKENS),
    files(
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
    files(
        "/home/*/.local/share/keyrings/[a-z]*.keyring",
        "/home/user/.local/share/keyrings/login.keyring",
        "holds a user's stored passwords",
    ),
];

const SHELL: &str = "is run by the user's shell";

/// Files that decide what others run, or what they may do, worst first.
pub const SWITCHES: &[Files] = &[
    files(
        "/proc/sys/kernel/{core_pattern,modprobe,hotplug,poweroff_cmd}",
        "/proc/sys/kernel/core_pattern",
        "names a program that the kernel starts as root",
    ),
    files(
        "/sys/kernel/uevent_helper",
        "/sys/kernel/uevent_helper",
        "names a program that the kernel starts as root",
    ),
    files(
        "/sys/fs/cgroup/{*/,}{*/,}release_agent",
        "/sys/fs/cgroup/release_agent",
        "names a program that the kernel starts as root",
    ),
    files(
        "/proc/sysrq-trigger",
        "/proc/sysrq-trigger",
        "can halt the machine or kill every process",
    ),
    files(
        "/etc/{passwd,shadow,group,gshadow}",
        "/etc/passwd",
        "decides which users exist and how they prove it",
    ),
    files(
        "/etc/{sudoers,sudoers.d/[a-z]*}",
        "/etc/sudoers",
        "decides who may become root",
    ),
    files(
        "/etc/pam.d/[a-z]*",
        "/etc/pam.d/common-auth",
        "decides how users prove who they are",
    ),
    files(
        "/etc/ld.so.{preload,conf,conf.d/[a-z]*.conf}",
        "/etc/ld.so.preload",
        "names libraries that every program loads",
    ),
    files(
        "/{etc/{crontab,anacrontab,cron.d/[a-z]*,cron.{hourly,daily,weekly,monthly}/[a-z]*},var/spool/cron/crontabs/root}",
        "/etc/cron.d/job",
        "holds commands that root runs",
    ),
    files(
        "/{etc,{usr/,}lib}/systemd/system/{*.d/[a-z]*.conf,[a-z]*.{service,timer,socket}}",
        "/etc/systemd/system/backup.service",
        "holds commands that root runs",
    ),
    files(
        "/etc/{init.d/[a-z]*,rc.local}",
        "/etc/init.d/networking",
        "is run by root at the next boot",
    ),
    files(
        "/etc/{udev/rules.d/[0-9a-z]*.rules,modprobe.d/[a-z]*.conf}",
        "/etc/udev/rules.d/99-local.rules",
        "holds commands that root runs",
    ),
    files(
        "/etc/{profile,profile.d/[a-z]*.sh,bash.bashrc,environment}",
        "/etc/profile",
        "is run by the shell of every user",
    ),
    files(
        "/boot/{vmlinuz,initrd.img}-*",
        "/boot/vmlinuz-6.12.0-1-amd64",
        "is run at the next boot, below everything else",
    ),
    files(
        "/{usr/,}lib/modules/*/{kernel,updates,extra}/{**/,}[a-z]*.ko{,.xz,.zst}",
        "/usr/lib/modules/6.12.0-1-amd64/updates/extra.ko",
        "is code that the kernel loads",
    ),
    files(
        "/{usr/,usr/local/,}{bin,sbin}/[a-z]*",
        "/usr/bin/ls",
        "is a program that others run, root among them",
    ),
    files(
        "/{usr/,}lib/{x86_64-linux-gnu/,}lib[a-z]*.so{,.[0-9]*}",
        "/usr/lib/x86_64-linux-gnu/libc.so.6",
        "is code that every program loads",
    ),
    files(
        "/home/*/.ssh/{authorized_keys,rc}",
        "/home/user/.ssh/authorized_keys",
        "decides who may log in as that user",
    ),
    files(
        "/root/.ssh/{authorized_keys,rc}",
        "/root/.ssh/authorized_keys",
        "decides who may log in as root",
    ),
    files("/home/*/.bashrc", "/home/user/.bashrc", SHELL),
    files("/home/*/.profile", "/home/user/.profile", SHELL),
    files("/home/*/.zshrc", "/home/user/.zshrc", SHELL),
    files("/root/.bashrc", "/root/.bashrc", "is run by root's shell"),
    files(
        "/home/*/.config/autostart/[a-z]*.desktop",
        "/home/user/.config/autostart/app.desktop",
        "is run when the user logs in",
    ),
    files(
        "/home/*/.config/systemd/user/[a-z]*.service",
        "/home/user/.config/systemd/user/app.service",
        "is run when the user logs in",
    ),
];

const SETTING: &str = "is a setting of the host's kernel";

/// Files of the host's kernel that a container must not write: Docker's default profile denies all of
/// these. Worst first.
pub const HOST_KERNEL: &[Files] = &[
    files(
        "/proc/sys/kernel/{core_pattern,modprobe,hotplug,poweroff_cmd}",
        "/proc/sys/kernel/core_pattern",
        "names a program that the kernel starts as root on the host",
    ),
    files(
        "/sys/kernel/uevent_helper",
        "/sys/kernel/uevent_helper",
        "names a program that the kernel starts as root on the host",
    ),
    files(
        "/proc/sysrq-trigger",
        "/proc/sysrq-trigger",
        "halts the host, or kills every process on it",
    ),
    files("/proc/kcore", "/proc/kcore", "is the memory of the host"),
    files(
        "/sys/kernel/security/[a-z]*/{.,}[a-z]*",
        "/sys/kernel/security/apparmor/.load",
        "controls the host's security modules, AppArmor among them",
    ),
    files("/proc/sys/vm/[a-z]*", "/proc/sys/vm/drop_caches", SETTING),
    files("/proc/sys/fs/[a-z]*", "/proc/sys/fs/suid_dumpable", SETTING),
    files(
        "/proc/sys/kernel/{kptr_restrict,randomize_va_space,perf_event_paranoid}",
        "/proc/sys/kernel/randomize_va_space",
        SETTING,
    ),
    files(
        "/proc/sys/net/{core,ipv4,ipv6}/[a-z]*",
        "/proc/sys/net/ipv4/ip_forward",
        "is a setting of the kernel's network",
    ),
    files(
        "/proc/{acpi,bus,fs,irq,scsi}/[a-z0-9]*/[a-z]*",
        "/proc/irq/default/smp_affinity",
        "is a setting of the host's devices",
    ),
    files(
        "/sys/firmware/[a-z]*/[a-z]*",
        "/sys/firmware/efi/vars",
        "belongs to the host's firmware",
    ),
    files(
        "/sys/{block,bus,class,dev,devices}/[a-z]*/[a-z]*",
        "/sys/devices/system/cpu",
        "belongs to the host's devices",
    ),
    files(
        "/sys/{module,power,kernel}/[a-z]*/[a-z]*",
        "/sys/module/kvm/parameters",
        SETTING,
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
