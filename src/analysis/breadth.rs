//! Rules that match everything in a directory of which no program needs everything.

use crate::access::{Class, Effective, Entry, bits};
use crate::lang::permissions::WRITE;
use crate::lang::places::{ETC_ROOT, EVERYTHING, ROOTS, Root};
use crate::syntax::ast::Mode;

/// The permissions that matter which a rule grants for whatever lies in `root`.
#[must_use]
pub fn breadth(entry: &Entry, root: &Root) -> u8 {
    if entry.effect != Mode::Allow {
        return 0;
    }
    let mask = if root.is_roots {
        entry.mask | entry.mask >> bits::OTHER
    } else {
        entry.mask >> bits::OTHER
    };
    let granted = u8::try_from(mask & bits::HALF).unwrap_or(0) & root.bits;
    if granted != 0 && matches_all(entry, root) {
        granted
    } else {
        0
    }
}

/// Whether a rule matches whatever lies in `root`.
#[must_use]
pub fn matches_all(entry: &Entry, root: &Root) -> bool {
    let mut strangers = root.strangers.iter();
    strangers.any(|path| entry.nfa.matches(path.as_bytes()))
}

/// Whether a rule allows access to `path` only because it allows access to everything around it, which
/// `broad-access` and `unrestricted-etc` report once.
#[must_use]
pub fn is_part_of_broad_access(entry: &Entry, path: &[u8]) -> bool {
    ROOTS.iter().chain([&ETC_ROOT]).any(|root| {
        let rest = path.strip_prefix(root.path.as_bytes());
        rest.is_some_and(|rest| rest.starts_with(b"/")) && breadth(entry, root) != 0
    })
}

/// Whether a rule allows access to every file, and nothing denies that, which `broad-access` and
/// `allow-all` report once.
#[must_use]
pub fn allows_everything(effective: &Effective, entry: &Entry) -> bool {
    let mask = entry.mask & bits::both(breadth(entry, &EVERYTHING));
    let mut strangers = EVERYTHING.strangers.iter();
    strangers.any(|path| {
        let is_matched = entry.nfa.matches(path.as_bytes());
        is_matched && effective.decide(Class::File, path.as_bytes()).allow & mask != 0
    })
}

/// Whether a rule allows writing every file, also those of others, and nothing denies that.
#[must_use]
pub fn writes_everything(effective: &Effective, entry: &Entry) -> bool {
    let wanted = u32::from(WRITE) << bits::OTHER & entry.mask;
    let mut strangers = EVERYTHING.strangers.iter();
    entry.effect == Mode::Allow
        && wanted != 0
        && strangers.any(|path| {
            let is_matched = entry.nfa.matches(path.as_bytes());
            is_matched && effective.decide(Class::File, path.as_bytes()).allow & wanted != 0
        })
}
