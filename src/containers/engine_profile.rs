//! What the default profiles of container engines keep, by version: facts, said as promises.
//!
//! A version stands for the release from which on, at the latest, all of its facts hold. What the
//! engines' sources show was read for each; what a default profile also grants (every capability,
//! every file and socket that is not denied) is no promise and is left out.

/// A default profile.
#[derive(Debug)]
pub struct EngineProfile {
    /// The name by which it is asked for, and of its intent.
    pub name: &'static str,
    /// Whose it is.
    pub engine: &'static str,
    /// Its versions, oldest first.
    pub versions: &'static [&'static str],
    facts: &'static [(usize, EngineFact)],
}

/// Something that a default profile keeps.
#[derive(Copy, Clone, PartialEq, Eq, Debug)]
pub struct EngineFact {
    /// As a promise, without comma.
    pub promise: &'static str,
    /// What it is about.
    pub about: &'static str,
}

const fn fact(promise: &'static str, about: &'static str) -> EngineFact {
    EngineFact { promise, about }
}

const MOUNT: EngineFact = fact("deny mount", "mounts of its own");
const REMOUNT: EngineFact = fact("deny remount", "mounts of its own");
const PROC: EngineFact = fact("deny /proc/* w", "files directly in /proc");
const SYSCTL: EngineFact = fact("deny /proc/sys/[^k]** w", "settings of the kernel");
const SYSCTL_KERNEL: EngineFact = fact(
    "deny /proc/sys/kernel/{core_pattern,modprobe,kptr_restrict,randomize_va_space} w",
    "settings of the kernel",
);
const SYSRQ: EngineFact = fact("deny /proc/sysrq-trigger rwklx", "the kernel's keyboard");
const KCORE: EngineFact = fact("deny /proc/kcore rwklx", "the kernel's memory");
const SYS: EngineFact = fact("deny /sys/[^f]*/** wklx", "/sys but control groups");
const SYS_FS: EngineFact = fact("deny /sys/fs/[^c]*/** wklx", "/sys but control groups");
const FIRMWARE: EngineFact = fact("deny /sys/firmware/** rwklx", "firmware");
const SECURITY: EngineFact = fact(
    "deny /sys/kernel/security/** rwklx",
    "the control of security modules",
);
const POWERCAP: EngineFact = fact(
    "deny /sys/devices/virtual/powercap/** rwklx",
    "meters of energy, which leak what others compute (GHSA-jq35-85cj-fj4p)",
);
const ALG: EngineFact = fact(
    "deny network alg",
    "sockets of the kernel's cryptography (CVE-2026-31431)",
);
const STOP: EngineFact = fact(
    "allow signal receive peer=unconfined",
    "to be stopped by the engine",
);
const STOP_RUNC: EngineFact = fact(
    "allow signal receive peer=runc",
    "to be stopped where runc has a profile, since AppArmor 4.0",
);
const STOP_CRUN: EngineFact = fact(
    "allow signal receive peer=crun",
    "to be stopped where crun has a profile, since AppArmor 4.0",
);
const STOP_PODMAN: EngineFact = fact(
    "allow signal receive set=(int, quit, kill, term) peer=podman",
    "to be stopped where podman has a profile, since AppArmor 4.0",
);
const SIGNALS: EngineFact = fact(
    "allow signal (send, receive) peer=@{profile_name}",
    "processes of the container among themselves",
);
const TRACE: EngineFact = fact(
    "allow ptrace (trace, read) peer=@{profile_name}",
    "processes of the container among themselves",
);

/// All that are known.
pub const ENGINE_PROFILES: &[EngineProfile] = &[
    EngineProfile {
        name: "docker-default",
        engine: "Docker",
        versions: &["20.10", "24.0.7", "26.1.4", "29.5"],
        facts: &[
            (0, MOUNT),
            (0, REMOUNT),
            (0, PROC),
            (0, SYSCTL),
            (0, SYSCTL_KERNEL),
            (0, SYSRQ),
            (0, KCORE),
            (0, SYS),
            (0, SYS_FS),
            (0, FIRMWARE),
            (0, SECURITY),
            (1, POWERCAP),
            (3, ALG),
            (0, STOP),
            (2, STOP_RUNC),
            (3, STOP_CRUN),
            (0, SIGNALS),
            (0, TRACE),
        ],
    },
    EngineProfile {
        name: "containerd",
        engine: "containerd",
        versions: &["1.6", "2.0"],
        facts: &[
            (0, MOUNT),
            (0, REMOUNT),
            (0, PROC),
            (0, SYSCTL),
            (0, SYSCTL_KERNEL),
            (0, SYSRQ),
            (0, KCORE),
            (0, SYS),
            (0, SYS_FS),
            (0, FIRMWARE),
            (0, SECURITY),
            (1, POWERCAP),
            (0, STOP),
            (1, STOP_RUNC),
            (0, SIGNALS),
            (0, TRACE),
        ],
    },
    EngineProfile {
        name: "podman",
        engine: "Podman",
        versions: &["4.0", "5.1"],
        facts: &[
            (0, MOUNT),
            (0, REMOUNT),
            (0, PROC),
            (0, SYSCTL),
            (0, SYSCTL_KERNEL),
            (0, SYSRQ),
            (0, KCORE),
            (0, SYS),
            (0, SYS_FS),
            (0, FIRMWARE),
            (0, SECURITY),
            (0, STOP),
            (1, STOP_RUNC),
            (1, STOP_CRUN),
            (1, STOP_PODMAN),
            (0, SIGNALS),
            (0, TRACE),
        ],
    },
];

impl EngineProfile {
    /// The one of that name.
    #[must_use]
    pub fn named(name: &str) -> Option<&'static Self> {
        ENGINE_PROFILES.iter().find(|profile| profile.name == name)
    }

    /// The newest version.
    #[must_use]
    pub fn newest(&self) -> &'static str {
        self.versions.last().copied().unwrap_or_default()
    }

    /// What holds in a version; `None` if it is not known.
    #[must_use]
    pub fn facts(&self, version: &str) -> Option<Vec<EngineFact>> {
        let number = self.versions.iter().position(|known| *known == version)?;
        let facts = self.facts.iter().filter(|(since, _)| *since <= number);
        Some(facts.map(|(_, fact)| *fact).collect())
    }

    /// The facts of a version as an intent; `None` if it is not known.
    #[must_use]
    pub fn intent(&self, version: &str) -> Option<String> {
        let (name, engine) = (self.name, self.engine);
        let mut text = format!(
            "# What the default profile of {engine} keeps, as of {engine} {version}.\n\
             # It also grants every capability, and all files and sockets that nothing here denies.\n\n\
             intent {name} {{\n"
        );
        let mut about = "";
        for fact in self.facts(version)? {
            if fact.about != about {
                about = fact.about;
                text.push_str(&format!("  # {about}\n"));
            }
            text.push_str(&format!("  {},\n", fact.promise));
        }
        text.push_str("}\n");
        Some(text)
    }
}
