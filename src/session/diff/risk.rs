//! How much a gain gives away. The order is this:
//!
//! 1. critical: what undoes the confinement, or is as good as the machine. A program that may run
//!    unconfined, a change to `unconfined`, mounting, a capability of danger 10, writing to policy,
//!    to raw devices, or to the socket of a container runtime.
//! 2. high: secrets and what leads to more. A capability of danger 9, reading secrets and raw devices,
//!    writing to the files that decide who is root, tracing, user namespaces, an environment that is no
//!    longer scrubbed, writing and executing one file.
//! 3. medium: execs, other writes, other capabilities, talking to other processes, and how mounts
//!    propagate.
//! 4. low: the rest.

use std::sync::LazyLock;

use crate::access::{Change, Class, ComparedProfile, Detail, Exec, bits, change_at, perms};
use crate::glob::Nfa;
use crate::lang::capabilities::{CAPABILITIES, Capability};
use crate::lang::files::{
    CONTAINER_SOCKETS, ETC, Files, POLICY_ADMIN, RAW_DEVICES, SECRETS, SWITCHES,
};
use crate::lang::mount;
use crate::lang::permissions::{APPEND, EXEC, LINK, READ, WRITE};

/// How much a change gives away, and why.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Risk {
    /// How much.
    pub level: RiskLevel,
    /// Why, where there is more to say than that it is a gain.
    pub reason: Option<String>,
}

/// How much a change gives away; the order is that of the danger.
#[derive(Copy, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Default)]
pub enum RiskLevel {
    /// Nothing: nothing is gained.
    #[default]
    None,
    /// Little.
    Low,
    /// Something.
    Medium,
    /// Much.
    High,
    /// All of it, or nearly.
    Critical,
}

impl RiskLevel {
    /// All levels, the lowest first.
    pub const ALL: [Self; 5] = [
        Self::None,
        Self::Low,
        Self::Medium,
        Self::High,
        Self::Critical,
    ];

    /// Its name.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::None => "none",
            Self::Low => "low",
            Self::Medium => "medium",
            Self::High => "high",
            Self::Critical => "critical",
        }
    }
}

/// Files with the patterns of their paths.
type Known = LazyLock<Vec<(Nfa, &'static Files)>>;

static OF_ENGINES: Known = LazyLock::new(|| compiled(&[CONTAINER_SOCKETS]));
static OF_POLICY: Known = LazyLock::new(|| compiled(&[POLICY_ADMIN]));
static DEVICES: Known = LazyLock::new(|| compiled(&[RAW_DEVICES]));
static READ_BY_NONE: Known = LazyLock::new(|| compiled(&[SECRETS]));
static WRITTEN_BY_NONE: Known = LazyLock::new(|| compiled(&[ETC, SWITCHES]));

fn compiled(lists: &[&'static [Files]]) -> Vec<(Nfa, &'static Files)> {
    let files = lists.iter().copied().flatten();
    let nfas = files.map(|files| (Nfa::constant(files.pattern), files));
    nfas.collect()
}

const WRITES: u8 = WRITE | APPEND | LINK;

/// What changes the contents of a file. The path of a new link is not asked about alone: a deny rule takes the pair of
/// link and target away, and leaves `l` to the path.
const CHANGES: u8 = WRITE | APPEND;

impl Risk {
    /// The risk of a change, as its witness shows it.
    #[must_use]
    pub fn of(change: &Change) -> Self {
        let delta = &change.delta;
        if delta.gained == 0 && !delta.is_exec_changed {
            return Self::default();
        }
        match change.class {
            Class::File => of_file(change),
            Class::Capability => of_capability(change),
            Class::Mount if changes_propagation(change) => Self::because(
                RiskLevel::Medium,
                "the program may change how mounts propagate between mount namespaces",
            ),
            Class::Mount if remounts(change) => Self::because(
                RiskLevel::High,
                "the program may change the options of mounts that are there",
            ),
            Class::Mount if delta.gained & !perms::mount::UMOUNT != 0 => Self::because(
                RiskLevel::Critical,
                "a mount can replace files that other rules and other programs trust",
            ),
            Class::ChangeProfile if change.witness == b"unconfined" => {
                Self::because(RiskLevel::Critical, "the program may leave its confinement")
            }
            Class::Ptrace if delta.gained & perms::ptrace::TRACE != 0 => {
                let peer = String::from_utf8_lossy(&change.witness);
                Self::because(
                    RiskLevel::High,
                    format!("the program may control processes that run under `{peer}`"),
                )
            }
            Class::Ptrace if delta.gained & perms::ptrace::READ != 0 => {
                let peer = String::from_utf8_lossy(&change.witness);
                Self::because(
                    RiskLevel::Medium,
                    format!("the program may look into processes that run under `{peer}`"),
                )
            }
            Class::Userns => Self::because(
                RiskLevel::High,
                "in a user namespace the program has all capabilities, and reaches more of the kernel",
            ),
            Class::Mount | Class::IoUring => Self::plain(RiskLevel::High),
            Class::Network
            | Class::Unix
            | Class::Signal
            | Class::Ptrace
            | Class::Dbus
            | Class::Mqueue
            | Class::ChangeProfile => Self::plain(RiskLevel::Medium),
        }
    }

    /// The risk of a capability.
    #[must_use]
    pub fn of_known(capability: &Capability) -> Self {
        let level = match capability.danger {
            10.. => RiskLevel::Critical,
            9 => RiskLevel::High,
            1..9 => RiskLevel::Medium,
            0 => RiskLevel::Low,
        };
        let name = capability.name;
        Self::because(
            level,
            format!("with `{name}` a process can {}", capability.grants),
        )
    }

    const fn plain(level: RiskLevel) -> Self {
        Self {
            level,
            reason: None,
        }
    }

    fn because(level: RiskLevel, reason: impl Into<String>) -> Self {
        Self {
            level,
            reason: Some(reason.into()),
        }
    }
}

/// The flags of the mount that a change shows.
fn mount_flags(change: &Change) -> u32 {
    let flags = change.witness.split(|byte| *byte == 0).nth(3);
    mount::bits(flags.unwrap_or_default())
}

/// Whether what a mount change shows changes a mount that is there, which puts no file anywhere.
fn remounts(change: &Change) -> bool {
    change.delta.gained == perms::mount::MOUNT && mount_flags(change) & mount::REMOUNT != 0
}

/// Whether what a mount change shows is a change of propagation, which puts no file anywhere. The
/// kernel asks whether it is a remount or a bind mount first (apparmor_sb_mount in lsm.c).
fn changes_propagation(change: &Change) -> bool {
    let set = mount_flags(change);
    change.delta.gained == perms::mount::MOUNT
        && set & mount::PROPAGATION != 0
        && set & (mount::REMOUNT | mount::BIND) == 0
}

fn of_capability(change: &Change) -> Risk {
    let [number] = change.witness.as_slice() else {
        return Risk::plain(RiskLevel::Medium);
    };
    let Some(capability) = CAPABILITIES.get(usize::from(*number)) else {
        return Risk::plain(RiskLevel::Medium);
    };
    Risk::of_known(capability)
}

fn of_file(change: &Change) -> Risk {
    let delta = &change.delta;
    let [old, new] = &change.verdicts;
    let gained = either(delta.gained);
    let execs = |verdict: &crate::access::Verdict, is_bad: fn(&Exec) -> bool| {
        verdict.exec.iter().flatten().any(is_bad)
    };
    if delta.is_exec_changed || gained & EXEC != 0 {
        let may_escape = |exec: &Exec| exec.mode.kind.may_be_unconfined();
        if execs(new, may_escape) && !execs(old, may_escape) {
            return Risk::because(RiskLevel::Critical, "the program may run unconfined");
        }
        let is_unsafe = |exec: &Exec| exec.mode.is_unsafe;
        if execs(new, is_unsafe) && !execs(old, is_unsafe) {
            return Risk::because(
                RiskLevel::High,
                "the program gets an environment that is not scrubbed, which can make it run other code",
            );
        }
    }
    if let Ok(path) = std::str::from_utf8(&change.witness)
        && let Some(risk) = of_path(path, gained)
    {
        return risk;
    }
    let allowed = either(new.allow & bits::both(0x7f));
    if allowed & WRITE != 0 && allowed & EXEC != 0 && gained & (WRITE | EXEC) != 0 {
        return Risk::because(
            RiskLevel::High,
            "the program may write the file and execute it",
        );
    }
    Risk::plain(if gained & (EXEC | WRITES) != 0 || delta.is_exec_changed {
        RiskLevel::Medium
    } else {
        RiskLevel::Low
    })
}

/// Bits of files of which one half at least has each.
fn either(bits: u32) -> u8 {
    u8::try_from((bits | bits >> bits::OTHER) & bits::HALF).unwrap_or(0)
}

fn of_path(path: &str, gained: u8) -> Option<Risk> {
    let has = |bits: u8| gained & bits != 0;
    let because =
        |level| move |files: &Files| Risk::because(level, format!("`{path}` {}", files.reason));
    if has(CHANGES) && find(&OF_ENGINES, path).is_some() {
        let reason = format!("a process that may write to `{path}` is root on the host");
        return Some(Risk::because(RiskLevel::Critical, reason));
    }
    if let Some(files) = find(&OF_POLICY, path).filter(|_| has(CHANGES)) {
        return Some(because(RiskLevel::Critical)(files));
    }
    if let Some(files) = find(&DEVICES, path).filter(|_| has(CHANGES | READ)) {
        let level = if has(CHANGES) {
            RiskLevel::Critical
        } else {
            RiskLevel::High
        };
        return Some(because(level)(files));
    }
    let read = find(&READ_BY_NONE, path).filter(|_| has(READ));
    let written = || find(&WRITTEN_BY_NONE, path).filter(|_| has(CHANGES));
    read.or_else(written).map(because(RiskLevel::High))
}

/// Where a mount change shows propagation: the same paths with the flags of other operations, which the
/// rules of the change may be about as well.
fn other_mounts(known: &[JudgedChange]) -> Vec<(Class, Vec<u8>)> {
    let changes = known.iter().map(|known| &known.shown);
    let propagating =
        changes.filter(|change| change.class == Class::Mount && changes_propagation(change));
    let operations: [&[u8]; 5] = [&[], &[6], &[13], &[13, 15], &[14]];
    let mut requests = Vec::new();
    for change in propagating {
        let parts: Vec<&[u8]> = change.witness.split(|byte| *byte == 0).collect();
        let [point, source, kind, ..] = parts.as_slice() else {
            continue;
        };
        for flags in operations {
            for (point, source) in [(*point, *source), (*point, *point), (*source, *point)] {
                let text = [point, source, *kind, flags].join(&0);
                requests.push((Class::Mount, text));
            }
        }
    }
    requests
}

fn find(known: &Known, path: &str) -> Option<&'static Files> {
    let mut all = known.iter();
    let found = all.find(|(nfa, _)| nfa.matches(path.as_bytes()));
    found.map(|(_, files)| *files)
}

/// A change with its risk and the request that shows it best.
pub(super) struct JudgedChange {
    /// The change.
    pub(super) change: Change,
    /// Its risk, as the request shows it.
    pub(super) risk: Risk,
    /// What changes at the request: a part of what the change brings, if other rules are in force there.
    pub(super) shown: Change,
}

impl JudgedChange {
    /// A change as its own witness shows it.
    pub(super) fn of(change: Change) -> Self {
        Self {
            risk: Risk::of(&change),
            shown: change.clone(),
            change,
        }
    }
}

/// Where a change is about something sensitive, that shows it better than the shortest request.
pub(super) fn look_at_the_sensitive(
    [old, new]: [ComparedProfile<'_>; 2],
    detail: Detail,
    known: &mut [JudgedChange],
) {
    let has = |class| known.iter().any(|known| known.change.class == class);
    let lists = [ETC, POLICY_ADMIN, RAW_DEVICES, CONTAINER_SOCKETS];
    let paths = lists.into_iter().flatten().map(|files| files.example);
    let mut requests: Vec<(Class, Vec<u8>)> = paths
        .map(|path| (Class::File, path.as_bytes().to_vec()))
        .collect();
    requests.extend((0..64).map(|number| (Class::Capability, vec![number])));
    for class in [Class::ChangeProfile, Class::Ptrace, Class::Signal] {
        requests.push((class, b"unconfined".to_vec()));
    }
    requests.retain(|(class, _)| has(*class));
    requests.extend(other_mounts(known));
    for (class, text) in requests {
        let Some(change) = change_at(old, new, detail, class, &text) else {
            continue;
        };
        for known in known.iter_mut() {
            let mut change = change.clone();
            // A part of a change is judged by what it is about.
            if known.change.delta.lost == 0 && change.delta.lost == 0 {
                change.delta.gained &= known.change.delta.gained;
            }
            let risk = Risk::of(&change);
            if risk.level > known.risk.level && known.change.covers(&change) {
                known.shown = change;
                known.risk = risk;
            }
        }
    }
}
