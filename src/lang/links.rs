//! Symbolic links that distributions have, and where they lead.

/// Directories that are links on every distribution (FHS 3.0, sections 3.15 and 5.13).
pub const EVERYWHERE: &[(&str, &str)] = &[("/var/run", "/run"), ("/var/lock", "/run/lock")];

/// Directories that are links where `/usr` is merged: Debian since 12, Ubuntu since 23.04 and when newly installed since
/// 19.04, Fedora, Arch and their derivatives (file-hierarchy(7)).
pub const MERGED_USR: &[(&str, &str)] = &[
    ("/bin", "/usr/bin"),
    ("/sbin", "/usr/sbin"),
    ("/lib", "/usr/lib"),
    ("/lib32", "/usr/lib32"),
    ("/lib64", "/usr/lib64"),
    ("/libx32", "/usr/libx32"),
];

/// Commands that are links on Debian and Ubuntu, of packages themselves or of update-alternatives(1), each with a pattern
/// of what it leads to.
pub const COMMANDS: &[(&str, &str)] = &[
    ("/usr/bin/awk", "/usr/bin/{mawk,gawk,original-awk}"),
    ("/usr/bin/gcc", "/usr/bin/*-linux-gnu*-gcc-[0-9]*"),
    ("/usr/bin/java", "/usr/lib/jvm/**/bin/java"),
    ("/usr/bin/nc", "/usr/bin/nc.{openbsd,traditional}"),
    ("/usr/bin/netcat", "/usr/bin/nc.{openbsd,traditional}"),
    ("/usr/bin/php", "/usr/bin/php[0-9].[0-9]*"),
    ("/usr/bin/python3", "/usr/bin/python3.[0-9]*"),
    ("/usr/bin/ruby", "/usr/bin/ruby[0-9].[0-9]*"),
    ("/usr/bin/sh", "/usr/bin/dash"),
    (
        "/usr/sbin/ip6tables",
        "/usr/sbin/xtables-{nft,legacy}-multi",
    ),
    ("/usr/sbin/iptables", "/usr/sbin/xtables-{nft,legacy}-multi"),
];
