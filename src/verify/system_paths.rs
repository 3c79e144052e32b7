//! Where the kernel shows itself, so that tests can put something else there.

use std::path::PathBuf;

/// Places that verify reads and writes.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct SystemPaths {
    /// AppArmor's directory of securityfs.
    pub apparmor: PathBuf,
    /// The parameters of the kernel's AppArmor module.
    pub parameters: PathBuf,
    /// The process file system.
    pub proc: PathBuf,
    /// The control groups, version 2.
    pub cgroup: PathBuf,
    /// Where the journal of what must be undone is kept.
    pub journal: PathBuf,
    /// The policy compiler: a path, or a name to look for.
    pub parser: String,
}

impl Default for SystemPaths {
    /// Those of a Linux system.
    fn default() -> Self {
        Self {
            apparmor: "/sys/kernel/security/apparmor".into(),
            parameters: "/sys/module/apparmor/parameters".into(),
            proc: "/proc".into(),
            cgroup: "/sys/fs/cgroup".into(),
            journal: "/run/aalint".into(),
            parser: "apparmor_parser".to_owned(),
        }
    }
}
