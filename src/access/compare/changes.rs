//! What a new version of a profile grants that the old one did not, and the other way round.

use crate::policy::RuleId;
use std::cmp::Ordering;
use std::ops::ControlFlow;

use rustc_hash::{FxHashMap, FxHashSet};

use super::walk::{Met, compare, decide};
use crate::access::{
    Class, Delta, Detail, Effective, Entry, EntryRef, Exec, ProfileMode, Verdict, bits,
};
use crate::glob::{InputDomain, TooComplex};
use crate::lang::permissions::MMAP;

/// Old or new: where a rule stands.
#[derive(Copy, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum PolicyVersion {
    /// The old version.
    Old,
    /// The new version.
    New,
}

impl PolicyVersion {
    /// `old` or `new`.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Old => "old",
            Self::New => "new",
        }
    }
}

/// A version of a profile that is compared.
#[derive(Copy, Clone, Debug)]
pub struct ComparedProfile<'e> {
    /// What its rules decide.
    pub effective: &'e Effective,
    /// Its full name: an exec that leads to a child is the same if the child has that name in both.
    pub name: &'e str,
    /// Its mode, which decides where no rule does.
    pub mode: ProfileMode,
}

/// A rule that makes a difference: its version, segment and number there.
#[derive(Copy, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct ChangeCause {
    /// Where it stands.
    pub version: PolicyVersion,
    /// Which rule of the profile it is.
    pub rule: RuleId,
}

/// One way in which two versions differ.
#[derive(Clone, Debug)]
pub struct Change {
    /// The kind of request.
    pub class: Class,
    /// What it makes of the permissions.
    pub delta: Delta,
    /// A request that shows it: the shortest.
    pub witness: Vec<u8>,
    /// What the two decide there.
    pub verdicts: [Verdict; 2],
    /// The rules that make the difference.
    pub causes: Vec<ChangeCause>,
    /// Whether everything that these rules match changes like this; otherwise a part of it does.
    pub is_whole: bool,
}

impl Change {
    /// Whether `other` is about the same rules and tells nothing that this does not.
    #[must_use]
    pub fn covers(&self, other: &Self) -> bool {
        self.class == other.class && self.causes == other.causes && self.delta.covers(&other.delta)
    }
}

/// Two versions and what counts.
struct Comparison<'e> {
    subjects: [ComparedProfile<'e>; 2],
    detail: Detail,
}

/// Every change between two versions of a profile, one for each set of rules that make one. Where the
/// modes differ, what the new mode alone brings or takes is not among them.
///
/// # Errors
/// If that is too complex to find out.
pub fn changes(
    old: ComparedProfile<'_>,
    new: ComparedProfile<'_>,
    detail: Detail,
) -> Result<Vec<Change>, TooComplex> {
    let subjects = [old, new];
    let comparison = Comparison { subjects, detail };
    let mut found: Vec<Change> = Vec::new();
    for class in Class::ALL {
        for domain in comparison.domain(class) {
            for change in comparison.changes(class, *domain)? {
                if !found.iter().any(|known| known.covers(&change)) {
                    found.retain(|known| !change.covers(known));
                    found.push(change);
                }
            }
        }
    }
    Ok(found)
}

/// Whether two profiles decide every request alike.
///
/// # Errors
/// If that is too complex to find out.
pub fn is_alike(
    old: ComparedProfile<'_>,
    new: ComparedProfile<'_>,
    detail: Detail,
) -> Result<bool, TooComplex> {
    let subjects = [old, new];
    let comparison = Comparison { subjects, detail };
    let mut is_alike = old.mode == new.mode;
    for class in Class::ALL {
        for domain in comparison.domain(class) {
            if !is_alike {
                return Ok(false);
            }
            compare(old.effective, new.effective, class, *domain, |met, _| {
                let verdicts = comparison.verdicts(class, met.sides);
                let delta = comparison.delta(class, is_pair(class, met.sides), &verdicts);
                is_alike = !comparison.counts(&delta);
                if is_alike {
                    ControlFlow::Continue(())
                } else {
                    ControlFlow::Break(())
                }
            })?;
        }
    }
    Ok(is_alike)
}

/// The change at one request, if there is one.
#[must_use]
pub fn change_at(
    old: ComparedProfile<'_>,
    new: ComparedProfile<'_>,
    detail: Detail,
    class: Class,
    text: &[u8],
) -> Option<Change> {
    let subjects = [old, new];
    let comparison = Comparison { subjects, detail };
    let matching = subjects.map(|subject| subject.effective.matching(class, text));
    let [of_old, of_new] = &matching;
    let sides = [of_old.as_slice(), of_new.as_slice()];
    let verdicts = comparison.verdicts(class, sides);
    let delta = comparison.delta(class, is_pair(class, sides), &verdicts);
    if !comparison.counts(&delta) {
        return None;
    }
    let none = vec![0; of_old.len().max(of_new.len())];
    let met = Met {
        changed: &[],
        sides,
        numbers: [&none, &none],
    };
    let (causes, _) = causes(&met, &delta);
    Some(Change {
        class,
        delta,
        witness: text.to_vec(),
        verdicts,
        causes,
        is_whole: false,
    })
}

impl Comparison<'_> {
    /// Which requests are compared. Exactly means all byte strings, as the parser's own tests do.
    const fn domain(&self, class: Class) -> &'static [InputDomain] {
        match (class, self.detail) {
            (Class::File, Detail::Access) => &[InputDomain::Paths, InputDomain::Pairs],
            _ => &[InputDomain::Bytes],
        }
    }

    fn verdicts(&self, class: Class, sides: [&[EntryRef<'_>]; 2]) -> [Verdict; 2] {
        let [old, new] = self.subjects;
        [(old, sides[0]), (new, sides[1])].map(|(subject, found)| {
            let mut verdict = subject.mode.applied(class, &decide(found));
            for exec in verdict.exec.iter_mut().flatten() {
                name_own_child(exec, subject.name);
            }
            verdict
        })
    }

    /// Without what the modes alone bring or take.
    fn delta(&self, class: Class, is_pair: bool, verdicts: &[Verdict; 2]) -> Delta {
        let mut delta = Delta::of(class, is_pair, verdicts);
        let [old, new] = self.subjects;
        match old.mode.laxity().cmp(&new.mode.laxity()) {
            Ordering::Less => delta.gained = 0,
            Ordering::Greater => delta.lost = 0,
            Ordering::Equal => {}
        }
        delta.is_log_changed &= self.detail == Detail::Exact;
        delta
    }

    const fn counts(&self, delta: &Delta) -> bool {
        delta.is_access() || delta.is_log_changed
    }

    /// The changes of a class, those that say the same several times.
    fn changes(&self, class: Class, domain: InputDomain) -> Result<Vec<Change>, TooComplex> {
        let [old, new] = self.subjects;
        let mut found: Vec<(Change, Vec<u32>)> = Vec::new();
        let mut known: FxHashSet<(Vec<u32>, [Verdict; 2])> = FxHashSet::default();
        // What all requests that a changed NFA matches have in common.
        let mut common: FxHashMap<u32, Delta> = FxHashMap::default();
        compare(old.effective, new.effective, class, domain, |met, trace| {
            let verdicts = self.verdicts(class, met.sides);
            let delta = self.delta(class, is_pair(class, met.sides), &verdicts);
            for number in met.changed {
                let all = common.entry(*number).or_insert(delta);
                *all = all.meet(&delta);
            }
            if self.counts(&delta) && known.insert((met.changed.to_vec(), verdicts.clone())) {
                let (causes, numbers) = causes(met, &delta);
                found.push((
                    Change {
                        class,
                        delta,
                        witness: trace.text(),
                        verdicts,
                        causes,
                        is_whole: false,
                    },
                    numbers,
                ));
            }
            ControlFlow::Continue(())
        })?;
        for (change, numbers) in &mut found {
            let all = numbers.iter().map(|number| common.get(number));
            let mut all = all.map(|all| all.is_some_and(|all| all.covers(&change.delta)));
            change.is_whole = all.all(|is_whole| is_whole);
        }
        Ok(found.into_iter().map(|(change, _)| change).collect())
    }
}

/// Whether the request that these match is the second half of a link.
fn is_pair(class: Class, sides: [&[EntryRef<'_>]; 2]) -> bool {
    let mut all = sides.into_iter().flatten();
    class == Class::File && all.any(|found| found.entry.nfa.has_nul())
}

/// Children are named without the profile, which may have another name in the other version.
fn name_own_child(exec: &mut Exec, profile: &str) {
    let child = exec.target.as_deref().and_then(|target| {
        let child = target.strip_prefix(profile)?.strip_prefix("//")?;
        Some(format!("//{child}"))
    });
    if let Some(child) = child {
        exec.target = Some(child.into());
    }
}

/// The rules that have to do with a change, and the numbers of their NFAs.
fn causes(met: &Met<'_, '_>, delta: &Delta) -> (Vec<ChangeCause>, Vec<u32>) {
    let (mut causes, mut numbers) = (Vec::new(), Vec::new());
    let [old, new] = met.sides;
    let all = [
        (PolicyVersion::Old, old, new),
        (PolicyVersion::New, new, old),
    ];
    for ((version, mine, others), nfas) in all.into_iter().zip(met.numbers) {
        for (found, number) in mine.iter().zip(nfas) {
            if matters(found, others, delta) {
                causes.push(ChangeCause {
                    version,
                    rule: found.rule(),
                });
                numbers.push(*number);
            }
        }
    }
    causes.sort_unstable();
    causes.dedup();
    numbers.sort_unstable();
    numbers.dedup();
    (causes, numbers)
}

/// Whether an entry has to do with the change: it is about bits that changed, and the other version
/// has none that does the same to them.
fn matters(found: &EntryRef<'_>, others: &[EntryRef<'_>], delta: &Delta) -> bool {
    let changed = delta.gained | delta.lost;
    let about = match (delta.is_access(), delta.is_exec_changed) {
        (false, _) => !0,
        (true, true) => changed | bits::EXECS,
        (true, false) => changed,
    };
    let entry = found.entry;
    let mask = decided(entry) & about;
    let has_twin = others.iter().any(|other| {
        let other = other.entry;
        other.effect == entry.effect
            && decided(other) & about == mask
            && other.priority == entry.priority
            && (mask & bits::EXECS == 0 || other.exec == entry.exec)
            && (delta.is_access() || other.audit == entry.audit)
            && other.nfa == entry.nfa
            && other.nfa.is_exact == entry.nfa.is_exact
    });
    mask != 0 && !has_twin
}

/// The bits that an entry is about: those of `m` too, where it has `ix` and allows.
const fn decided(entry: &Entry) -> u32 {
    match &entry.exec {
        Some(exec) if exec.may_inherit() => entry.mask | bits::both(MMAP),
        _ => entry.mask,
    }
}
