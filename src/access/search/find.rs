//! Looking for requests that a profile decides in a certain way.

use std::ops::ControlFlow;

use crate::access::{Class, Effective, Entry, EntryRef, Verdict, bits, combine};
use crate::glob::{InputDomain, LazyDfa, MAX_VISITED, Nfa, TooComplex, walk};
use crate::lang::permissions::MMAP;

/// A request that was found, and what is decided for it.
#[derive(Clone, Debug)]
pub struct Found<'e> {
    /// The request; the shortest of its kind.
    pub witness: Vec<u8>,
    /// What is decided.
    pub verdict: Verdict,
    /// The entries that match it.
    pub matching: Vec<EntryRef<'e>>,
}

impl Effective {
    /// The shortest request that all of `wanted` match, and at which `is_goal` holds for the entries
    /// that match it.
    ///
    /// # Errors
    /// If that is too complex to find out.
    pub fn find<'e>(
        &'e self,
        class: Class,
        wanted: &[&Nfa],
        domain: InputDomain,
        mut is_goal: impl FnMut(&Verdict, &[EntryRef<'e>]) -> bool,
    ) -> Result<Option<Found<'e>>, TooComplex> {
        let mut result = None;
        self.visit(class, wanted, domain, |verdict, matching, trace| {
            if !is_goal(verdict, matching) {
                return ControlFlow::Continue(());
            }
            result = Some(Found {
                witness: trace.text(),
                verdict: verdict.clone(),
                matching: matching.to_vec(),
            });
            ControlFlow::Break(())
        })?;
        Ok(result)
    }

    /// Visits every way in which requests that all of `wanted` match are decided, shortest first.
    ///
    /// # Errors
    /// If that is too complex to find out.
    pub fn visit<'e>(
        &'e self,
        class: Class,
        wanted: &[&Nfa],
        domain: InputDomain,
        visit: impl FnMut(&Verdict, &[EntryRef<'e>], crate::glob::Trace<'_>) -> ControlFlow<()>,
    ) -> Result<(), TooComplex> {
        self.visit_about(class, !0, wanted, domain, visit)
    }

    /// The same for requests that none of `unwanted` matches.
    ///
    /// # Errors
    /// If that is too complex to find out.
    pub fn visit_outside<'e>(
        &'e self,
        class: Class,
        wanted: &[&Nfa],
        unwanted: &[&Nfa],
        domain: InputDomain,
        visit: impl FnMut(&Verdict, &[EntryRef<'e>], crate::glob::Trace<'_>) -> ControlFlow<()>,
    ) -> Result<(), TooComplex> {
        self.visit_all(class, !0, wanted, unwanted, domain, visit)
    }

    /// The same with entries about the bits of `about` alone: verdicts are right for these bits and for
    /// no others.
    ///
    /// # Errors
    /// If that is too complex to find out.
    pub fn visit_about<'e>(
        &'e self,
        class: Class,
        about: u32,
        wanted: &[&Nfa],
        domain: InputDomain,
        visit: impl FnMut(&Verdict, &[EntryRef<'e>], crate::glob::Trace<'_>) -> ControlFlow<()>,
    ) -> Result<(), TooComplex> {
        self.visit_all(class, about, wanted, &[], domain, visit)
    }

    fn visit_all<'e>(
        &'e self,
        class: Class,
        about: u32,
        wanted: &[&Nfa],
        unwanted: &[&Nfa],
        domain: InputDomain,
        mut visit: impl FnMut(&Verdict, &[EntryRef<'e>], crate::glob::Trace<'_>) -> ControlFlow<()>,
    ) -> Result<(), TooComplex> {
        let candidates = self.about(class, about, wanted);
        self.budget.spend(candidates.len() as u64);
        // One text that has to be matched is the only one in question.
        if let Some(text) = wanted.iter().find_map(|nfa| nfa.as_literal()) {
            let is_meant = wanted.iter().all(|nfa| nfa.matches(&text))
                && !unwanted.iter().any(|nfa| nfa.matches(&text));
            if !is_meant {
                return Ok(());
            }
            return self.visit_one(&candidates, &text, domain, visit);
        }
        let nfas = wanted
            .iter()
            .chain(unwanted)
            .copied()
            .chain(candidates.iter().map(|found| &*found.entry.nfa));
        let first = wanted.len() + unwanted.len();
        let budget = self.budget.left();
        let mut automaton = LazyDfa::new(nfas.collect(), MAX_VISITED).within(budget);
        let count = wanted.len();
        let mut matching = Vec::new();
        let mut entries = Vec::new();
        let result = walk(
            &mut automaton,
            domain,
            count,
            |automaton, state| (0..count).all(|at| automaton.is_alive(state, at..at + 1)),
            |accepted, trace| {
                let is_wanted = accepted.len() >= count
                    && (0..count)
                        .zip(accepted)
                        .all(|(at, number)| at == *number as usize)
                    && accepted
                        .get(count)
                        .is_none_or(|next| *next as usize >= first);
                if !is_wanted {
                    return ControlFlow::Continue(());
                }
                let numbers = accepted.iter().skip(count).map(|at| *at as usize - first);
                matching.clear();
                matching.extend(numbers.filter_map(|at| candidates.get(at)));
                entries.clear();
                entries.extend(matching.iter().map(|found: &EntryRef<'e>| found.entry));
                visit(&combine(&entries), &matching, trace)
            },
        );
        self.budget.spend(budget - automaton.steps_left());
        result
    }

    fn visit_one<'e>(
        &'e self,
        candidates: &[EntryRef<'e>],
        text: &[u8],
        domain: InputDomain,
        mut visit: impl FnMut(&Verdict, &[EntryRef<'e>], crate::glob::Trace<'_>) -> ControlFlow<()>,
    ) -> Result<(), TooComplex> {
        if !domain.contains(text) {
            return Ok(());
        }
        let matching: Vec<EntryRef<'e>> = candidates
            .iter()
            .copied()
            .filter(|found| found.entry.nfa.matches(text))
            .collect();
        let entries: Vec<&Entry> = matching.iter().map(|found| found.entry).collect();
        let _ = visit(&combine(&entries), &matching, crate::glob::Trace::of(text));
        Ok(())
    }

    /// The entries about any of the bits of `about` that may match something that all of `wanted` match.
    #[must_use]
    pub fn about(&self, class: Class, about: u32, wanted: &[&Nfa]) -> Vec<EntryRef<'_>> {
        // `ix` brings `m`.
        let mmap = bits::both(MMAP);
        let brings = if class == Class::File && about & mmap != 0 {
            bits::EXECS
        } else {
            0
        };
        // A path holds no NUL, and a pair of paths does.
        let are_pairs = wanted.iter().all(|nfa| nfa.has_nul());
        let mut found = self.intersecting(class, wanted);
        found.retain(|found| {
            let fits = class != Class::File || found.entry.nfa.has_nul() == are_pairs;
            // What a rule records it decides as well.
            let decides = found.entry.mask | found.entry.audit;
            fits && decides & (about | brings) != 0
        });
        found
    }

    /// The entries that may match something that all of `wanted` match.
    #[must_use]
    pub fn intersecting(&self, class: Class, wanted: &[&Nfa]) -> Vec<EntryRef<'_>> {
        if class != Class::File {
            return self.entries(class).collect();
        }
        // The NFA whose prefixes are longest narrows most.
        let narrowest = wanted
            .iter()
            .map(|nfa| nfa.prefixes())
            .max_by_key(|all| all.iter().map(Vec::len).min());
        let Some(prefixes) = narrowest else {
            return self.entries(class).collect();
        };
        let mut found = Vec::new();
        for part in &self.parts {
            let entries = part.rules.entries(class);
            let numbers = part.rules.files_intersecting(prefixes);
            let entries = numbers.iter().filter_map(|at| entries.get(*at as usize));
            found.extend(entries.map(|entry| EntryRef {
                entry,
                segment: part.segment,
            }));
        }
        found
    }
}
