//! What a change makes of the permissions for one request, and of a profile.

use crate::access::{Class, Verdict, bits};
use crate::lang::permissions::LINK;

/// What becomes of the permissions for a request.
#[derive(Copy, Clone, PartialEq, Eq, Hash, Debug, Default)]
pub struct Delta {
    /// Bits that the new version allows, or at least asks for, and the old one not as much. The bit
    /// for the subset of a link stands here where the link need no longer grant less than its target.
    pub gained: u32,
    /// Bits that the old version allowed, or at least asked for, and the new one not as much.
    pub lost: u32,
    /// Whether an exec that both allow leads elsewhere.
    pub is_exec_changed: bool,
    /// Whether what is recorded or silenced differs.
    pub is_log_changed: bool,
}

/// How a new version compares with the old one.
#[derive(Copy, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
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
    /// The relation that all of these make together.
    #[must_use]
    pub fn of(relations: impl IntoIterator<Item = Self>) -> Self {
        relations.into_iter().fold(Self::Equal, Self::and)
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

impl Delta {
    /// Compares what two versions decide for a request; `is_pair` says that it is the second half of a
    /// link.
    #[must_use]
    pub fn of(class: Class, is_pair: bool, verdicts: &[Verdict; 2]) -> Self {
        let [old, new] = verdicts;
        let mut delta = Self {
            gained: more(old, new),
            lost: more(new, old),
            is_exec_changed: false,
            is_log_changed: old.audit != new.audit || old.quiet != new.quiet,
        };
        let stayed = new.allow & old.allow;
        for (half, (old, new)) in (0..).zip(old.exec.iter().zip(&new.exec)) {
            let bit = bits::EXECS & (bits::HALF << (half * bits::OTHER));
            delta.is_exec_changed |= stayed & bit != 0 && old != new;
        }
        if class == Class::File && is_pair {
            delta.pair([old.allow, new.allow]);
        }
        delta
    }

    /// Of a pair only the link counts. One that must be a subset is allowed less than one that need
    /// not, so that bit counts the other way round; and only where the link is allowed.
    fn pair(&mut self, [old, new]: [u32; 2]) {
        self.gained &= bits::both(LINK);
        self.lost &= bits::both(LINK);
        if old & new & u32::from(LINK) != 0 {
            self.gained |= old & !new & bits::SUBSET;
            self.lost |= new & !old & bits::SUBSET;
        }
    }

    /// Whether anything but logging differs.
    #[must_use]
    pub const fn is_access(&self) -> bool {
        self.gained | self.lost != 0 || self.is_exec_changed
    }

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

    /// Whether all of `other` is in it.
    pub(super) const fn covers(&self, other: &Self) -> bool {
        other.gained & !self.gained == 0
            && other.lost & !self.lost == 0
            && (self.is_exec_changed || !other.is_exec_changed)
            && (self.is_access() || !other.is_access())
    }

    /// What both have.
    pub(super) const fn meet(&self, other: &Self) -> Self {
        Self {
            gained: self.gained & other.gained,
            lost: self.lost & other.lost,
            is_exec_changed: self.is_exec_changed && other.is_exec_changed,
            is_log_changed: self.is_log_changed && other.is_log_changed,
        }
    }
}

/// Bits that `new` allows, or asks for, and `old` not as much.
const fn more(old: &Verdict, new: &Verdict) -> u32 {
    (new.allow & !old.allow) | (new.prompt & !(old.allow | old.prompt))
}
