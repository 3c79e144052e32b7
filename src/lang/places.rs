//! Places in the tree of files: what every container needs, what is alike, and directories of which no
//! program needs everything.

use super::permissions::{APPEND, EXEC, READ, WRITE};

/// A file that a runtime puts into every container, or that the C library reads there.
#[derive(Copy, Clone, Debug)]
pub struct RuntimeFile {
    /// Its path.
    pub path: &'static str,
    /// The permissions that programs need.
    pub bits: u8,
    /// What it is there for: a sentence.
    pub why: &'static str,
    /// What to do instead of denying it.
    pub instead: &'static str,
}

const fn runtime(
    path: &'static str,
    bits: u8,
    why: &'static str,
    instead: &'static str,
) -> RuntimeFile {
    RuntimeFile {
        path,
        bits,
        why,
        instead,
    }
}

const WRITTEN: &str = "the runtime writes it for each container, and the C library reads it";

const OF_LIBRARY: &str = "the C library reads it in nearly every program";

const DEVICE: &str = "the runtime gives it to every container, and programs open it";

const TERMINAL: &str = "it is the terminal of a program that runs in the container";

const OF_PROCESS: &str = "programs read there how they and their children run";

const BY_NAME: &str = "deny the files that are secret by name, and grant no others";

const NO_DENY: &str = "remove the deny rule, or narrow it to devices that give something away";

const NO_OTHERS: &str = "remove the deny rule, or deny the files that are secret by name";

/// Such files, the most needed first.
pub const RUNTIME_FILES: &[RuntimeFile] = &[
    runtime("/etc/resolv.conf", READ, WRITTEN, BY_NAME),
    runtime("/etc/hosts", READ, WRITTEN, BY_NAME),
    runtime("/etc/ld.so.cache", READ, OF_LIBRARY, BY_NAME),
    runtime("/etc/nsswitch.conf", READ, OF_LIBRARY, BY_NAME),
    runtime("/etc/hostname", READ, WRITTEN, BY_NAME),
    runtime("/etc/localtime", READ, OF_LIBRARY, BY_NAME),
    runtime("/dev/null", READ | WRITE, DEVICE, NO_DENY),
    runtime("/dev/zero", READ, DEVICE, NO_DENY),
    runtime("/dev/urandom", READ, DEVICE, NO_DENY),
    runtime("/dev/pts/0", READ | WRITE, TERMINAL, NO_DENY),
    runtime("/proc/1/status", READ, OF_PROCESS, NO_OTHERS),
];

/// Sockets and devices in places where programs write: what lies there cannot be executed. A
/// pattern; disconnected paths and roots of containers have them below other directories, and
/// `attach_disconnected.path` without `/run`.
pub const NO_PROGRAMS: &str = "/{dev/{[^s]**,s[^h]**},{,**/}{dev/{null,zero,full,random,urandom,tty{,[0-9]*},pts/[0-9]*,log},apparmor/.null,*.sock,{run/,}{user/*/{bus,at-spi/bus*,wayland-[0-9],pulse/native,pipewire-[0-9]},dbus/system_bus_socket,systemd/{notify,journal/{socket,stdout,dev-log}}},tmp/{dbus-*,.X11-unix/X[0-9]*,.ICE-unix/[0-9]*}}}";

/// Files that serve the same end: to deny one of them and leave another achieves little.
#[derive(Copy, Clone, Debug)]
pub struct Alike {
    /// Their paths.
    pub paths: &'static [&'static str],
    /// The permissions that matter.
    pub bits: u8,
    /// What can be done to one that is open.
    pub what: &'static str,
}

/// Groups of such files.
pub const ALIKE: &[Alike] = &[
    Alike {
        paths: &[
            "/etc/shadow",
            "/etc/shadow-",
            "/etc/gshadow",
            "/etc/gshadow-",
            "/etc/security/opasswd",
        ],
        bits: READ,
        what: "can be read, and holds password hashes as well",
    },
    Alike {
        paths: &[
            "/usr/bin/bash",
            "/usr/bin/dash",
            "/usr/bin/sh",
            "/usr/bin/busybox",
            "/usr/bin/zsh",
            "/usr/bin/python3",
            "/usr/bin/perl",
        ],
        bits: EXEC,
        what: "can be executed, and runs any command as well",
    },
    Alike {
        paths: &[
            "/usr/bin/sudo",
            "/usr/bin/su",
            "/usr/bin/pkexec",
            "/usr/sbin/runuser",
        ],
        bits: EXEC,
        what: "can be executed, and changes the user as well",
    },
    Alike {
        paths: &[
            "/usr/bin/curl",
            "/usr/bin/wget",
            "/usr/bin/nc",
            "/usr/bin/python3",
        ],
        bits: EXEC,
        what: "can be executed, and loads files from the network as well",
    },
    Alike {
        paths: &[
            "/run/docker.sock",
            "/run/containerd/containerd.sock",
            "/run/podman/podman.sock",
            "/run/crio/crio.sock",
        ],
        bits: WRITE,
        what: "can be written, and controls a container engine as well",
    },
    Alike {
        paths: &[
            "/dev/sda",
            "/dev/sda1",
            "/dev/nvme0n1",
            "/dev/vda",
            "/dev/dm-0",
        ],
        bits: READ_WRITE,
        what: "can be opened, and is a whole disk as well",
    },
];

/// A directory of which no program needs everything.
#[derive(Copy, Clone, Debug)]
pub struct Root {
    /// The directory, without the last slash; empty for all of them.
    pub path: &'static str,
    /// Files in it that no rule means: what matches one of them matches everything there.
    pub strangers: &'static [&'static str],
    /// The permissions that matter there.
    pub bits: u8,
    /// Whether `owner` makes no difference: all files there belong to root, and so do the processes
    /// that matter.
    pub is_roots: bool,
    /// Which files these are; as in "reaches …".
    pub whose: &'static str,
    /// Files that systems have there, the worst first, each with what it is; continues "it …". Those of
    /// the lists in [`files`](super::files) come before them.
    pub known: &'static [(&'static str, &'static str)],
}

const READ_WRITE: u8 = READ | WRITE | APPEND;
const WRITES: u8 = WRITE | APPEND;

const fn root(
    path: &'static str,
    strangers: &'static [&'static str],
    bits: u8,
    is_roots: bool,
    whose: &'static str,
    known: &'static [(&'static str, &'static str)],
) -> Root {
    Root {
        path,
        strangers,
        bits,
        is_roots,
        whose,
        known,
    }
}

/// `/etc`: a file there, or deeper.
pub const ETC_ROOT: Root = root(
    "/etc",
    &["/etc/zeta-settings", "/etc/zeta/site/data/report"],
    READ_WRITE,
    true,
    "the configuration of everything",
    &[],
);

/// All of them.
pub const EVERYTHING: Root = root(
    "",
    &["/zeta/site/data/report"],
    READ_WRITE,
    true,
    "every directory",
    &[],
);

/// Such directories but `/etc`, the widest first.
pub const ROOTS: &[Root] = &[
    EVERYTHING,
    root(
        "/home",
        &["/home/zeta/site/data/report"],
        READ_WRITE,
        false,
        "the files of all users",
        &[("/home/user/Documents/letter.odt", "is a document of a user")],
    ),
    root(
        "/root",
        &["/root/zeta/site/data/report"],
        READ_WRITE,
        false,
        "the files of root",
        &[("/root/.bash_history", "holds what root has typed")],
    ),
    root(
        "/proc",
        &["/proc/zeta/site/data/report"],
        READ_WRITE,
        false,
        "all processes and settings of the kernel",
        &[(
            "/proc/1/environ",
            "holds the environment of another program",
        )],
    ),
    root(
        "/sys",
        &["/sys/zeta/site/data/report"],
        WRITES,
        true,
        "all devices and settings of the kernel",
        &[("/sys/power/state", "puts the machine to sleep")],
    ),
    root(
        "/usr",
        &["/usr/zeta/site/data/report"],
        WRITES,
        true,
        "all programs and libraries",
        &[(
            "/usr/share/dbus-1/system.conf",
            "decides who may talk to whom on the system bus",
        )],
    ),
    root(
        "/boot",
        &["/boot/zeta/site/data/report"],
        WRITES,
        true,
        "what the machine starts with",
        &[("/boot/grub/grub.cfg", "decides what the machine starts")],
    ),
    root(
        "/run",
        &["/run/zeta/site/data/report"],
        WRITES,
        true,
        "the sockets and run-time files of all services",
        &[
            (
                "/run/systemd/private",
                "is the socket through which systemd is commanded",
            ),
            (
                "/run/dbus/system_bus_socket",
                "is the socket of the system bus",
            ),
        ],
    ),
    root(
        "/var",
        &["/var/zeta/site/data/report"],
        WRITES,
        true,
        "the data and logs of all services",
        &[
            ("/var/lib/dpkg/status", "says which packages are installed"),
            ("/var/log/auth.log", "records who has logged in"),
        ],
    ),
    root(
        "/tmp",
        &["/tmp/zeta/site/data/report"],
        WRITES,
        false,
        "the temporary files of all programs",
        &[
            ("/tmp/.X11-unix/X0", "is the socket of the X server"),
            (
                "/tmp/ssh-0A1B2C3D4E/agent.1",
                "is the socket of a user's SSH agent",
            ),
            ("/tmp/dbus-0A1B2C3D4E", "is the socket of a session bus"),
        ],
    ),
    root(
        "/var/tmp",
        &["/var/tmp/zeta/site/data/report"],
        WRITES,
        false,
        "the temporary files of all programs",
        &[(
            "/var/tmp/vi.recover/recover.0A1B2C",
            "is what an editor keeps of a file of another user",
        )],
    ),
];
