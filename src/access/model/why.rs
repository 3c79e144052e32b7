//! Which rules decide, and which lose.

use crate::access::{EntryRef, bits};
use crate::lang::permissions::{EXEC, MMAP};
use crate::syntax::ast::Mode;

/// Why an entry that matches does not decide.
#[derive(Copy, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Lost {
    /// Another one denies.
    ToDeny,
    /// Another one has a higher priority.
    ToPriority,
    /// Another one without wildcards says what the exec leads to.
    ToExact,
    /// Another one allows, and this one only prompts.
    ToAllow,
}

impl Lost {
    /// The rule of precedence, as a sentence without period.
    #[must_use]
    pub const fn sentence(self) -> &'static str {
        match self {
            Self::ToDeny => "deny always wins; order does not matter",
            Self::ToPriority => "the higher priority decides",
            Self::ToExact => "a rule without wildcards decides what an exec leads to",
            Self::ToAllow => "allow comes before prompt",
        }
    }
}

/// The entries that matter for some bits of one request, each rule once.
#[derive(Clone, Debug, Default)]
pub struct Deciding<'e> {
    /// Those that decide.
    pub winners: Vec<EntryRef<'e>>,
    /// Those that say something else and lose.
    pub losers: Vec<(EntryRef<'e>, Lost)>,
}

/// Which of the entries that match a request decide the bits of `asked`.
#[must_use]
pub fn deciding<'e>(matching: &[EntryRef<'e>], asked: u32) -> Deciding<'e> {
    let mut deciding = Deciding::default();
    for number in 0..u32::BITS {
        let bit = 1 << number;
        if asked & bit != 0 {
            deciding.bit(matching, bit);
        }
    }
    // A rule that decides one permission and loses another is shown as one that decides.
    let winners: Vec<_> = deciding.winners.iter().map(EntryRef::rule).collect();
    deciding
        .losers
        .retain(|(found, _)| !winners.contains(&found.rule()));
    deciding
}

impl<'e> Deciding<'e> {
    fn bit(&mut self, matching: &[EntryRef<'e>], bit: u32) {
        let about: Vec<EntryRef<'e>> = matching
            .iter()
            .copied()
            .filter(|found| says(found, bit))
            .collect();
        let priority = about.iter().map(|found| found.entry.priority).max();
        let Some(priority) = priority else { return };
        let top = || about.iter().filter(|f| f.entry.priority == priority);
        // Deny before allow before prompt.
        let rank = |mode| match mode {
            Mode::Deny => 0,
            Mode::Allow => 1,
            Mode::Prompt => 2,
        };
        let Some(effect) = top().map(|f| f.entry.effect).min_by_key(|e| rank(*e)) else {
            return;
        };
        let is_exec = bit & bits::EXECS != 0 && effect == Mode::Allow;
        let has_exact = is_exec && top().any(|f| f.entry.effect == effect && is_exact(f));
        for found in &about {
            let entry = found.entry;
            let is_same = entry.effect == effect;
            if entry.priority < priority {
                if !is_same {
                    self.lose(*found, Lost::ToPriority);
                }
            } else if !is_same {
                let to_deny = effect == Mode::Deny;
                self.lose(*found, if to_deny { Lost::ToDeny } else { Lost::ToAllow });
            } else if has_exact && !is_exact(found) {
                self.lose(*found, Lost::ToExact);
            } else if self
                .winners
                .iter()
                .all(|known| known.rule() != found.rule())
            {
                self.winners.push(*found);
            }
        }
    }

    fn lose(&mut self, found: EntryRef<'e>, why: Lost) {
        let is_known = |(known, _): &(EntryRef<'_>, Lost)| known.rule() == found.rule();
        if !self.losers.iter().any(is_known) {
            self.losers.push((found, why));
        }
    }
}

fn is_exact(found: &EntryRef<'_>) -> bool {
    found.entry.nfa.is_exact
}

/// Whether an entry is about a bit; `ix` is about `m` as well.
fn says(found: &EntryRef<'_>, bit: u32) -> bool {
    let entry = found.entry;
    if entry.mask & bit != 0 {
        return true;
    }
    let inherits = entry.exec.as_ref().is_some_and(super::Exec::may_inherit);
    let exec_of = |shift: u32| {
        bit == u32::from(MMAP) << shift && entry.mask & (u32::from(EXEC) << shift) != 0
    };
    entry.effect == Mode::Allow && inherits && (exec_of(0) || exec_of(bits::OTHER))
}
