//! Where two profiles decide differently.
//!
//! Only where an entry matches that one of them has and the other has not can they differ. So the
//! search follows those alone, with all entries beside them that may match the same strings; what
//! two versions share costs nothing.

#![expect(
    clippy::mutable_key_type,
    reason = "what an NFA remembers of its prefixes is no part of its identity"
)]

use std::ops::ControlFlow;
use std::sync::Arc;

use rustc_hash::FxHashMap;

use crate::access::{Class, Effective, Entry, EntryRef, Exec, Part, Rules, Verdict, combine};
use crate::glob::{InputDomain, LazyDfa, MAX_VISITED, Nfa, PrefixIndex, TooComplex, Trace, walk};
use crate::syntax::ast::Mode;

/// A string that two profiles decide differently.
#[derive(Clone, Debug)]
pub struct Difference<'e> {
    /// The kind of request.
    pub class: Class,
    /// The string; the shortest of its kind.
    pub witness: Vec<u8>,
    /// What the two decide.
    pub verdicts: [Verdict; 2],
    /// The entries that match there, of each.
    pub matching: [Vec<EntryRef<'e>>; 2],
}

/// What counts as a difference.
#[derive(Copy, Clone, PartialEq, Eq, Debug)]
pub enum Detail {
    /// What is allowed, prompted for, and what execs lead to.
    Access,
    /// Also what is recorded and silenced.
    Exact,
}

impl Detail {
    fn differs(self, left: &Verdict, right: &Verdict) -> bool {
        let is_access = left.enforced() != right.enforced();
        match self {
            Self::Access => is_access,
            Self::Exact => is_access || left.audit != right.audit || left.quiet != right.quiet,
        }
    }
}

/// Every way in which two profiles differ in a class, the shortest string for each: ways differ in
/// the verdicts or in the entries that match and that only one of the two has.
///
/// # Errors
/// If that is too complex to find out.
pub fn differences<'e>(
    left: &'e Effective,
    right: &'e Effective,
    class: Class,
    domain: InputDomain,
    detail: Detail,
) -> Result<Vec<Difference<'e>>, TooComplex> {
    let mut found = Vec::new();
    let mut known: FxHashMap<(Vec<u32>, Verdict, Verdict), ()> = FxHashMap::default();
    compare(left, right, class, domain, |met, trace| {
        let [a, b] = met.sides;
        let verdicts = [decide(a), decide(b)];
        if detail.differs(&verdicts[0], &verdicts[1]) {
            let [a, b] = verdicts.clone();
            if known.insert((met.changed.to_vec(), a, b), ()).is_none() {
                let matching = met.sides.map(<[_]>::to_vec);
                let witness = trace.text();
                found.push(Difference {
                    class,
                    witness,
                    verdicts,
                    matching,
                });
            }
        }
        ControlFlow::Continue(())
    })?;
    Ok(found)
}

/// Whether two profiles decide every request of a class alike.
///
/// # Errors
/// If that is too complex to find out.
pub fn is_equal(
    left: &Effective,
    right: &Effective,
    class: Class,
    domain: InputDomain,
    detail: Detail,
) -> Result<bool, TooComplex> {
    let mut is_equal = true;
    compare(left, right, class, domain, |met, _| {
        let [a, b] = met.sides;
        is_equal = !detail.differs(&decide(a), &decide(b));
        if is_equal {
            ControlFlow::Continue(())
        } else {
            ControlFlow::Break(())
        }
    })?;
    Ok(is_equal)
}

/// Whether two profiles have the same entries, in any order: then they decide alike whatever other rules stand beside these.
#[must_use]
pub fn is_same_entries(left: &Effective, right: &Effective) -> bool {
    let mut classes = Class::ALL.iter();
    classes.all(|class| columns(left, right, *class, InputDomain::Bytes).1 == 0)
}

pub(super) fn decide(found: &[EntryRef<'_>]) -> Verdict {
    let entries: Vec<&Entry> = found.iter().map(|found| found.entry).collect();
    combine(&entries)
}

/// One NFA and the entries of both sides that have it.
#[derive(Default)]
struct Column<'e> {
    sides: [Vec<EntryRef<'e>>; 2],
}

impl Column<'_> {
    fn is_changed(&self) -> bool {
        let [left, right] = &self.sides;
        left.len() != right.len() || signatures(left) != signatures(right)
    }
}

/// What an entry does, whatever it matches; and whether its pattern is exact, which programs that are
/// equal need not agree in.
type Signature<'e> = (Mode, u32, u32, i32, Option<&'e Exec>, bool);

fn signatures<'e>(entries: &'e [EntryRef<'_>]) -> Vec<Signature<'e>> {
    let mut all: Vec<Signature<'e>> = entries
        .iter()
        .map(|found| found.entry)
        .map(|entry| {
            (
                entry.effect,
                entry.mask,
                entry.audit,
                entry.priority,
                entry.exec.as_ref(),
                entry.nfa.is_exact,
            )
        })
        .collect();
    all.sort();
    all
}

/// The entries that match a string which a changed NFA matches.
pub(super) struct Met<'m, 'e> {
    /// Numbers of the changed NFAs that match it.
    pub(super) changed: &'m [u32],
    /// All entries that match it, of each side.
    pub(super) sides: [&'m [EntryRef<'e>]; 2],
    /// The numbers of their NFAs.
    pub(super) numbers: [&'m [u32]; 2],
}

/// Calls `visit` for every combination of NFAs that a string can meet of which at least one is
/// changed: one side has entries with it that the other has not.
pub(super) fn compare<'e>(
    left: &'e Effective,
    right: &'e Effective,
    class: Class,
    domain: InputDomain,
    mut visit: impl FnMut(&Met<'_, 'e>, Trace<'_>) -> ControlFlow<()>,
) -> Result<(), TooComplex> {
    let (columns, changed) = columns(left, right, class, domain);
    if changed == 0 {
        return Ok(());
    }
    let nfas: Vec<&Nfa> = columns.iter().map(|(nfa, _)| &***nfa).collect();
    let mut automaton = LazyDfa::new(nfas, MAX_VISITED);
    let mut sides: [Vec<EntryRef<'e>>; 2] = [Vec::new(), Vec::new()];
    let mut numbers: [Vec<u32>; 2] = [Vec::new(), Vec::new()];
    walk(
        &mut automaton,
        domain,
        changed,
        |automaton, state| automaton.is_alive(state, 0..changed),
        |accepted, trace| {
            let count = accepted.partition_point(|at| (*at as usize) < changed);
            if count == 0 {
                return ControlFlow::Continue(());
            }
            sides.iter_mut().for_each(Vec::clear);
            numbers.iter_mut().for_each(Vec::clear);
            for at in accepted {
                let Some((_, column)) = columns.get(*at as usize) else {
                    continue;
                };
                for ((side, numbers), entries) in
                    sides.iter_mut().zip(&mut numbers).zip(&column.sides)
                {
                    side.extend_from_slice(entries);
                    numbers.extend(entries.iter().map(|_| *at));
                }
            }
            let met = Met {
                changed: accepted.get(..count).unwrap_or_default(),
                sides: [&sides[0], &sides[1]],
                numbers: [&numbers[0], &numbers[1]],
            };
            visit(&met, trace)
        },
    )
}

/// An NFA and its entries.
type Columns<'e> = Vec<(&'e Arc<Nfa>, Column<'e>)>;

/// The NFAs of both, those first of which there are `.1` that differ; of the others only those
/// that may match the same strings.
fn columns<'e>(
    left: &'e Effective,
    right: &'e Effective,
    class: Class,
    domain: InputDomain,
) -> (Columns<'e>, usize) {
    let is_wanted = |nfa: &Nfa| match domain {
        InputDomain::Paths => !nfa.has_nul(),
        InputDomain::Pairs => nfa.has_nul(),
        InputDomain::Texts | InputDomain::Bytes => true,
    };
    let (own, shared) = parts(left, right);
    let mut numbers: FxHashMap<&Nfa, usize> = FxHashMap::default();
    let mut all: Columns<'e> = Vec::new();
    for (side, part) in own {
        for entry in part.rules.entries(class) {
            if is_wanted(&entry.nfa) {
                push(&mut all, &mut numbers, side, entry, part.segment);
            }
        }
    }
    let (mut kept, rest): (Vec<_>, Vec<_>) =
        all.into_iter().partition(|(_, column)| column.is_changed());
    let count = kept.len();
    if count == 0 {
        return (kept, 0);
    }
    let of_kept = kept.iter().map(|(nfa, _)| nfa.prefixes());
    let prefixes: Vec<Vec<u8>> = of_kept.clone().flatten().cloned().collect();
    let by_prefix = PrefixIndex::new((0..).zip(of_kept));
    let intersects = |nfa: &Nfa| by_prefix.intersects(nfa.prefixes());
    kept.extend(rest.into_iter().filter(|(nfa, _)| intersects(nfa)));
    let mut numbers: FxHashMap<&Nfa, usize> = FxHashMap::default();
    numbers.extend(
        kept.iter()
            .zip(0..)
            .map(|((nfa, _), number)| (&***nfa, number)),
    );
    for [in_left, in_right] in shared {
        let entries = in_left.rules.entries(class);
        let intersecting: Vec<&Entry> = if class == Class::File {
            let found = in_left.rules.files_intersecting(&prefixes);
            found
                .iter()
                .filter_map(|at| entries.get(*at as usize))
                .collect()
        } else {
            entries.iter().collect()
        };
        for entry in intersecting
            .into_iter()
            .filter(|entry| is_wanted(&entry.nfa))
        {
            push(&mut kept, &mut numbers, 0, entry, in_left.segment);
            push(&mut kept, &mut numbers, 1, entry, in_right.segment);
        }
    }
    (kept, count)
}

fn push<'e>(
    columns: &mut Columns<'e>,
    numbers: &mut FxHashMap<&'e Nfa, usize>,
    side: usize,
    entry: &'e Entry,
    segment: usize,
) {
    let nfa = &entry.nfa;
    let number = *numbers.entry(nfa).or_insert_with(|| {
        columns.push((nfa, Column::default()));
        columns.len() - 1
    });
    let column = columns.get_mut(number).map(|(_, column)| column);
    if let Some(entries) = column.and_then(|column| column.sides.get_mut(side)) {
        entries.push(EntryRef { entry, segment });
    }
}

/// The parts that only one side has, with the number of the side; and those that both have.
fn parts<'e>(
    left: &'e Effective,
    right: &'e Effective,
) -> (Vec<(usize, &'e Part)>, Vec<[&'e Part; 2]>) {
    let mut in_right: FxHashMap<*const Rules, Vec<&Part>> = FxHashMap::default();
    for part in right.parts.iter().rev() {
        in_right
            .entry(Arc::as_ptr(&part.rules))
            .or_default()
            .push(part);
    }
    let (mut own, mut shared) = (Vec::new(), Vec::new());
    for part in &left.parts {
        let twins = in_right.get_mut(&Arc::as_ptr(&part.rules));
        match twins.and_then(Vec::pop) {
            Some(twin) => shared.push([part, twin]),
            None => own.push((0, part)),
        }
    }
    // In their order, so that the same input gives the same witnesses.
    for part in &right.parts {
        let is_left = in_right
            .get(&Arc::as_ptr(&part.rules))
            .is_some_and(|left| left.iter().any(|known| std::ptr::eq(*known, part)));
        if is_left {
            own.push((1, part));
        }
    }
    (own, shared)
}
