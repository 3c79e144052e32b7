//! Two versions of a policy compared: profile by profile, what the new one grants and takes.
//!
//! The answer owns its texts and places, so that it outlives both policies.

mod attributes;
mod describe;
mod gains;
mod located;
mod model;
mod notes;
mod pairs;
mod policies;
mod risk;
mod unknown;

use rayon::prelude::*;

use super::policy::Policy;
use crate::access::{Detail, PolicyVersion, ProfileMode, Relation, changes};
use crate::glob::TooComplex;
use crate::policy::{Expanded, ProfileView};
use crate::source::ResolvedSpan;
use located::mode;
use pairs::{Pair, pairs};
use policies::Policies;

pub use attributes::AttributeChange;
pub(in crate::session) use gains::gains;
pub(in crate::session) use located::Located;
pub use model::{
    AccessChange, DiffOptions, Failure, PolicyDiff, ProfileDiff, Status, VersionedRule,
};
pub use risk::{Risk, RiskLevel};
pub(in crate::session) use unknown::of as unknown_rules;

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
            let mut texts: Vec<&str> = all
                .iter()
                .map(|unknown| unknown.rule.text.as_str())
                .collect();
            texts.sort_unstable();
            texts
        });
        // The same text may stand for other values or for another file, and these were not followed.
        let is_beyond = [old, new].iter().any(|profile| profile.limit.is_some())
            || unknown.iter().flatten().any(|rule| {
                let [before, after] = [old, new].map(|profile| profile.env.expand(&rule.rule.text));
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
            changes: describe::all(
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
}

fn place(policy: &Policy<'_>, profile: &ProfileView<'_>) -> Option<ResolvedSpan> {
    Some(ResolvedSpan::of(profile.name_span(), &policy.store.sources))
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
