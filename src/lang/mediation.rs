//! Whether a kind of rule is enforced, given what the kernel mediates and what the policy's abi lists.
//!
//! apparmor_parser compiles a kind of rule only if both know it. What it leaves out is not mediated
//! at all: everything of that kind is allowed, whatever the rules say. The parser warns of some of
//! that with `--warn=rule-not-enforced` and `--warn=rule-downgraded`, of addresses it says nothing.
//! Shown against apparmor_parser 3.0.8, 4.1.0 and 5.0.2 in `tests/material/target.rs`.

use super::features::{Features, Support};
use super::targets::Version;

/// What a rule wants mediated.
#[derive(Copy, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Mediated {
    /// `file` and `link` rules.
    File,
    /// `capability`
    Capability,
    /// `network`, by family, type and protocol.
    Network,
    /// Addresses and ports of `network` rules.
    NetworkAddress,
    /// `unix`, by type, address and peer.
    Unix,
    /// `mount`, `remount`, `umount`, `pivot_root`.
    Mount,
    /// `signal`
    Signal,
    /// `ptrace`
    Ptrace,
    /// `dbus`
    Dbus,
    /// `mqueue` of POSIX queues.
    PosixMqueue,
    /// `mqueue` of System V queues.
    SysvMqueue,
    /// `userns`
    Userns,
    /// `io_uring`
    IoUring,
    /// `set rlimit`
    Rlimit,
    /// `change_profile`
    ChangeProfile,
    /// Stacks, `&NAME`.
    Stacking,
}

/// Whose features are missing; the abi's also where both list some, but none in common.
#[derive(Copy, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum MediationSide {
    /// The abi that the policy declares.
    Abi,
    /// The kernel.
    Kernel,
}

/// Whether something is enforced.
#[derive(Copy, Clone, PartialEq, Eq, Debug)]
pub enum Mediation {
    /// It is.
    Enforced,
    /// Only in a coarser form: a `unix` rule as `network unix`, a `network` rule without its addresses.
    Downgraded(MediationSide),
    /// It is not, and everything of the kind is allowed.
    NotEnforced(MediationSide),
    /// The features are not known.
    Unknown,
}

/// A feature that mediates something, and the first parser that uses it.
struct Way {
    path: &'static str,
    word: Option<&'static str>,
    since: Version,
}

const fn path(path: &'static str) -> Way {
    Way {
        path,
        word: None,
        since: Version(0, 0),
    }
}

/// From AppArmor 5 on there is a second generation of socket mediation.
const fn path_5(path: &'static str) -> Way {
    Way {
        path,
        word: None,
        since: Version(5, 0),
    }
}

const NOTHING: &[Way] = &[];
const NETWORK: &[Way] = &[
    path("network_v8/af_mask"),
    path("network/af_mask"),
    path_5("network_v9/af_mask"),
];
const NETWORK_ADDRESS: &[Way] = &[path("network_v8/af_inet")];
const UNIX: &[Way] = &[path("network/af_unix"), path_5("network_v9/af_unix")];
const MOUNT: &[Way] = &[path("mount")];
const SIGNAL: &[Way] = &[path("signal")];
const PTRACE: &[Way] = &[path("ptrace")];
const DBUS: &[Way] = &[path("dbus")];
const POSIX_MQUEUE: &[Way] = &[path("ipc/posix_mqueue")];
/// No kernel has it yet.
const SYSV_MQUEUE: &[Way] = &[path("ipc/sysv_mqueue")];
const USERNS: &[Way] = &[Way {
    path: "namespaces/mask",
    word: Some("userns_create"),
    since: Version(0, 0),
}];
const IO_URING: &[Way] = &[path("io_uring")];
const STACKING: &[Way] = &[path("domain/stack")];

impl Mediated {
    /// The features any of which is enough; none if it needs none.
    const fn ways(self) -> &'static [Way] {
        match self {
            Self::File | Self::Capability | Self::Rlimit | Self::ChangeProfile => NOTHING,
            Self::Network => NETWORK,
            Self::NetworkAddress => NETWORK_ADDRESS,
            Self::Unix => UNIX,
            Self::Mount => MOUNT,
            Self::Signal => SIGNAL,
            Self::Ptrace => PTRACE,
            Self::Dbus => DBUS,
            Self::PosixMqueue => POSIX_MQUEUE,
            Self::SysvMqueue => SYSV_MQUEUE,
            Self::Userns => USERNS,
            Self::IoUring => IO_URING,
            Self::Stacking => STACKING,
        }
    }
}

/// What is enforced where.
#[derive(Copy, Clone, Debug, Default)]
pub struct Enforcement<'f> {
    /// What the kernel mediates, if that is known.
    pub kernel: Option<&'f Features>,
    /// What the policy's abi lists, if that is known.
    pub abi: Option<&'f Features>,
    /// The parser that compiles the policy, if that is known.
    pub parser: Option<Version>,
}

impl Enforcement<'_> {
    /// Whether `what` is enforced.
    #[must_use]
    pub fn of(&self, what: Mediated) -> Mediation {
        let own = self.plain(what);
        let coarser = match what {
            Mediated::Unix | Mediated::NetworkAddress => Mediated::Network,
            _ => return own,
        };
        match (own, self.plain(coarser)) {
            // Whether the coarser form is enforced or not, the finer one is not.
            (Mediation::NotEnforced(side), Mediation::Enforced | Mediation::Unknown) => {
                Mediation::Downgraded(side)
            }
            (Mediation::NotEnforced(_), other) => other,
            _ => own,
        }
    }

    fn plain(&self, what: Mediated) -> Mediation {
        let ways = what.ways();
        if ways.is_empty() {
            return Mediation::Enforced;
        }
        let mut is_unknown = false;
        let mut kernel_has_none = true;
        for way in ways {
            let (abi, kernel) = (self.support(self.abi, way), self.support(self.kernel, way));
            kernel_has_none &= kernel == Support::No;
            match (abi, kernel) {
                (Support::Yes, Support::Yes) => return Mediation::Enforced,
                (Support::No, _) | (_, Support::No) => {}
                _ => is_unknown = true,
            }
        }
        // Where the kernel lacks all of them another abi would not help.
        match (is_unknown, !kernel_has_none) {
            (true, _) => Mediation::Unknown,
            (false, true) => Mediation::NotEnforced(MediationSide::Abi),
            (false, false) => Mediation::NotEnforced(MediationSide::Kernel),
        }
    }

    fn support(&self, features: Option<&Features>, way: &Way) -> Support {
        let Some(features) = features else {
            return Support::Unknown;
        };
        let has = match way.word {
            Some(word) => features.has_word(way.path, word),
            None => features.has(way.path),
        };
        match self.parser {
            _ if has == Support::No => Support::No,
            Some(parser) if parser < way.since => Support::No,
            None if way.since > Version(0, 0) => Support::Unknown,
            _ => has,
        }
    }
}
