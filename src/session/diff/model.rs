//! How two policies compare, as an answer that owns its texts and places.

use super::attributes::AttributeChange;
use super::risk::Risk;
use crate::access::{Class, Detail, PolicyVersion, ProfileMode, Relation};
use crate::session::rule_at::RuleAt;
use crate::source::ResolvedSpan;

/// How two policies compare.
#[derive(Clone, Debug, Default)]
pub struct PolicyDiff {
    /// The profiles of both, by name.
    pub profiles: Vec<ProfileDiff>,
    /// What the answer leaves out: includes and rules that could not be read.
    pub notes: Vec<String>,
    /// What could not be judged: files that could not be read, profiles that could not be compared.
    pub failures: Vec<Failure>,
}

/// Something that could not be judged.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub struct Failure {
    /// The version that it is in, if it is in one.
    pub side: Option<PolicyVersion>,
    /// The path of a file, or which profile.
    pub what: String,
    /// Why.
    pub why: String,
}

/// How two versions of a profile compare.
#[derive(Clone, Debug)]
pub struct ProfileDiff {
    /// The full name; the new one, if it has two.
    pub name: String,
    /// Whether it is in both policies.
    pub status: Status,
    /// How the new version compares with the old one; of a profile that is in one policy only, how
    /// what it confines is confined now.
    pub relation: Relation,
    /// Where its header stands, in the old and in the new version.
    pub places: [Option<ResolvedSpan>; 2],
    /// What differs apart from rules.
    pub attributes: Vec<AttributeChange>,
    /// What differs in what the rules decide: what is gained, riskiest first, then what is lost.
    pub changes: Vec<AccessChange>,
    /// Includes and rules in it that cannot be read: the answer is about the rest.
    pub unknown: Vec<VersionedRule>,
    /// Whether something of that is in one version only, or goes beyond a limit of aalint, so that nothing is known of the
    /// whole.
    pub is_undecided: bool,
    /// The mode of the old and of the new version.
    pub modes: [Option<ProfileMode>; 2],
}

/// Whether a profile is in both policies.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Status {
    /// Under the same name.
    Kept,
    /// Under another name before: that.
    Renamed(String),
    /// Only in the new one; its mode.
    Added(ProfileMode),
    /// Only in the old one; its mode.
    Removed(ProfileMode),
}

/// A change in what rules decide.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct AccessChange {
    /// The kind of request.
    pub class: Class,
    /// The permissions gained, in letters or words; empty if there are none.
    pub gained: String,
    /// The permissions lost.
    pub lost: String,
    /// What the exec led to and what it leads to, if that differs.
    pub transition: Option<(String, String)>,
    /// What is recorded or silenced otherwise, in words; empty if nothing is.
    pub logging: String,
    /// What it is about: the pattern of the rule that makes the change, as written; if there are
    /// several the request.
    pub pattern: String,
    /// Whether everything that the pattern matches changes like this; otherwise a part of it does.
    pub is_whole: bool,
    /// A request that shows it, in the syntax of rules.
    pub request: String,
    /// How much the change gives away.
    pub risk: Risk,
    /// The rules that make it.
    pub rules: Vec<VersionedRule>,
}

/// A rule of one of the versions.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub struct VersionedRule {
    /// The version.
    pub version: PolicyVersion,
    /// The rule, its text on one line.
    pub rule: RuleAt,
}

/// What to compare, and how closely.
#[derive(Clone, Debug)]
pub struct DiffOptions {
    /// Whether logging counts, and strings that are no paths.
    pub detail: Detail,
    /// Only the profiles of these full names, and their children; all if there are none.
    pub profiles: Vec<String>,
}

impl PolicyDiff {
    /// Whether a profile grants more than before, in some respect at least, as far as that is known.
    #[must_use]
    pub fn is_wider(&self) -> bool {
        self.profiles.iter().any(ProfileDiff::is_wider)
    }

    /// Whether a profile grants less than before, in some respect at least.
    #[must_use]
    pub fn is_narrower(&self) -> bool {
        self.profiles.iter().any(|profile| {
            matches!(
                profile.relation,
                Relation::Narrower | Relation::Incomparable
            )
        })
    }

    /// Whether anything differs.
    #[must_use]
    pub fn is_different(&self) -> bool {
        self.profiles.iter().any(ProfileDiff::is_different)
    }

    /// Whether of some profile it is not known how it compares.
    #[must_use]
    pub fn is_undecided(&self) -> bool {
        self.profiles.iter().any(|profile| profile.is_undecided)
    }
}

impl ProfileDiff {
    /// Whether it grants more than before, in some respect at least.
    #[must_use]
    pub const fn is_wider(&self) -> bool {
        matches!(self.relation, Relation::Wider | Relation::Incomparable)
    }

    /// Whether anything differs.
    #[must_use]
    pub fn is_different(&self) -> bool {
        self.status != Status::Kept
            || self.relation != Relation::Equal
            || !self.attributes.is_empty()
            || !self.changes.is_empty()
            || self.is_undecided
    }

    /// What it is called how the versions compare.
    #[must_use]
    pub const fn relation_name(&self) -> &'static str {
        match self.is_undecided {
            true => "unknown",
            false => self.relation.name(),
        }
    }
}

impl ProfileDiff {
    /// Children stand behind their parents, the old version of a name in front of the new one.
    pub(super) fn key(&self) -> (&str, bool, &[Option<ResolvedSpan>; 2]) {
        let is_added = matches!(self.status, Status::Added(_));
        (&self.name, is_added, &self.places)
    }
}
