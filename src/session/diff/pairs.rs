//! Which profile of the new policy is which of the old one.
//!
//! First by full name. Of those that are left over, a profile is taken for another one that was
//! renamed if they attach to the same, or if they decide every request alike. Children and hats are
//! paired below the profiles around them.

use rustc_hash::{FxHashMap, FxHashSet};

use super::policies::Policies;
use crate::access::{Class, Effective};
use crate::glob::{InputDomain, outside};
use crate::policy::{IncludeTarget, ProfileView};
use crate::session::policy::Policy;
use crate::source::FileId;

/// A profile with its other version.
#[derive(Copy, Clone, Debug)]
pub(super) enum Pair<'p, 'o, 'n> {
    /// In both policies.
    Both(&'p ProfileView<'o>, &'p ProfileView<'n>),
    /// Only in the old one.
    Old(&'p ProfileView<'o>),
    /// Only in the new one.
    New(&'p ProfileView<'n>),
}

impl<'p> Pair<'p, '_, '_> {
    /// Its names.
    pub(super) fn names(&self) -> impl Iterator<Item = &'p str> {
        let (old, new) = match self {
            Self::Both(old, new) => (Some(&old.full_name), Some(&new.full_name)),
            Self::Old(old) => (Some(&old.full_name), None),
            Self::New(new) => (None, Some(&new.full_name)),
        };
        old.into_iter().chain(new).map(String::as_str)
    }
}

/// A profile and the number of the one around it among the profiles of its policy.
struct Nested<'p, 's> {
    profile: &'p ProfileView<'s>,
    around: Option<usize>,
    other: Option<usize>,
}

/// All profiles. Those of a file that another one includes are there already.
fn nested<'p, 's>(policy: &Policy<'s>) -> Vec<Nested<'p, 's>>
where
    's: 'p,
{
    let targets = policy.store.iter().flat_map(|(_, file)| &file.includes);
    let files = targets.filter_map(|target| match target {
        IncludeTarget::Files(files) => Some(files),
        _ => None,
    });
    let included: FxHashSet<FileId> = files.flatten().copied().collect();
    let mut all = Vec::new();
    let units = policy.units.iter();
    for unit in units.filter(|unit| !included.contains(&unit.file)) {
        let first = all.len();
        all.extend(unit.profiles.iter().map(|profile| Nested {
            profile,
            around: profile.parent.map(|parent| first + parent),
            other: None,
        }));
    }
    all
}

/// All profiles, paired.
pub(super) fn pairs<'p, 'o, 'n>(policies: &Policies<'p, 'o, 'n>) -> Vec<Pair<'p, 'o, 'n>> {
    let mut old = nested(policies.old);
    let mut new = nested(policies.new);
    by_key(&mut old, &mut new, |_, profile| {
        Some((None, profile.full_name.clone()))
    });
    loop {
        let before = old.iter().filter(|nested| nested.other.is_some()).count();
        // Below a renamed profile, children keep their own names.
        by_key(&mut old, &mut new, |around, profile| {
            around.map(|around| (Some(around), profile.name.clone()))
        });
        by_key(&mut old, &mut new, |around, profile| {
            let attachment = profile.attachment.clone().filter(|_| around.is_none());
            attachment.map(|attachment| (None, attachment))
        });
        by_decisions(policies, &mut old, &mut new);
        if old.iter().filter(|nested| nested.other.is_some()).count() == before {
            break;
        }
    }
    let mut pairs = Vec::with_capacity(old.len().max(new.len()));
    for nested in &old {
        let other = nested.other.and_then(|other| new.get(other));
        pairs.push(match other {
            Some(other) => Pair::Both(nested.profile, other.profile),
            None => Pair::Old(nested.profile),
        });
    }
    let added = new.iter().filter(|nested| nested.other.is_none());
    pairs.extend(added.map(|nested| Pair::New(nested.profile)));
    pairs
}

/// Pairs what is unpaired and has the same key on both sides, the first with the first. A key is
/// made of the number of the old profile around it, if the ones around are a pair, and the profile.
fn by_key(
    old: &mut [Nested<'_, '_>],
    new: &mut [Nested<'_, '_>],
    key: impl Fn(Option<usize>, &ProfileView<'_>) -> Option<(Option<usize>, String)>,
) {
    let mut known: FxHashMap<(Option<usize>, String), Vec<usize>> = FxHashMap::default();
    for (number, nested) in old.iter().enumerate().rev() {
        if nested.other.is_none()
            && let Some(key) = key(nested.around, nested.profile)
        {
            known.entry(key).or_default().push(number);
        }
    }
    for at in 0..new.len() {
        let around = around_in_old(new, at);
        let Some(nested) = new.get(at).filter(|nested| nested.other.is_none()) else {
            continue;
        };
        let found = key(around, nested.profile).and_then(|key| known.get_mut(&key)?.pop());
        if let Some(number) = found {
            pair(old, number, new, at);
        }
    }
}

/// The old version of the profile around a new one.
fn around_in_old(new: &[Nested<'_, '_>], at: usize) -> Option<usize> {
    new.get(new.get(at)?.around?)?.other
}

/// Most profiles of whose rules examples are taken to tell profiles apart.
const MAX_EXAMPLES: usize = 200;

/// Pairs what is unpaired, stands in the same place, and decides every request alike. Most that do
/// not are told apart by examples.
fn by_decisions(
    policies: &Policies<'_, '_, '_>,
    old: &mut [Nested<'_, '_>],
    new: &mut [Nested<'_, '_>],
) {
    let unpaired = |all: &[Nested<'_, '_>]| -> Vec<usize> {
        let numbers = (0..).zip(all).filter(|(_, nested)| nested.other.is_none());
        numbers.map(|(number, _)| number).collect()
    };
    let (left, right) = (unpaired(old), unpaired(new));
    if left.is_empty() || right.is_empty() {
        return;
    }
    let compile = |policy: &Policy<'_>, numbers: &[usize], all: &[Nested<'_, '_>]| {
        let profiles = numbers.iter().filter_map(|number| all.get(*number));
        profiles
            .map(|nested| policy.effective(nested.profile))
            .collect::<Vec<_>>()
    };
    let lefts = compile(policies.old, &left, old);
    let rights = compile(policies.new, &right, new);
    let examples: Vec<Vec<u8>> = lefts
        .iter()
        .take(MAX_EXAMPLES)
        .filter_map(example)
        .collect();
    let told = |effective: &Effective| -> Vec<u32> {
        let all = examples.iter();
        all.map(|path| effective.decide(Class::File, path).allow)
            .collect()
    };
    let told_left: Vec<_> = lefts.iter().map(told).collect();
    for (at, effective) in right.iter().zip(&rights) {
        let told = told(effective);
        let candidates = left.iter().zip(&lefts).zip(&told_left);
        let found = candidates
            // Nothing speaks for it that two profiles without rules are one.
            .filter(|((_, candidate), known)| **known == told && !candidate.parts.is_empty())
            .find(|((number, candidate), _)| {
                let places = old.get(**number).zip(new.get(*at));
                places.is_some_and(|(other, nested)| {
                    let is_beside = match nested.around {
                        None => other.around.is_none(),
                        Some(_) => {
                            other.around.is_some() && other.around == around_in_old(new, *at)
                        }
                    };
                    let profiles = (other.profile, nested.profile);
                    other.other.is_none()
                        && is_beside
                        && policies.is_alike(profiles, [candidate, effective])
                })
            });
        if let Some(((number, _), _)) = found {
            pair(old, *number, new, *at);
        }
    }
}

/// A path that the last rule of the profile's own is about.
fn example(effective: &Effective) -> Option<Vec<u8>> {
    let own = effective
        .entries(Class::File)
        .filter(|found| found.segment == 0);
    outside(&own.last()?.entry.nfa, &[], InputDomain::Paths).ok()?
}

fn pair(old: &mut [Nested<'_, '_>], number: usize, new: &mut [Nested<'_, '_>], at: usize) {
    if let (Some(left), Some(right)) = (old.get_mut(number), new.get_mut(at)) {
        left.other = Some(at);
        right.other = Some(number);
    }
}
