//! Where policy will run: parsers, kernels and distributions, as far as their features are known.
//!
//! Kernel features are those of `security/apparmor/apparmorfs.c` of that version, and for Debian also
//! those that its `apparmor` package lists in `/usr/share/apparmor-features/features`, which its
//! parser takes for profiles without an abi. What could not be looked up is marked unknown.

use std::fmt;

use super::features::Features;

/// A version of AppArmor's tools: major and minor.
#[derive(Copy, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct Version(pub u8, pub u8);

impl fmt::Display for Version {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}", self.0, self.1)
    }
}

/// Where policy will run.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Target {
    /// What to call it: "Debian 12".
    pub name: String,
    /// The apparmor_parser that compiles the policy.
    pub parser: Option<Version>,
    /// What the kernel mediates.
    pub kernel: Option<Features>,
    /// The abi of profiles that declare none.
    pub default_abi: Option<Features>,
    /// Whether `/bin`, `/sbin` and `/lib` are links into `/usr` there, as far as that is known.
    pub merges_usr: bool,
}

type Known = &'static [(&'static str, &'static str)];

/// Linux 4.17 and later: with `network_v8`.
const LINUX_4_17: Known = &[
    ("capability", "0xffffff"),
    ("caps/mask", ""),
    ("domain/stack", "yes"),
    ("domain/change_profile", "yes"),
    (
        "file/mask",
        "create read write exec append mmap_exec link lock",
    ),
    ("mount/mask", "mount umount pivot_root"),
    ("namespaces/profile", "yes"),
    ("network_v8/af_mask", ""),
    ("policy/set_load", "yes"),
    ("ptrace/mask", "read trace"),
    ("query/label/perms", "allow deny audit quiet"),
    ("rlimit/mask", ""),
    ("signal/mask", ""),
];

/// What Linux 6.7 added.
const LINUX_6_7: Known = &[
    ("io_uring/mask", "sqpoll override_creds"),
    ("namespaces/mask", "userns_create"),
];

/// What Linux 6.17 added.
const LINUX_6_17: Known = &[
    ("caps/extended", "yes"),
    ("dbus/mask", "acquire send receive"),
    ("network_v9/af_mask", ""),
    ("network_v9/af_unix", "yes"),
];

/// What Ubuntu adds to its kernels.
const UBUNTU: Known = &[
    ("dbus/mask", "acquire send receive"),
    ("network/af_mask", ""),
    ("network/af_unix", "yes"),
];

/// What Ubuntu adds since 24.04.
const UBUNTU_24_04: Known = &[(
    "ipc/posix_mqueue",
    "create read write open delete setattr getattr",
)];

/// One row of the table.
struct Row {
    /// How it is named on the command line, the first name first.
    names: &'static [&'static str],
    /// What messages call it.
    title: &'static str,
    parser: Option<Version>,
    kernel: &'static [Known],
    unknown: &'static [&'static str],
    /// Whether the kernel's features are also the abi of profiles that declare none.
    is_pinned: bool,
    /// Whether it is a distribution of which all supported installations have a merged `/usr`.
    merges_usr: bool,
}

const fn parser(names: &'static [&'static str], title: &'static str, version: Version) -> Row {
    Row {
        names,
        title,
        parser: Some(version),
        kernel: &[],
        unknown: &[],
        is_pinned: false,
        merges_usr: false,
    }
}

const fn linux(
    names: &'static [&'static str],
    title: &'static str,
    kernel: &'static [Known],
) -> Row {
    Row {
        names,
        title,
        parser: None,
        kernel,
        unknown: &[],
        is_pinned: false,
        merges_usr: false,
    }
}

const fn debian(
    names: &'static [&'static str],
    title: &'static str,
    version: Version,
    kernel: &'static [Known],
) -> Row {
    Row {
        names,
        title,
        parser: Some(version),
        kernel,
        unknown: &[],
        is_pinned: true,
        merges_usr: true,
    }
}

const fn ubuntu(
    names: &'static [&'static str],
    title: &'static str,
    version: Option<Version>,
    kernel: &'static [Known],
    unknown: &'static [&'static str],
) -> Row {
    Row {
        names,
        title,
        parser: version,
        kernel,
        unknown,
        is_pinned: false,
        merges_usr: true,
    }
}

const ROWS: &[Row] = &[
    debian(
        &["debian-12", "bookworm"],
        "Debian 12 (AppArmor 3.0, Linux 6.1)",
        Version(3, 0),
        &[LINUX_4_17],
    ),
    debian(
        &["debian-13", "trixie"],
        "Debian 13 (AppArmor 4.1, Linux 6.12)",
        Version(4, 1),
        &[LINUX_4_17, LINUX_6_7],
    ),
    debian(
        &["debian-sid", "sid"],
        "Debian sid (AppArmor 5.0, Linux 7.2)",
        Version(5, 0),
        &[LINUX_4_17, LINUX_6_7, LINUX_6_17],
    ),
    ubuntu(
        &["ubuntu-22.04", "jammy"],
        "Ubuntu 22.04 (AppArmor 3.0, Linux 5.15)",
        Some(Version(3, 0)),
        &[LINUX_4_17, UBUNTU],
        &["ipc", "io_uring", "namespaces/mask", "network_v8/af_inet"],
    ),
    ubuntu(
        &["ubuntu-24.04", "noble"],
        "Ubuntu 24.04 (AppArmor 4.0, Linux 6.8)",
        Some(Version(4, 0)),
        &[LINUX_4_17, LINUX_6_7, UBUNTU, UBUNTU_24_04],
        &["network_v8/af_inet"],
    ),
    ubuntu(
        &["ubuntu-25.10", "questing"],
        "Ubuntu 25.10 (Linux 6.17)",
        None,
        &[LINUX_4_17, LINUX_6_7, LINUX_6_17, UBUNTU, UBUNTU_24_04],
        &["network_v8/af_inet"],
    ),
    ubuntu(
        &["ubuntu-26.04", "resolute"],
        "Ubuntu 26.04 (Linux 7.0)",
        None,
        &[LINUX_4_17, LINUX_6_7, LINUX_6_17, UBUNTU, UBUNTU_24_04],
        &["network_v8/af_inet"],
    ),
    linux(&["linux-5.4"], "Linux 5.4", &[LINUX_4_17]),
    linux(&["linux-5.10"], "Linux 5.10", &[LINUX_4_17]),
    linux(&["linux-5.15"], "Linux 5.15", &[LINUX_4_17]),
    linux(&["linux-6.1"], "Linux 6.1", &[LINUX_4_17]),
    linux(&["linux-6.6"], "Linux 6.6", &[LINUX_4_17]),
    linux(&["linux-6.8"], "Linux 6.8", &[LINUX_4_17, LINUX_6_7]),
    linux(&["linux-6.12"], "Linux 6.12", &[LINUX_4_17, LINUX_6_7]),
    linux(
        &["linux-6.17"],
        "Linux 6.17",
        &[LINUX_4_17, LINUX_6_7, LINUX_6_17],
    ),
    linux(
        &["linux-6.18"],
        "Linux 6.18",
        &[LINUX_4_17, LINUX_6_7, LINUX_6_17],
    ),
    linux(
        &["linux-7.2"],
        "Linux 7.2",
        &[LINUX_4_17, LINUX_6_7, LINUX_6_17],
    ),
    parser(&["3.0"], "AppArmor 3.0", Version(3, 0)),
    parser(&["3.1"], "AppArmor 3.1", Version(3, 1)),
    parser(&["4.0"], "AppArmor 4.0", Version(4, 0)),
    parser(&["4.1"], "AppArmor 4.1", Version(4, 1)),
    parser(&["5.0"], "AppArmor 5.0", Version(5, 0)),
    parser(&["6.0"], "AppArmor 6.0", Version(6, 0)),
];

/// Abi files of the releases below the base directory, the newest first, each with the release that brought it.
pub const ABIS: &[(&str, u8)] = &[("abi/5.0", 5), ("abi/4.0", 4), ("abi/3.0", 3)];

impl Target {
    /// The target of that name; `None` if the table has none.
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        let row = ROWS.iter().find(|row| row.names.contains(&name))?;
        let kernel = (!row.kernel.is_empty()).then(|| Features::of(row.kernel, row.unknown));
        Some(Self {
            name: row.title.to_owned(),
            parser: row.parser,
            default_abi: kernel.clone().filter(|_| row.is_pinned),
            kernel,
            merges_usr: row.merges_usr,
        })
    }

    /// Whether AppArmor of that version, or the distribution, ships an abi file (`abi/4.0`); `None` if that is not known.
    /// Releases 3.0 and 3.1 have 3.0, 4.x have 4.0 as well, and 5.0 and later 5.0 too.
    #[must_use]
    pub fn ships_abi(&self, path: &str) -> Option<bool> {
        let newest = self.parser?.0;
        let wanted = ABIS.iter().find(|(name, _)| *name == path)?.1;
        Some(newest >= wanted)
    }

    /// A kernel whose features were read from somewhere.
    #[must_use]
    pub fn of_kernel(name: String, features: Features) -> Self {
        Self {
            name,
            parser: None,
            kernel: Some(features),
            default_abi: None,
            merges_usr: false,
        }
    }

    /// The names that [`Target::named`] knows, in the order of the table.
    pub fn names() -> impl Iterator<Item = &'static str> {
        ROWS.iter().flat_map(|row| row.names.iter().copied())
    }
}
