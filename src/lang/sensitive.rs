//! Paths, abstractions and devices that are known to be dangerous, each with its reason.

/// An abstraction that grants much, and what shows it.
#[derive(Copy, Clone, Debug)]
pub struct Danger {
    /// Its path below the base directory.
    pub path: &'static str,
    /// What it allows; continues "`PATH` …".
    pub reason: &'static str,
    /// The requests that it must allow for that to be true.
    pub requests: &'static [&'static str],
    /// The profile that it brings, if that is what allows them.
    pub brings: Option<&'static str>,
    /// What to include instead, if there is something.
    pub instead: Option<&'static str>,
    /// Whether only those who polish want to know: desktop programs need it.
    pub is_pedantic: bool,
}

const fn danger(
    path: &'static str,
    reason: &'static str,
    requests: &'static [&'static str],
) -> Danger {
    Danger {
        path,
        reason,
        requests,
        brings: None,
        instead: None,
        is_pedantic: false,
    }
}

const fn bus(
    path: &'static str,
    reason: &'static str,
    requests: &'static [&'static str],
    instead: &'static str,
) -> Danger {
    Danger {
        instead: Some(instead),
        is_pedantic: true,
        ..danger(path, reason, requests)
    }
}

/// Abstractions that can grant much; what they grant is looked at in the file that is included.
pub const ABSTRACTIONS: &[Danger] = &[
    bus(
        "abstractions/dbus",
        "lets the program send any message to any service on the system bus",
        &["dbus (send) bus=system"],
        "`<abstractions/dbus-strict>` and write dbus rules for the services that the program needs",
    ),
    bus(
        "abstractions/dbus-session",
        "lets the program send any message to any service on the session bus",
        &["dbus (send) bus=session"],
        "`<abstractions/dbus-session-strict>` and write dbus rules for the services that the program needs",
    ),
    bus(
        "abstractions/dbus-accessibility",
        "lets the program send any message on the accessibility bus",
        &["dbus (send) bus=accessibility"],
        "`<abstractions/dbus-accessibility-strict>` and write dbus rules for the services that the program needs",
    ),
    danger(
        "abstractions/user-tmp",
        "lets the program write files of every user below `/tmp`",
        &["other /tmp/build/output.log rw"],
    ),
    danger(
        "abstractions/user-write",
        "lets the program write every file in the user's home directory whose name does not begin with a dot",
        &["owner /home/user/notes.txt w"],
    ),
    danger(
        "abstractions/user-download",
        "lets the program write every file in the user's home directory whose name does not begin with a dot",
        &["owner /home/user/notes.txt w"],
    ),
    Danger {
        brings: Some("sanitized_helper"),
        ..danger(
            "abstractions/ubuntu-helpers",
            "brings the profile `sanitized_helper`, which can write every file of the user",
            &["/home/user/.bashrc w", "/home/user/.ssh/id_ed25519 r"],
        )
    },
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
