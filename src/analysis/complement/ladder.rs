//! Ladders: deny rules of which each goes into the exception of the one before.

use std::collections::BTreeMap;
use std::ops::Bound;

use super::Rung;
use crate::access::bits;
use crate::glob::alternatives;
use crate::lang::permissions::LINK;
use crate::policy::{Digests, Fact, ProfileView};
use crate::source::Span;
use crate::syntax::ast::{Body, FileRule, Mode, Word};

/// Most alternatives of one pattern that are looked at.
const MOST_ALTERNATIVES: usize = 64;
/// Most rungs that one pattern is compared with.
const MOST_RUNGS: usize = 128;

/// A rung and the rule it stands in.
pub struct Step<'p> {
    /// One of the patterns that its path stands for.
    pub rung: Rung,
    fact: &'p Fact<'p>,
    rule: &'p FileRule,
    /// The include statements that lead to the rule.
    pub via: &'p [Span],
    /// The permissions that it denies.
    pub mask: u32,
}

impl Step<'_> {
    /// Where the rule's path is written.
    #[must_use]
    pub fn place(&self) -> Span {
        self.rule.path.0.in_file(self.fact.file)
    }
}

/// The rungs of the deny rules that `is_asked` is true of; `expand` puts variables into a rule's path.
pub fn steps<'p>(
    profile: &'p ProfileView<'p>,
    digests: &'p Digests<'p>,
    is_asked: impl Fn(&Fact<'_>, &FileRule) -> bool,
    expand: impl Fn(&Fact<'_>, Word) -> Option<String>,
) -> Vec<Step<'p>> {
    let mut found = Vec::new();
    for segment in &profile.segments {
        let facts = segment.facts(digests);
        let digest = digests.file(segment.file);
        let denies: Vec<&Fact<'_>> = match digest.filter(|_| segment.is_whole_file()) {
            Some(digest) => {
                let numbers = digest.denies.iter();
                numbers.filter_map(|at| facts.get(*at as usize)).collect()
            }
            None => facts.iter().collect(),
        };
        for fact in denies {
            let Body::File(rule) = &fact.rule.body else {
                continue;
            };
            if fact.mode != Mode::Deny || !is_asked(fact, rule) {
                continue;
            }
            let path = expand(fact, rule.path);
            let all = path.and_then(|path| alternatives(&path, MOST_ALTERNATIVES));
            let rungs = all.into_iter().flatten().filter_map(|one| Rung::read(&one));
            found.extend(rungs.map(|rung| Step {
                rung,
                fact,
                rule,
                via: &segment.via,
                mask: bits::both(rule.perms.bits & !LINK),
            }));
        }
    }
    found
}

/// Steps by what stands in front of their classes.
pub struct Ladders<'s> {
    by_prefix: BTreeMap<&'s [u8], Vec<&'s Step<'s>>>,
}

impl<'s> Ladders<'s> {
    /// Sorts steps.
    #[must_use]
    pub fn of(steps: &'s [Step<'s>]) -> Self {
        let mut by_prefix: BTreeMap<&[u8], Vec<&Step<'_>>> = BTreeMap::new();
        for step in steps {
            by_prefix.entry(&step.rung.prefix).or_default().push(step);
        }
        Self { by_prefix }
    }

    /// The prefixes that steps further down are about; `None` if there are too many.
    #[must_use]
    pub fn deeper(&self, prefix: &[u8]) -> Option<Vec<&'s [u8]>> {
        let mut deeper = Vec::new();
        let from = (Bound::Included(prefix), Bound::Unbounded);
        let below = self
            .by_prefix
            .range::<[u8], _>(from)
            .map(|(known, _)| *known);
        for known in below.take_while(|known| known.starts_with(prefix)) {
            if deeper.len() == MOST_RUNGS {
                return None;
            }
            if known.len() > prefix.len() {
                deeper.push(known);
            }
        }
        Some(deeper)
    }

    /// Whether a step goes into an exception of another.
    fn is_rung_of(step: &Step<'_>, other: &Step<'_>) -> bool {
        let is_alike = step.rung.left_out.len() == 1
            && other.rung.left_out.len() == 1
            && step.rung.rest == other.rung.rest;
        let into = |word: &Vec<u8>| step.rung.prefix.starts_with(word);
        is_alike && other.rung.exceptions().iter().any(into)
    }

    /// Whether it is the first rung of a ladder.
    #[must_use]
    pub fn begins_at(&self, step: &Step<'_>) -> bool {
        let prefix = &step.rung.prefix;
        let above = (0..prefix.len()).filter_map(|end| self.by_prefix.get(prefix.get(..end)?));
        let is_first = !above.flatten().any(|above| Self::is_rung_of(step, above));
        step.rung.left_out.len() == 1 && is_first
    }

    /// The rungs of a ladder, its first one among them.
    #[must_use]
    pub fn below(&self, first: &'s Step<'s>) -> Vec<&'s Step<'s>> {
        let mut rungs = vec![first];
        for prefix in self.deeper(&first.rung.prefix).unwrap_or_default() {
            let steps = self.by_prefix.get(prefix).into_iter().flatten();
            let goes_on = |step: &&&Step<'_>| {
                let mut above = rungs.iter();
                above.any(|above| Self::is_rung_of(step, above))
            };
            if let Some(next) = steps.copied().find(|step| goes_on(&step)) {
                rungs.push(next);
            }
        }
        rungs
    }
}
