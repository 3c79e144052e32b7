//! Two versions of a policy compared: profile by profile, what the new one grants and takes.
//!
//! The answer owns its texts and places, so that it outlives both policies.

mod attributes;
mod notes;
mod pairs;
mod risk;
mod tell;
mod unknown;

use rayon::prelude::*;

use super::Policy;
use crate::access::{
    Class, ComparedProfile, Detail, Effective, PolicyVersion, ProfileMode, Relation, changes,
    is_alike,
};
use crate::glob::TooComplex;
use crate::policy::{Expanded, ProfileView};
use crate::source::{SourceMap, Span};
use pairs::{Pair, pairs};

pub use attributes::AttributeChange;
pub use risk::{Level, Risk};

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
    pub places: [Option<Place>; 2],
    /// What differs besides rules.
    pub attributes: Vec<AttributeChange>,
    /// What differs in what the rules decide: what is gained, riskiest first, then what is lost.
    pub changes: Vec<AccessChange>,
    /// Includes and rules in it that cannot be read: the answer is about the rest.
    pub unknown: Vec<RuleRef>,
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
    pub rules: Vec<RuleRef>,
}

/// A rule of one of the versions.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct RuleRef {
    /// The version.
    pub version: PolicyVersion,
    /// Where it stands.
    pub place: Place,
    /// Its text, on one line.
    pub text: String,
    /// The include statements that lead there, nearest first.
    pub via: Vec<Place>,
}

/// A place in a file.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub struct Place {
    /// The file.
    pub path: String,
    /// From 1.
    pub line: u32,
    /// From 1, in characters.
    pub column: u32,
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

impl Place {
    /// The start of a span.
    #[must_use]
    pub fn of(span: Span, sources: &SourceMap) -> Self {
        let source = sources.get(span.file);
        let position = source.position(span.range.start);
        Self {
            path: source.path.clone(),
            line: position.line,
            column: position.column,
        }
    }
}

/// Compares two policies.
#[must_use]
pub fn diff(old: &Policy<'_>, new: &Policy<'_>, options: &DiffOptions) -> PolicyDiff {
    let policies = Policies {
        old,
        new,
        detail: options.detail,
    };
    let is_wanted = |pair: &Pair<'_, '_, '_>| {
        let names = &options.profiles;
        names.is_empty()
            || pair.names().any(|name| {
                let parents = name.match_indices("//").map(|(at, _)| name.get(..at));
                let mut all = parents.flatten().chain([name]);
                all.any(|name| names.iter().any(|wanted| wanted == name))
            })
    };
    let mut pairs = pairs(&policies);
    pairs.retain(is_wanted);
    let compared: Vec<Result<ProfileDiff, String>> = pairs
        .par_iter()
        .map(|pair| policies.compare(pair))
        .collect();
    let mut diff = PolicyDiff::default();
    for result in compared {
        match result {
            Ok(profile) => diff.profiles.push(profile),
            Err(name) => diff.failures.push(Failure {
                side: None,
                what: format!("profile `{name}`"),
                why: "its patterns are too complex to compare; no answer is given for it"
                    .to_owned(),
            }),
        }
    }
    diff.profiles.sort_by(|a, b| a.key().cmp(&b.key()));
    diff.notes = notes::all(&diff.profiles);
    for (version, policy) in [(PolicyVersion::Old, old), (PolicyVersion::New, new)] {
        let failures = policy.failures.iter();
        diff.failures.extend(failures.map(|(what, why)| Failure {
            side: Some(version),
            what: what.clone(),
            why: why.clone(),
        }));
    }
    diff.failures.sort();
    diff.failures.dedup();
    diff
}

/// The two policies.
struct Policies<'p, 'o, 'n> {
    old: &'p Policy<'o>,
    new: &'p Policy<'n>,
    detail: Detail,
}

impl Policies<'_, '_, '_> {
    /// Compares two versions; gives the name of a profile that is too complex.
    fn compare(&self, pair: &Pair<'_, '_, '_>) -> Result<ProfileDiff, String> {
        match *pair {
            Pair::Both(old, new) => self.both(old, new).map_err(|_| new.full_name.clone()),
            Pair::Old(profile) => Ok(single(self.old, profile, PolicyVersion::Old)),
            Pair::New(profile) => Ok(single(self.new, profile, PolicyVersion::New)),
        }
    }

    fn both(
        &self,
        old: &ProfileView<'_>,
        new: &ProfileView<'_>,
    ) -> Result<ProfileDiff, TooComplex> {
        let effectives = [self.old.effective(old), self.new.effective(new)];
        let [of_old, of_new] = &effectives;
        let subjects = self.subjects((old, new), [of_old, of_new]);
        let found = changes(subjects[0], subjects[1], self.detail)?;
        let attributes = attributes::changes(
            (self.old, old),
            (self.new, new),
            self.detail == Detail::Exact,
        )?;
        let relations = attributes.iter().map(|attribute| attribute.relation);
        let relations = relations.chain(found.iter().map(|change| change.delta.relation()));
        let is_renamed = old.full_name != new.full_name;
        let unknown = [
            unknown::of((self.old, old), PolicyVersion::Old, of_old),
            unknown::of((self.new, new), PolicyVersion::New, of_new),
        ];
        let [texts_of_old, texts_of_new] = unknown.each_ref().map(|all| {
            let mut texts: Vec<&str> = all.iter().map(|rule| rule.text.as_str()).collect();
            texts.sort_unstable();
            texts
        });
        // The same text may stand for other values or for another file, and these were not followed.
        let is_beyond = [old, new].iter().any(|profile| profile.limit.is_some())
            || unknown.iter().flatten().any(|rule| {
                let [before, after] = [old, new].map(|profile| profile.env.expand(&rule.text));
                before != after || matches!(before, Expanded::TooLarge | Expanded::TooDeep)
            });
        Ok(ProfileDiff {
            name: new.full_name.clone(),
            status: match is_renamed {
                true => Status::Renamed(old.full_name.clone()),
                false => Status::Kept,
            },
            relation: Relation::of(relations),
            places: [place(self.old, old), place(self.new, new)],
            attributes,
            changes: tell::all(
                (self.old, old),
                (self.new, new),
                subjects,
                self.detail,
                found,
            ),
            is_undecided: texts_of_old != texts_of_new || is_beyond,
            unknown: unknown.concat(),
            modes: [Some(mode(self.old, old)), Some(mode(self.new, new))],
        })
    }

    fn subjects<'e>(
        &self,
        (old, new): (&'e ProfileView<'_>, &'e ProfileView<'_>),
        effectives: [&'e Effective; 2],
    ) -> [ComparedProfile<'e>; 2] {
        [
            ComparedProfile {
                effective: effectives[0],
                name: &old.full_name,
                mode: mode(self.old, old).as_reviewed(),
            },
            ComparedProfile {
                effective: effectives[1],
                name: &new.full_name,
                mode: mode(self.new, new).as_reviewed(),
            },
        ]
    }

    fn is_alike(
        &self,
        profiles: (&ProfileView<'_>, &ProfileView<'_>),
        effectives: [&Effective; 2],
    ) -> bool {
        let modes = (mode(self.old, profiles.0), mode(self.new, profiles.1));
        let [old, new] = self.subjects(profiles, effectives);
        modes.0 == modes.1 && is_alike(old, new, self.detail).unwrap_or(false)
    }
}

impl ProfileDiff {
    /// Children stand behind their parents, the old version of a name in front of the new one.
    fn key(&self) -> (&str, bool, &[Option<Place>; 2]) {
        let is_added = matches!(self.status, Status::Added(_));
        (&self.name, is_added, &self.places)
    }
}

fn mode(policy: &Policy<'_>, profile: &ProfileView<'_>) -> ProfileMode {
    ProfileMode::of(profile, &policy.store.sources.get(profile.file).text)
}

fn place(policy: &Policy<'_>, profile: &ProfileView<'_>) -> Option<Place> {
    Some(Place::of(profile.name_span(), &policy.store.sources))
}

/// A profile that only one version has. Without a profile nothing is confined, so one that comes
/// takes and one that goes gives; but a child or hat is only ever reached by its parent's rules, and
/// a mode that lets everything pass takes nothing.
fn single(policy: &Policy<'_>, profile: &ProfileView<'_>, version: PolicyVersion) -> ProfileDiff {
    let mode = mode(policy, profile);
    let is_lax = mode.laxity() > ProfileMode::Prompt.laxity();
    let place = place(policy, profile);
    let (status, places) = match version {
        PolicyVersion::Old => (Status::Removed(mode), [place, None]),
        PolicyVersion::New => (Status::Added(mode), [None, place]),
    };
    let relation = match (version, profile.parent, is_lax) {
        (PolicyVersion::New, _, true) | (PolicyVersion::Old, None, false) => Relation::Wider,
        (PolicyVersion::New, None, false) | (PolicyVersion::Old, Some(_), true) => {
            Relation::Narrower
        }
        _ => Relation::Equal,
    };
    ProfileDiff {
        name: profile.full_name.clone(),
        status,
        relation,
        places,
        attributes: Vec::new(),
        changes: Vec::new(),
        unknown: Vec::new(),
        is_undecided: false,
        modes: match version {
            PolicyVersion::Old => [Some(mode), None],
            PolicyVersion::New => [None, Some(mode)],
        },
    }
}
