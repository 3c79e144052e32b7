//! What a new version of a profile grants that the old one did not, and the other way round.

use rustc_hash::FxHashMap;

use super::{Class, Detail, Difference, Effective, EntryRef, Verdict, bits, differences};
use crate::glob::{Among, TooComplex};
use crate::syntax::ast::Mode;

/// Old or new: where a rule stands.
#[derive(Copy, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Side {
    /// The old version.
    Old,
    /// The new version.
    New,
}

/// A rule that makes a difference: its side, segment and number there.
#[derive(Copy, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct Cause {
    /// Where it stands.
    pub side: Side,
    /// Its segment.
    pub segment: usize,
    /// Its number in the segment.
    pub fact: u32,
}

/// One way in which two versions differ.
#[derive(Clone, Debug)]
pub struct Change {
    /// The kind of request.
    pub class: Class,
    /// Bits that only the new version allows.
    pub gained: u32,
    /// Bits that only the old version allowed.
    pub lost: u32,
    /// Whether an exec that both allow leads elsewhere.
    pub is_exec_changed: bool,
    /// Whether only what is logged differs.
    pub is_only_logged: bool,
    /// A request that shows it: the shortest.
    pub witness: Vec<u8>,
    /// What the two decide there.
    pub verdicts: [Verdict; 2],
    /// The rules that make the difference.
    pub causes: Vec<Cause>,
}

/// How a new version compares with the old one.
#[derive(Copy, Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum Relation {
    /// The same requests are allowed.
    Equal,
    /// Only fewer are.
    Narrower,
    /// Only more are.
    Wider,
    /// Some more and some fewer.
    Incomparable,
}

impl Relation {
    /// The relation that these changes make.
    #[must_use]
    pub fn of<'c>(changes: impl IntoIterator<Item = &'c Change>) -> Self {
        changes.into_iter().fold(Self::Equal, |relation, change| {
            relation.and(change.relation())
        })
    }

    /// Both at once.
    #[must_use]
    pub const fn and(self, other: Self) -> Self {
        match (self, other) {
            (Self::Equal, other) => other,
            (this, Self::Equal) => this,
            (Self::Wider, Self::Wider) => Self::Wider,
            (Self::Narrower, Self::Narrower) => Self::Narrower,
            _ => Self::Incomparable,
        }
    }

    /// Its name.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Equal => "equal",
            Self::Narrower => "narrower",
            Self::Wider => "wider",
            Self::Incomparable => "incomparable",
        }
    }
}

impl Change {
    /// What it alone makes of the profile.
    #[must_use]
    pub const fn relation(&self) -> Relation {
        match (self.gained != 0, self.lost != 0, self.is_exec_changed) {
            (false, false, false) => Relation::Equal,
            (true, false, false) => Relation::Wider,
            (false, true, false) => Relation::Narrower,
            _ => Relation::Incomparable,
        }
    }
}

/// Every change between two versions of a profile, one for each set of rules that make one.
///
/// # Errors
/// If that is too complex to find out.
pub fn changes(
    old: &Effective,
    new: &Effective,
    detail: Detail,
) -> Result<Vec<Change>, TooComplex> {
    let mut found: Vec<Change> = Vec::new();
    let mut known: FxHashMap<(Class, Vec<Cause>, u32, u32, bool), usize> = FxHashMap::default();
    for class in Class::ALL {
        for difference in of_class(old, new, class, detail)? {
            let change = change(difference);
            let key = (
                change.class,
                change.causes.clone(),
                change.gained,
                change.lost,
                change.is_exec_changed,
            );
            known.entry(key).or_insert_with(|| {
                found.push(change);
                found.len() - 1
            });
        }
    }
    Ok(found)
}

fn of_class<'e>(
    old: &'e Effective,
    new: &'e Effective,
    class: Class,
    detail: Detail,
) -> Result<Vec<Difference<'e>>, TooComplex> {
    let among = match (class, detail) {
        (Class::File, Detail::Access) => Among::Paths,
        _ => Among::Bytes,
    };
    let mut found = differences(old, new, class, among, detail)?;
    if among == Among::Paths {
        // The second halves of links.
        found.extend(
            differences(old, new, class, Among::Pairs, detail)?
                .into_iter()
                .filter(|found| found.witness.contains(&0)),
        );
    }
    Ok(found)
}

fn change(difference: Difference<'_>) -> Change {
    let [old, new] = &difference.verdicts;
    let (gained, lost) = (new.allow & !old.allow, old.allow & !new.allow);
    let stayed = new.allow & old.allow;
    let execs = (0..).zip(old.exec.iter().zip(&new.exec));
    let changed = execs
        .filter(|(half, (old, new))| {
            let bit = bits::EXECS & (bits::HALF << (half * bits::OTHER));
            difference.class == Class::File && stayed & bit != 0 && old != new
        })
        .count();
    let is_access = gained | lost != 0 || changed > 0 || old.prompt != new.prompt;
    let mut causes = Vec::new();
    let [of_old, of_new] = &difference.matching;
    let all = [(Side::Old, of_old, of_new), (Side::New, of_new, of_old)];
    for (side, mine, others) in all {
        for found in mine {
            if matters(found, others, gained | lost, changed > 0, is_access) {
                causes.push(Cause {
                    side,
                    segment: found.segment,
                    fact: found.entry.fact,
                });
            }
        }
    }
    causes.sort_unstable();
    causes.dedup();
    let Difference {
        class,
        witness,
        verdicts,
        ..
    } = difference;
    Change {
        class,
        gained,
        lost,
        is_exec_changed: changed > 0,
        is_only_logged: !is_access,
        witness,
        verdicts,
        causes,
    }
}

/// Whether an entry has to do with the change: the other side has none like it, and it is about bits
/// that changed.
fn matters(
    found: &EntryRef<'_>,
    others: &[EntryRef<'_>],
    changed: u32,
    is_exec: bool,
    is_access: bool,
) -> bool {
    let entry = found.entry;
    let has_twin = others.iter().any(|other| {
        let other = other.entry;
        other.effect == entry.effect
            && other.mask == entry.mask
            && other.priority == entry.priority
            && other.exec == entry.exec
            && (is_access || other.audit == entry.audit)
            && other.program == entry.program
    });
    let about = if is_exec {
        changed | bits::EXECS
    } else if is_access {
        changed
    } else {
        !0
    };
    // `ix` grants `m` as well.
    let mask = match &entry.exec {
        Some(exec) if exec.may_inherit() && entry.effect != Mode::Deny => !0,
        _ => entry.mask,
    };
    !has_twin && mask & about != 0
}
