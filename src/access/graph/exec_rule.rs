//! Where an exec rule decides, and what its programs attach to.

use std::ops::ControlFlow;
use std::sync::Arc;

use rustc_hash::FxHashSet;

use super::attachment::Attachment;
use crate::access::{Class, Effective, Exec, Part, Rules, bits};
use crate::glob::{InputDomain, LazyDfa, MAX_VISITED, Nfa, TooComplex, common, outside, walk};
use crate::lang::permissions::EXEC;

/// Most attachments that are searched at once for what lies beside them.
const MAX_AT_ONCE: usize = 64;

/// The entries that decide about exec, without all others: most rules are about something else.
pub(super) fn exec_rules(effective: &Effective) -> Effective {
    let parts = effective.parts.iter().map(|part| {
        let mut rules = Rules::default();
        let entries = part.rules.entries(Class::File).iter();
        for entry in entries.filter(|entry| entry.mask & bits::both(EXEC) != 0) {
            rules.push(Class::File, entry.clone());
        }
        Part {
            rules: Arc::new(rules),
            segment: part.segment,
        }
    });
    Effective {
        parts: parts.filter(|part| !part.rules.is_empty()).collect(),
        is_incomplete: effective.is_incomplete,
        budget: effective.budget.clone(),
    }
}

/// A rule that allows an exec, among the exec rules of its profile.
pub(super) struct ExecRule<'e> {
    rules: &'e Effective,
    nfa: &'e Nfa,
    exec: &'e Exec,
    /// All paths at which it decides, if it can be written out.
    paths: Option<Vec<Vec<u8>>>,
}

impl<'e> ExecRule<'e> {
    /// `written` are the paths of the rule, if it names a handful of them.
    pub(super) fn new(
        rules: &'e Effective,
        nfa: &'e Nfa,
        exec: &'e Exec,
        written: Option<Vec<Vec<u8>>>,
    ) -> Self {
        let mut rule = Self {
            rules,
            nfa,
            exec,
            paths: None,
        };
        rule.paths = written.map(|mut paths| {
            paths.retain(|path| nfa.matches(path) && rule.decides(path));
            paths
        });
        rule
    }

    /// Whether an exec of this path is decided as the rule says: no deny rule, no rule without
    /// wildcards and none of a higher priority takes over.
    fn decides(&self, path: &[u8]) -> bool {
        let verdict = self.rules.decide(Class::File, path);
        verdict
            .exec
            .iter()
            .flatten()
            .any(|found| found == self.exec)
    }

    /// A path at which the rule decides.
    pub(super) fn anywhere(&self) -> Result<Option<Vec<u8>>, TooComplex> {
        match &self.paths {
            Some(paths) => Ok(paths.first().cloned()),
            None => self.search(&[self.nfa]),
        }
    }

    /// A path at which the rule decides, and to which the profile attaches.
    pub(super) fn intersecting(
        &self,
        attachment: &Attachment,
    ) -> Result<Option<Vec<u8>>, TooComplex> {
        if let Some(paths) = &self.paths {
            let met = paths.iter().find(|path| attachment.nfa.matches(path));
            return Ok(met.cloned());
        }
        if !attachment.nfa.may_intersect(self.nfa) {
            return Ok(None);
        }
        let mut samples = attachment.samples.iter();
        let known = samples.find(|path| self.nfa.matches(path) && self.decides(path));
        if known.is_some() || attachment.is_complete {
            return Ok(known.cloned());
        }
        self.search(&[self.nfa, &attachment.nfa])
    }

    /// A path that all of `wanted` match and at which the rule decides.
    fn search(&self, wanted: &[&Nfa]) -> Result<Option<Vec<u8>>, TooComplex> {
        // Mostly the first path that comes to mind will do.
        match common(wanted, &[], InputDomain::Paths)? {
            None => return Ok(None),
            Some(path) if self.decides(&path) => return Ok(Some(path)),
            Some(_) => {}
        }
        let found = self
            .rules
            .find(Class::File, wanted, InputDomain::Paths, |verdict, _| {
                verdict
                    .exec
                    .iter()
                    .flatten()
                    .any(|found| found == self.exec)
            })?;
        Ok(found.map(|found| found.witness))
    }

    /// A path at which the rule decides, and to which none of `attachments` attaches.
    ///
    /// Attachments that are written out are looked up, the others searched.
    pub(super) fn beside(
        &self,
        attachments: &[&Attachment],
    ) -> Result<Option<Vec<u8>>, TooComplex> {
        if let Some(paths) = &self.paths {
            let is_free = |path: &&Vec<u8>| !attachments.iter().any(|a| a.nfa.matches(path));
            return Ok(paths.iter().find(is_free).cloned());
        }
        let written = attachments.iter().filter(|found| found.is_complete);
        let taken: FxHashSet<&[u8]> = written
            .flat_map(|found| &found.samples)
            .map(Vec::as_slice)
            .collect();
        let wild = attachments.iter().filter(|found| !found.is_complete);
        let wild = wild.map(|found| &found.nfa);
        let nfas = std::iter::once(self.nfa).chain(wild);
        let mut automaton = LazyDfa::new(nfas.collect(), MAX_VISITED);
        let (mut found, mut is_all_taken) = (None, true);
        walk(
            &mut automaton,
            InputDomain::Paths,
            1,
            |automaton, state| automaton.is_alive(state, 0..1),
            |accepted, trace| {
                if accepted == [0] {
                    is_all_taken = false;
                    let path = trace.text();
                    if !taken.contains(path.as_slice()) && self.decides(&path) {
                        found = Some(path);
                        return ControlFlow::Break(());
                    }
                }
                ControlFlow::Continue(())
            },
        )?;
        if found.is_some() || is_all_taken {
            return Ok(found);
        }
        // One path for each way to match was looked at; others of the same way may be free.
        if attachments.len() > MAX_AT_ONCE {
            return Err(TooComplex);
        }
        let all: Vec<&Nfa> = attachments.iter().map(|found| &found.nfa).collect();
        match outside(self.nfa, &all, InputDomain::Paths)? {
            Some(path) if !self.decides(&path) => Err(TooComplex),
            path => Ok(path),
        }
    }
}
