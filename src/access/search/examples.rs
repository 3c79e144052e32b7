//! Finding an example of each way in which a request is decided.
//!
//! A request with a pattern means very many. One walk over all of them ends as soon as something is
//! found that is refused for want of a rule, which of a broad pattern is nearly everything. What is
//! granted or denied is then looked for where an entry says so, and nowhere else.

use std::ops::ControlFlow;

use crate::access::{
    Class, Conflict, Effective, EntryRef, Example, Exec, ProfileMode, Request, Ruling, Unknown,
    Verdict, Want, bits, deciding,
};
use crate::glob::{Nfa, TooComplex, Trace};
use crate::syntax::ast::Mode;

/// How much further a walk goes for more examples once it is known how the request is decided.
const MORE: usize = 500;

/// Most entries that are looked at for an example of a denial that does not change the outcome.
const MAX_DENIALS: usize = 64;

/// What is refused, in the order in which examples are shown.
const REFUSALS: [Ruling; 3] = [Ruling::Denied, Ruling::Unmatched, Ruling::Asked];

/// An example of each ruling, what is allowed first; and two rules that disagree, if any do.
pub(super) fn examples<'e>(
    effective: &'e Effective,
    request: &Request,
    mode: ProfileMode,
) -> Result<(Vec<Example<'e>>, Option<Unknown>), TooComplex> {
    let mut wants: Vec<&Want> = request.wants.iter().collect();
    // The pair of program and label says more than the program alone, which comes first.
    if wants.iter().all(|want| want.class == Class::ChangeProfile) {
        wants.reverse();
    }
    let mut found = Found::default();
    for want in wants {
        let mut search = Search {
            effective,
            want,
            mode,
            nfas: [&*want.nfa]
                .into_iter()
                .chain(want.class.request_domain())
                .collect(),
        };
        search.run(&mut found)?;
    }
    let conflict = found.conflict.take();
    Ok((found.finish(), conflict))
}

/// Examples by ruling: the first of each, and for what is allowed one that is so in whole if there is.
#[derive(Default)]
struct Found<'e> {
    allowed: Option<Example<'e>>,
    granted: Option<Example<'e>>,
    refused: Vec<Example<'e>>,
    conflict: Option<Unknown>,
}

/// A search for examples of one want.
struct Search<'e, 'w> {
    effective: &'e Effective,
    want: &'w Want,
    mode: ProfileMode,
    /// What must match: the want, and what the kernel can ask at all.
    nfas: Vec<&'w Nfa>,
}

impl<'e> Search<'e, '_> {
    fn run(&mut self, found: &mut Found<'e>) -> Result<(), TooComplex> {
        // What no rule is about passes in some modes: then only rules refuse.
        let passes = self.mode.passes(self.want.class) && self.want.exec.is_none();
        let for_want_of_rules = match self.mode {
            ProfileMode::Prompt => Ruling::Asked,
            _ => Ruling::Unmatched,
        };
        let mut extra = 0;
        let overview = self.walk(None, found, |found| {
            let is_settled = if passes {
                found.allowed.is_some()
            } else {
                found.has(for_want_of_rules) || found.has_both()
            };
            extra += usize::from(is_settled);
            is_settled && (found.has_every() || extra > MORE)
        });
        if !found.has_both() {
            overview?;
        }
        if passes && found.refused.is_empty() {
            self.through(
                found,
                usize::MAX,
                |mode| mode != Mode::Allow,
                |found| !found.refused.is_empty(),
            )?;
        }
        if !found.refused.is_empty() && !found.has_allowed() {
            let mut partial = 0;
            self.through(
                found,
                usize::MAX,
                |mode| mode == Mode::Allow,
                |found| {
                    partial += usize::from(found.granted.is_some());
                    found.allowed.is_some() || partial > MORE
                },
            )?;
        }
        for (ruling, effect) in [(Ruling::Denied, Mode::Deny), (Ruling::Asked, Mode::Prompt)] {
            if !found.refused.is_empty() && !found.has(ruling) {
                // This adds an example and changes no answer but `denied` to `refused`.
                let _ = self.through(
                    found,
                    MAX_DENIALS,
                    |mode| mode == effect,
                    |found| found.has(ruling),
                );
            }
        }
        Ok(())
    }

    /// Walks over what entries of an effect match, one entry after the other, until `is_over`.
    fn through(
        &self,
        found: &mut Found<'e>,
        most: usize,
        is_effect: impl Fn(Mode) -> bool,
        mut is_over: impl FnMut(&Found<'e>) -> bool,
    ) -> Result<(), TooComplex> {
        let candidates = self
            .effective
            .about(self.want.class, self.want.mask, &self.nfas);
        let mut seen: Vec<&Nfa> = Vec::new();
        let entries = candidates.iter().map(|found| found.entry);
        for entry in entries.filter(|entry| is_effect(entry.effect)) {
            let nfa = &*entry.nfa;
            if seen.len() >= most {
                break;
            }
            if seen.contains(&nfa) || !nfa.may_intersect(&self.want.nfa) {
                continue;
            }
            seen.push(nfa);
            self.walk(Some(nfa), found, &mut is_over)?;
            if is_over(found) {
                break;
            }
        }
        Ok(())
    }

    fn walk(
        &self,
        also: Option<&Nfa>,
        found: &mut Found<'e>,
        mut is_over: impl FnMut(&Found<'e>) -> bool,
    ) -> Result<(), TooComplex> {
        let want = self.want;
        let wanted: Vec<&Nfa> = also.into_iter().chain(self.nfas.iter().copied()).collect();
        let visit = |rules: &Verdict, matching: &[EntryRef<'e>], trace: Trace<'_>| {
            found.enter(want, self.mode, rules, matching, trace);
            if found.conflict.is_some() || is_over(found) {
                ControlFlow::Break(())
            } else {
                ControlFlow::Continue(())
            }
        };
        self.effective
            .visit_about(want.class, want.mask, &wanted, want.domain(), visit)
    }
}

impl<'e> Found<'e> {
    fn has(&self, ruling: Ruling) -> bool {
        self.refused.iter().any(|known| known.ruling == ruling)
    }

    fn has_allowed(&self) -> bool {
        self.allowed.is_some() || self.granted.is_some()
    }

    fn has_both(&self) -> bool {
        self.has_allowed() && !self.refused.is_empty()
    }

    fn has_every(&self) -> bool {
        self.allowed.is_some() && self.refused.len() == REFUSALS.len()
    }

    fn enter(
        &mut self,
        want: &Want,
        mode: ProfileMode,
        rules: &Verdict,
        matching: &[EntryRef<'e>],
        trace: Trace<'_>,
    ) {
        let asks_exec = want.class == Class::File && want.mask & bits::EXECS != 0;
        if let (true, Some(Conflict(left, right))) = (asks_exec, rules.conflict)
            && let (Some(left), Some(right)) = (matching.get(left), matching.get(right))
        {
            self.conflict = Some(Unknown::Conflict(left.rule(), right.rule()));
        }
        let verdict = mode.applied(want.class, rules);
        let example = |ruling, bits| Example {
            ruling,
            class: want.class,
            witness: trace.text(),
            bits,
            exec: exec_of(want, &verdict, bits).filter(|_| ruling == Ruling::Allowed),
            by_mode: ruling == Ruling::Allowed && bits & !rules.allow != 0,
            deciding: deciding(matching, bits),
        };
        let (refused, granted) = (want.refused(&verdict), want.granted(&verdict));
        // A link's path alone says nothing: the pair of path and target decides.
        if refused == 0 && granted == 0 {
            return;
        }
        if refused == 0 {
            self.allowed
                .get_or_insert_with(|| example(Ruling::Allowed, want.mask));
            return;
        }
        if granted != 0 {
            self.granted
                .get_or_insert_with(|| example(Ruling::Allowed, granted));
        }
        let (ruling, bits) = if refused & verdict.deny != 0 {
            (Ruling::Denied, refused & verdict.deny)
        } else if refused & verdict.prompt != 0 {
            (Ruling::Asked, refused & verdict.prompt)
        } else {
            (Ruling::Unmatched, refused)
        };
        if !self.has(ruling) {
            self.refused.push(example(ruling, bits));
        }
    }

    /// What is allowed first, then what is refused.
    fn finish(self) -> Vec<Example<'e>> {
        let mut all: Vec<Example<'e>> = self.allowed.or(self.granted).into_iter().collect();
        all.extend(self.refused);
        all.sort_by_key(|example| REFUSALS.iter().position(|ruling| *ruling == example.ruling));
        all
    }
}

fn exec_of(want: &Want, verdict: &Verdict, bits: u32) -> Option<Exec> {
    let is_asked = want.class == Class::File && bits & bits::EXECS != 0;
    let exec = verdict.exec.iter().flatten().next();
    exec.filter(|_| is_asked).cloned()
}
