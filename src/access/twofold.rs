//! Files that a profile both writes and executes.

use std::sync::LazyLock;

use rustc_hash::FxHashSet;

use super::{Class, Effective, EntryRef, Verdict, bits, own_entries};
use crate::glob::{Among, Program, common};
use crate::lang::permissions::{APPEND, EXEC, MMAP, WRITE};
use crate::policy::{Digests, ProfileView};
use crate::syntax::ast::Mode;

/// A file that the same process may write and then execute or map as code.
#[derive(Clone, Debug)]
pub struct Twofold<'e> {
    /// The rule that lets it write.
    pub write: EntryRef<'e>,
    /// The rule that lets it execute; the same one if that does both.
    pub execute: EntryRef<'e>,
    /// The path.
    pub path: Vec<u8>,
    /// What is decided for it.
    pub verdict: Verdict,
}

/// All paths but those of directories.
static FILES: LazyLock<Option<Program>> = LazyLock::new(|| Program::path("/{**,}[^/]").ok());

/// From this many rules on only the first example of two rules is looked at.
const MOST_COMPARED: usize = 24;

const WRITES: u32 = bits::both(WRITE | APPEND);
const CODE: u32 = bits::both(EXEC | MMAP);

/// Whether a verdict lets the same user write, and execute or map, the same file; `is_wanted` says
/// which of the latter count, by the half and the bits of it.
fn is_twofold(verdict: &Verdict, is_wanted: &dyn Fn(&Verdict, usize, u8) -> bool) -> bool {
    (0..2).any(|half| {
        let shift = if half == 0 { 0 } else { bits::OTHER };
        let of_half = u8::try_from(verdict.allow >> shift & bits::HALF).unwrap_or(0);
        of_half & (WRITE | APPEND) != 0
            && of_half & (EXEC | MMAP) != 0
            && is_wanted(verdict, half, of_half & (EXEC | MMAP))
    })
}

impl Effective {
    /// Files that the same process may write and execute, at least one of the two by a rule of the
    /// profile itself: one example for each such rule. `is_wanted` says which verdicts count; it is
    /// given the half, 0 for the owner's, and its bits for execution.
    #[must_use]
    pub fn twofold<'e>(
        &'e self,
        profile: &ProfileView<'_>,
        digests: &Digests<'_>,
        is_wanted: &dyn Fn(&Verdict, usize, u8) -> bool,
    ) -> Vec<Twofold<'e>> {
        let mut found: Vec<Twofold<'e>> = Vec::new();
        let mut told: FxHashSet<(usize, u32)> = FxHashSet::default();
        for own in own_entries(self, profile, Class::File) {
            let is_code = own.entry.effect == Mode::Allow && own.entry.mask & (WRITES | CODE) != 0;
            if !is_code || told.contains(&own.rule()) {
                continue;
            }
            if let Some(twofold) = self.twofold_of(own, is_wanted) {
                told.extend([twofold.write.rule(), twofold.execute.rule()]);
                found.push(twofold);
            }
        }
        if !found.is_empty() && self.may_deny_more(Class::File, profile, digests) {
            found.clear();
        }
        found
    }

    fn twofold_of<'e>(
        &'e self,
        own: EntryRef<'e>,
        is_wanted: &dyn Fn(&Verdict, usize, u8) -> bool,
    ) -> Option<Twofold<'e>> {
        let does = |entry: EntryRef<'e>, bits: u32| entry.entry.mask & bits;
        if does(own, WRITES) != 0
            && does(own, CODE) != 0
            && let Some(twofold) = self.twofold_by(own, own, is_wanted)
        {
            return Some(twofold);
        }
        let candidates = self.meeting(Class::File, &[&own.entry.program]);
        candidates.into_iter().find_map(|other| {
            if other.entry.effect != Mode::Allow
                || other.rule() == own.rule()
                || !other.entry.program.may_meet(&own.entry.program)
            {
                return None;
            }
            if shares_half(own, other) {
                self.twofold_by(own, other, is_wanted)
            } else if shares_half(other, own) {
                self.twofold_by(other, own, is_wanted)
            } else {
                None
            }
        })
    }

    /// A file that one entry lets be written, and the other executed.
    fn twofold_by<'e>(
        &'e self,
        write: EntryRef<'e>,
        execute: EntryRef<'e>,
        is_wanted: &dyn Fn(&Verdict, usize, u8) -> bool,
    ) -> Option<Twofold<'e>> {
        let files = FILES.as_ref()?;
        let wanted = [&*write.entry.program, &*execute.entry.program, files];
        let path = common(&wanted, &[], Among::Paths).ok()??;
        let verdict = self.decide(Class::File, &path);
        let twofold = |path, verdict| Twofold {
            write,
            execute,
            path,
            verdict,
        };
        if is_twofold(&verdict, is_wanted) {
            return Some(twofold(path, verdict));
        }
        if self.meeting(Class::File, &wanted).len() > MOST_COMPARED {
            return None;
        }
        let is_goal = |verdict: &Verdict, _: &[EntryRef<'e>]| is_twofold(verdict, is_wanted);
        let found = self
            .find(Class::File, &wanted, Among::Paths, is_goal)
            .ok()??;
        Some(twofold(found.witness, found.verdict))
    }
}

/// Whether one entry writes and the other executes for the same users.
const fn shares_half(write: EntryRef<'_>, execute: EntryRef<'_>) -> bool {
    let write = write.entry.mask & WRITES;
    let execute = execute.entry.mask & CODE;
    let other = bits::HALF << bits::OTHER;
    write & bits::HALF != 0 && execute & bits::HALF != 0
        || write & other != 0 && execute & other != 0
}
