//! Where two profiles decide differently.
//!
//! Only where an entry matches that one of them has and the other has not can they differ. So the
//! search follows those alone, with all entries beside them that may match the same strings; what
//! two versions share costs nothing.

#![expect(
    clippy::mutable_key_type,
    reason = "what a program remembers of its beginnings is no part of its identity"
)]

use std::ops::ControlFlow;
use std::sync::Arc;

use rustc_hash::FxHashMap;

use super::{Class, Effective, Entry, EntryRef, Exec, Verdict, combine};
use crate::glob::{Among, Automaton, MAX_VISITED, PrefixTree, Program, TooComplex, walk};
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
    among: Among,
    detail: Detail,
) -> Result<Vec<Difference<'e>>, TooComplex> {
    let mut found = Vec::new();
    let mut known: FxHashMap<(Vec<u32>, Verdict, Verdict), ()> = FxHashMap::default();
    compare(left, right, class, among, |changed, sides, trace| {
        let [a, b] = sides;
        let verdicts = [decide(a), decide(b)];
        if detail.differs(&verdicts[0], &verdicts[1]) {
            let [a, b] = verdicts.clone();
            if known.insert((changed, a, b), ()).is_none() {
                let matching = [sides[0].to_vec(), sides[1].to_vec()];
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
    among: Among,
    detail: Detail,
) -> Result<bool, TooComplex> {
    let mut is_equal = true;
    compare(left, right, class, among, |_, sides, _| {
        is_equal = !detail.differs(&decide(sides[0]), &decide(sides[1]));
        if is_equal {
            ControlFlow::Continue(())
        } else {
            ControlFlow::Break(())
        }
    })?;
    Ok(is_equal)
}

fn decide(found: &[EntryRef<'_>]) -> Verdict {
    let entries: Vec<&Entry> = found.iter().map(|found| found.entry).collect();
    combine(&entries)
}

/// One program and the entries of both sides that have it.
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

/// What an entry does, whatever it matches.
type Signature<'e> = (Mode, u32, u32, i32, Option<&'e Exec>);

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
            )
        })
        .collect();
    all.sort();
    all
}

/// Calls `visit` with the numbers of the changed programs that match a string, and with all entries of
/// both sides that do.
fn compare<'e>(
    left: &'e Effective,
    right: &'e Effective,
    class: Class,
    among: Among,
    mut visit: impl FnMut(Vec<u32>, [&[EntryRef<'e>]; 2], crate::glob::Trace<'_>) -> ControlFlow<()>,
) -> Result<(), TooComplex> {
    let (columns, changed) = columns(left, right, class);
    if changed == 0 {
        return Ok(());
    }
    let programs: Vec<&Program> = columns.iter().map(|(program, _)| &***program).collect();
    let mut automaton = Automaton::new(programs, MAX_VISITED);
    let mut sides: [Vec<EntryRef<'e>>; 2] = [Vec::new(), Vec::new()];
    walk(
        &mut automaton,
        among,
        changed,
        |automaton, state| automaton.is_alive(state, 0..changed),
        |accepted, trace| {
            let first = accepted
                .first()
                .map_or(usize::MAX, |number| *number as usize);
            if first >= changed {
                return ControlFlow::Continue(());
            }
            sides.iter_mut().for_each(Vec::clear);
            let found = accepted.iter().filter_map(|at| columns.get(*at as usize));
            for (_, column) in found {
                for (side, entries) in sides.iter_mut().zip(&column.sides) {
                    side.extend_from_slice(entries);
                }
            }
            let of_change = accepted.iter().filter(|at| (**at as usize) < changed);
            visit(of_change.copied().collect(), [&sides[0], &sides[1]], trace)
        },
    )
}

/// The programs of both, those first of which there are `.1` that differ; of the others only those
/// that may match the same strings.
fn columns<'e>(
    left: &'e Effective,
    right: &'e Effective,
    class: Class,
) -> (Vec<(&'e Arc<Program>, Column<'e>)>, usize) {
    let mut numbers: FxHashMap<&Program, usize> = FxHashMap::default();
    let mut all: Vec<(&Arc<Program>, Column<'e>)> = Vec::new();
    for (side, effective) in [left, right].into_iter().enumerate() {
        for found in effective.entries(class) {
            let program = &found.entry.program;
            let number = *numbers.entry(program).or_insert_with(|| {
                all.push((program, Column::default()));
                all.len() - 1
            });
            if let Some((_, column)) = all.get_mut(number)
                && let Some(entries) = column.sides.get_mut(side)
            {
                entries.push(found);
            }
        }
    }
    let (mut changed, rest): (Vec<_>, Vec<_>) =
        all.into_iter().partition(|(_, column)| column.is_changed());
    let count = changed.len();
    let mut tree = PrefixTree::default();
    for (number, (program, _)) in (0..).zip(&changed) {
        tree.insert(program.beginnings(), number);
    }
    let meets = |program: &Program| !tree.meeting(program.beginnings()).is_empty();
    changed.extend(rest.into_iter().filter(|(program, _)| meets(program)));
    (changed, count)
}
