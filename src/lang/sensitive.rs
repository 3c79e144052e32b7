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
