//! What a profile allows, as an answer that owns its texts and places.

use crate::access::{Class, Exec, ProfileMode};
use crate::session::diff::{Risk, RiskLevel};
use crate::session::rule_at::RuleAt;
use crate::source::ResolvedSpan;

/// What a profile allows, denies and depends on.
#[derive(Clone, Debug)]
pub struct ShownProfile {
    /// Its full name.
    pub name: String,
    /// Where its header stands.
    pub place: ResolvedSpan,
    /// What it attaches to, with the values of variables.
    pub attachment: Option<String>,
    /// Its mode. What follows is what the rules decide, whatever the mode is.
    pub mode: ProfileMode,
    /// Whether the file has errors that keep the parser from loading it.
    pub is_faulty: bool,
    /// The full names of its children and hats.
    pub children: Vec<String>,
    /// What its rules allow, the riskiest topic first.
    pub topics: Vec<TopicGrants>,
    /// Topics about which no rule allows anything. Empty if that is not known.
    pub absent: Vec<AccessTopic>,
    /// Its deny rules that are in force; those that override a rule that allows come first.
    pub denials: Vec<ShownDenial>,
    /// Includes and rules that cannot be read.
    pub unknown: Vec<RuleAt>,
    /// How it compares with the default profile of Docker.
    pub comparison: EngineComparison,
}

/// What a request is about, as somebody reads a profile.
#[derive(Copy, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum AccessTopic {
    /// Programs that it may start.
    Execute,
    /// Profiles that it may change to.
    ChangeProfile,
    /// Files that it may write, append to, or link.
    Write,
    /// Files with secrets, and devices below every file permission, that it may read.
    Secret,
    /// Network sockets.
    Network,
    /// Unix sockets.
    Unix,
    /// Capabilities.
    Capability,
    /// Mounts.
    Mount,
    /// Signals.
    Signal,
    /// Tracing and reading of other processes.
    Ptrace,
    /// D-Bus.
    Dbus,
    /// Message queues.
    Mqueue,
    /// User namespaces.
    Userns,
    /// `io_uring`.
    IoUring,
    /// Files that it may read or map, and neither write nor start.
    Read,
}

impl AccessTopic {
    /// All of them, in the order in which topics of equal risk follow each other.
    pub const ALL: [Self; 15] = [
        Self::Execute,
        Self::ChangeProfile,
        Self::Write,
        Self::Secret,
        Self::Network,
        Self::Unix,
        Self::Capability,
        Self::Mount,
        Self::Signal,
        Self::Ptrace,
        Self::Dbus,
        Self::Mqueue,
        Self::Userns,
        Self::IoUring,
        Self::Read,
    ];

    /// Its name in JSON.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Execute => "execute",
            Self::ChangeProfile => "change_profile",
            Self::Write => "write",
            Self::Secret => "secret",
            Self::Network => "network",
            Self::Unix => "unix",
            Self::Capability => "capability",
            Self::Mount => "mount",
            Self::Signal => "signal",
            Self::Ptrace => "ptrace",
            Self::Dbus => "dbus",
            Self::Mqueue => "mqueue",
            Self::Userns => "userns",
            Self::IoUring => "io_uring",
            Self::Read => "read",
        }
    }

    /// The kind of request that it is about.
    #[must_use]
    pub const fn class(self) -> Class {
        match self {
            Self::Execute | Self::Write | Self::Secret | Self::Read => Class::File,
            Self::ChangeProfile => Class::ChangeProfile,
            Self::Network => Class::Network,
            Self::Unix => Class::Unix,
            Self::Capability => Class::Capability,
            Self::Mount => Class::Mount,
            Self::Signal => Class::Signal,
            Self::Ptrace => Class::Ptrace,
            Self::Dbus => Class::Dbus,
            Self::Mqueue => Class::Mqueue,
            Self::Userns => Class::Userns,
            Self::IoUring => Class::IoUring,
        }
    }
}

/// What a profile allows about a topic.
#[derive(Clone, Debug)]
pub struct TopicGrants {
    /// The topic.
    pub topic: AccessTopic,
    /// What is allowed, the riskiest first.
    pub grants: Vec<Grant>,
    /// Whether a rule that cannot be read could deny some of it.
    pub may_be_denied: bool,
}

impl TopicGrants {
    /// The highest risk of all that it holds.
    #[must_use]
    pub fn risk(&self) -> RiskLevel {
        let levels = self.grants.iter().map(|grant| grant.risk.level);
        levels.max().unwrap_or_default()
    }
}

/// Something that rules allow.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Grant {
    /// The permissions, in letters or words.
    pub permissions: String,
    /// What it is about: the pattern of the rule as written; if several rules allow it together, the request.
    pub pattern: String,
    /// Whether everything that the pattern matches is allowed; otherwise a part of it is.
    pub is_whole: bool,
    /// A request that is allowed, in the syntax of rules.
    pub request: String,
    /// What programs run under that it starts: one for files of its own user and one for others, if they differ.
    pub execs: Vec<Exec>,
    /// What else a capability needs to have effect, if the profile does not allow it; a sentence without its end.
    pub missing: Option<&'static str>,
    /// How much it gives away.
    pub risk: Risk,
    /// The rules that allow it.
    pub rules: Vec<RuleAt>,
}

/// A deny rule that is in force.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct ShownDenial {
    /// The rule.
    pub rule: RuleAt,
    /// A request that another rule allows and this one denies, in the syntax of rules; `None` if it overrides nothing.
    pub overrides: Option<String>,
}

/// How a profile compares with the default profile of a container engine.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct EngineComparison {
    /// The name of the default profile.
    pub name: &'static str,
    /// The version of the engine.
    pub version: &'static str,
    /// What is known of the default profile, each with what this profile makes of it.
    pub facts: Vec<EngineFactResult>,
    /// What the default profile allows and this one does not allow, or not all of.
    pub narrower: Vec<&'static str>,
}

/// What a profile makes of a fact about a default profile.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct EngineFactResult {
    /// The fact as a promise.
    pub promise: &'static str,
    /// What it is about.
    pub about: &'static str,
    /// Whether the profile keeps it.
    pub standing: FactStanding,
    /// A request that the two decide differently, in the syntax of rules; `None` if they do so about all of the fact.
    pub example: Option<String>,
}

/// Whether a profile keeps a fact about a default profile.
#[derive(Copy, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum FactStanding {
    /// It decides as the default profile does.
    Kept,
    /// It allows what the default profile denies, or a part of it.
    Weaker,
    /// It does not allow all that the default profile allows.
    Stricter,
    /// That depends on something that is not known.
    Unknown,
}

impl FactStanding {
    /// All of them.
    pub const ALL: [Self; 4] = [Self::Kept, Self::Weaker, Self::Stricter, Self::Unknown];

    /// Its name in JSON.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Kept => "kept",
            Self::Weaker => "weaker",
            Self::Stricter => "stricter",
            Self::Unknown => "unknown",
        }
    }
}
