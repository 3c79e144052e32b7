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

/// Variables that AppArmor's tunables define since 4.0.
const SINCE_4: &[&str] = &["bin", "lib", "sbin", "system_bin_dirs"];

/// Whether the tunables of every AppArmor since 3.0 define a variable of this name.
#[must_use]
pub fn is_tunable(name: &str) -> bool {
    if SINCE_4.contains(&name) {
        return false;
    }
    let mut lines = FILES.iter().flat_map(|(_, text)| text.lines());
    lines.any(|line| {
        let variable = line
            .strip_prefix("@{")
            .and_then(|rest| rest.split_once('}'));
        variable.is_some_and(|(defined, _)| defined == name)
    })
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
