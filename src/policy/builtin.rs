//! Tunables for machines without AppArmor, written for aalint: so that `<tunables/global>` and the
//! variables that profiles expect of it exist on macOS or in a bare CI container.

/// A built-in file by the path below the base directory.
#[must_use]
pub(super) fn read(path: &str) -> Option<&'static str> {
    FILES
        .iter()
        .find(|(name, _)| *name == path)
        .map(|(_, text)| *text)
}

const FILES: &[(&str, &str)] = &[
    (
        "tunables/global",
        include_str!("../../data/tunables/global"),
    ),
    ("tunables/alias", "# No aliases.\n"),
    ("tunables/home", include_str!("../../data/tunables/home")),
    (
        "tunables/multiarch",
        include_str!("../../data/tunables/multiarch"),
    ),
    ("tunables/proc", include_str!("../../data/tunables/proc")),
    (
        "tunables/kernelvars",
        include_str!("../../data/tunables/kernelvars"),
    ),
    ("tunables/run", include_str!("../../data/tunables/run")),
    ("tunables/sys", include_str!("../../data/tunables/sys")),
    (
        "tunables/securityfs",
        include_str!("../../data/tunables/securityfs"),
    ),
    (
        "tunables/xdg-user-dirs",
        include_str!("../../data/tunables/xdg-user-dirs"),
    ),
    ("tunables/share", include_str!("../../data/tunables/share")),
    ("tunables/etc", include_str!("../../data/tunables/etc")),
    (
        "tunables/dovecot",
        "# The mail directories are the site's own.\n@{DOVECOT_MAILSTORE}=@{HOME}/Maildir/ @{HOME}/mail/ /var/mail/ /var/vmail/\n",
    ),
    (
        "tunables/system",
        include_str!("../../data/tunables/system"),
    ),
];
