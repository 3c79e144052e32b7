//! A profile's entries, and what they decide.

use std::sync::Arc;

use super::encode::{Compiler, of_hats};
use crate::access::{Class, Entry, Pool, Rules, SearchBudget, Verdict, combine};
use crate::policy::{Fact, FileSummaries, ProfileView, RuleId};
use crate::source::{SourceMap, Span};

/// What a profile decides.
#[derive(Clone, Debug)]
pub struct Effective {
    /// Its entries, by where they come from.
    pub parts: Vec<Part>,
    /// Whether some of its rules are not known: an include could not be read.
    pub is_incomplete: bool,
    /// What may still be spent on searches in it.
    pub budget: SearchBudget,
}

/// Entries of one segment of a profile.
#[derive(Clone, Debug)]
pub struct Part {
    /// The entries.
    pub rules: Arc<Rules>,
    /// The segment's number in the profile; [`NO_SEGMENT`] for what comes from no rule.
    pub segment: usize,
}

/// The segment of entries that come from no rule: the parser adds some itself.
pub const NO_SEGMENT: usize = usize::MAX;

/// An entry of a profile.
#[derive(Copy, Clone, Debug)]
pub struct EntryRef<'e> {
    /// The entry.
    pub entry: &'e Entry,
    /// The number of its segment.
    pub segment: usize,
}

impl<'e> EntryRef<'e> {
    /// The rule it comes from, and the include statements that lead there. `None` for what the
    /// parser adds itself.
    #[must_use]
    pub fn origin<'p, 's>(
        &self,
        profile: &'p ProfileView<'s>,
        summaries: &'p FileSummaries<'s>,
    ) -> Option<(&'p [Span], &'p Fact<'s>)> {
        let (segment, fact) = profile.rule(self.rule(), summaries)?;
        Some((&segment.via, fact))
    }

    /// Which rule it comes from.
    #[must_use]
    pub const fn rule(&self) -> RuleId {
        RuleId {
            segment: self.segment,
            number: self.entry.fact,
        }
    }
}

impl Effective {
    /// Compiles a profile's rules.
    #[must_use]
    pub fn of(
        profile: &ProfileView<'_>,
        summaries: &FileSummaries<'_>,
        sources: &SourceMap,
        pool: &Pool,
    ) -> Self {
        let mut parts = Vec::with_capacity(profile.segments.len());
        for (number, segment) in profile.segments.iter().enumerate() {
            let facts = segment.facts(summaries);
            let mut rules = Rules::default();
            let mut compile = |fact: &Fact<'_>, number| {
                let mut compiler = Compiler {
                    sources,
                    env: &profile.env,
                    profile: &profile.name,
                    fact,
                    number,
                    rules: &mut rules,
                    patterns: &pool.patterns,
                    is_request: false,
                };
                compiler.rule();
            };
            let summary = summaries.file(segment.file);
            if let Some(summary) = summary.filter(|_| segment.is_whole_file()) {
                let shared = pool.of_file(segment.file, summary, &profile.env, sources);
                for &index in &shared.personal {
                    if let Some(fact) = facts.get(index as usize) {
                        compile(fact, index);
                    }
                }
                parts.push(Part {
                    rules: Arc::clone(&shared.rules),
                    segment: number,
                });
            } else {
                for (index, fact) in (0..).zip(facts) {
                    compile(fact, index);
                }
            }
            // Most segments bring no rule of their own: what many profiles include is compiled for all of them.
            if !rules.is_empty() {
                rules.shrink();
                parts.push(Part {
                    rules: Arc::new(rules),
                    segment: number,
                });
            }
        }
        if profile.has_children || profile.ast.form.is_hat() {
            parts.push(Part {
                rules: of_hats(),
                segment: NO_SEGMENT,
            });
        }
        parts.retain(|part| !part.rules.is_empty());
        Self {
            is_incomplete: !profile.is_whole(),
            budget: SearchBudget::default(),
            parts,
        }
    }

    /// The entries of a class.
    pub fn entries(&self, class: Class) -> impl Iterator<Item = EntryRef<'_>> {
        self.parts.iter().flat_map(move |part| {
            part.rules.entries(class).iter().map(|entry| EntryRef {
                entry,
                segment: part.segment,
            })
        })
    }

    /// The entries of a class that deny.
    pub fn denies(&self, class: Class) -> impl Iterator<Item = EntryRef<'_>> {
        self.parts.iter().flat_map(move |part| {
            part.rules.denies(class).map(|entry| EntryRef {
                entry,
                segment: part.segment,
            })
        })
    }

    /// The entries of a class that come from rules written in the profile itself.
    pub fn own_entries<'e>(
        &'e self,
        profile: &ProfileView<'_>,
        class: Class,
    ) -> impl Iterator<Item = EntryRef<'e>> {
        let is_own = |part: &&Part| profile.is_own(part.segment);
        self.parts.iter().filter(is_own).flat_map(move |part| {
            part.rules.entries(class).iter().map(|entry| EntryRef {
                entry,
                segment: part.segment,
            })
        })
    }

    /// Whether a rule that is not known could change an answer: an include could not be read, or a
    /// rule could not be compiled.
    #[must_use]
    pub fn is_uncertain(&self) -> bool {
        self.is_incomplete
            || self
                .parts
                .iter()
                .any(|part| !part.rules.unreadable.is_empty())
    }

    /// The entries that match a request.
    #[must_use]
    pub fn matching(&self, class: Class, text: &[u8]) -> Vec<EntryRef<'_>> {
        let mut found = Vec::new();
        let mut looked_at = 0;
        if class != Class::File {
            found.extend(self.entries(class).inspect(|_| looked_at += 1));
            found.retain(|found| found.entry.nfa.matches(text));
            self.budget.spend(looked_at);
            return found;
        }
        for part in &self.parts {
            let entries = part.rules.entries(class);
            let mut numbers = part.rules.files_matching(text);
            numbers.sort_unstable();
            numbers.dedup();
            looked_at += numbers.len() as u64;
            let candidates = numbers.iter().filter_map(|at| entries.get(*at as usize));
            found.extend(
                candidates
                    .filter(|entry| entry.nfa.matches(text))
                    .map(|entry| EntryRef {
                        entry,
                        segment: part.segment,
                    }),
            );
        }
        self.budget.spend(looked_at);
        found
    }

    /// What is decided for a request.
    #[must_use]
    pub fn decide(&self, class: Class, text: &[u8]) -> Verdict {
        let matching = self.matching(class, text);
        let entries: Vec<&Entry> = matching.iter().map(|found| found.entry).collect();
        combine(&entries)
    }
}
