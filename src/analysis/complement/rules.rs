//! Deny rules that mean "all but", and chains of them: each rule of a chain denies a part of what the one before excepts.

use std::collections::BTreeMap;
use std::ops::Bound;

use super::NegatedPrefix;
use crate::access::bits;
use crate::glob::alternatives;
use crate::lang::permissions::LINK;
use crate::policy::{Fact, FileSummaries, ProfileView};
use crate::source::Span;
use crate::syntax::ast::{Body, FileRule, Mode, Word};

/// Most alternatives of one pattern that are looked at.
const MAX_ALTERNATIVES: usize = 64;
/// Most patterns that one is compared with.
const MAX_COMPARED: usize = 128;

/// A deny rule with negated classes behind a literal prefix.
pub struct ComplementRule<'p> {
    /// One of the patterns that its path stands for.
    pub pattern: NegatedPrefix,
    fact: &'p Fact<'p>,
    rule: &'p FileRule,
    /// The include statements that lead to the rule.
    pub via: &'p [Span],
    /// The permissions that it denies.
    pub mask: u32,
}

impl ComplementRule<'_> {
    /// Where the rule's path is written.
    #[must_use]
    pub fn place(&self) -> Span {
        self.rule.path.0.in_file(self.fact.file)
    }
}

/// The deny rules of this kind that `is_asked` is true of; `expand` puts variables into a rule's path.
pub fn complement_rules<'p>(
    profile: &'p ProfileView<'p>,
    summaries: &'p FileSummaries<'p>,
    is_asked: impl Fn(&Fact<'_>, &FileRule) -> bool,
    expand: impl Fn(&Fact<'_>, Word) -> Option<String>,
) -> Vec<ComplementRule<'p>> {
    let mut found = Vec::new();
    for segment in &profile.segments {
        let facts = segment.facts(summaries);
        let summary = summaries.file(segment.file);
        let denies: Vec<&Fact<'_>> = match summary.filter(|_| segment.is_whole_file()) {
            Some(summary) => {
                let numbers = summary.denies.iter();
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
            let all = path.and_then(|path| alternatives(&path, MAX_ALTERNATIVES));
            let patterns = all
                .into_iter()
                .flatten()
                .filter_map(|one| NegatedPrefix::read(&one));
            found.extend(patterns.map(|pattern| ComplementRule {
                pattern,
                fact,
                rule,
                via: &segment.via,
                mask: bits::both(rule.perms.bits & !LINK),
            }));
        }
    }
    found
}

/// Such rules by what stands in front of their classes.
pub struct ComplementRules<'s> {
    by_prefix: BTreeMap<&'s [u8], Vec<&'s ComplementRule<'s>>>,
}

impl<'s> ComplementRules<'s> {
    /// Sorts rules.
    #[must_use]
    pub fn of(rules: &'s [ComplementRule<'s>]) -> Self {
        let mut by_prefix: BTreeMap<&[u8], Vec<&ComplementRule<'_>>> = BTreeMap::new();
        for rule in rules {
            by_prefix
                .entry(&rule.pattern.prefix)
                .or_default()
                .push(rule);
        }
        Self { by_prefix }
    }

    /// The longer prefixes that begin with `prefix` and that rules are about; `None` if there are too many.
    #[must_use]
    pub fn deeper_prefixes(&self, prefix: &[u8]) -> Option<Vec<&'s [u8]>> {
        let mut deeper = Vec::new();
        let from = (Bound::Included(prefix), Bound::Unbounded);
        let below = self
            .by_prefix
            .range::<[u8], _>(from)
            .map(|(known, _)| *known);
        for known in below.take_while(|known| known.starts_with(prefix)) {
            if deeper.len() == MAX_COMPARED {
                return None;
            }
            if known.len() > prefix.len() {
                deeper.push(known);
            }
        }
        Some(deeper)
    }

    /// Whether a rule is about an exception of another one.
    fn continues(rule: &ComplementRule<'_>, other: &ComplementRule<'_>) -> bool {
        let is_alike = rule.pattern.left_out.len() == 1
            && other.pattern.left_out.len() == 1
            && rule.pattern.rest == other.pattern.rest;
        let is_inside = |word: &Vec<u8>| rule.pattern.prefix.starts_with(word);
        is_alike && other.pattern.exceptions().iter().any(is_inside)
    }

    /// Whether a chain of rules may begin here: it continues none.
    #[must_use]
    pub fn is_first(&self, rule: &ComplementRule<'_>) -> bool {
        let prefix = &rule.pattern.prefix;
        let above = (0..prefix.len()).filter_map(|end| self.by_prefix.get(prefix.get(..end)?));
        let is_first = !above.flatten().any(|above| Self::continues(rule, above));
        rule.pattern.left_out.len() == 1 && is_first
    }

    /// The chain that begins with a rule: that one, and those that continue one of the chain.
    #[must_use]
    pub fn chain_from(&self, first: &'s ComplementRule<'s>) -> Vec<&'s ComplementRule<'s>> {
        let mut chain = vec![first];
        for prefix in self
            .deeper_prefixes(&first.pattern.prefix)
            .unwrap_or_default()
        {
            let mut rules = self.by_prefix.get(prefix).into_iter().flatten();
            let next = rules.find(|rule| chain.iter().any(|above| Self::continues(rule, above)));
            chain.extend(next.copied());
        }
        chain
    }
}
