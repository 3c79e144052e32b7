//! What an automaton of files says of a path, in one form for both encodings.

use std::fmt;

use aalint::lang::permissions::{APPEND, EXEC, LINK, LOCK, MMAP, READ, WRITE};

use super::decode::{Automaton, Entry};
use super::dfa::State;

/// The answer about one path.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Answer {
    /// For a subject that owns the file.
    pub owner: Half,
    /// For any other.
    pub other: Half,
}

/// Permissions of one kind of subject, as bits of `aalint::lang::permissions`.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Half {
    pub allow: u8,
    /// Logged although allowed.
    pub audit: u8,
    /// Not logged although refused.
    pub quiet: u8,
    /// Where an exec leads to, if `x` is allowed.
    pub exec: Option<Exec>,
}

/// An exec transition.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Exec {
    pub is_unsafe: bool,
    pub to: To,
    /// What happens if there is no such profile.
    pub fallback: Fallback,
}

#[derive(Clone, PartialEq, Eq, Debug)]
pub enum To {
    /// No profile is looked for: `ix` and `ux` have their fallback only.
    Nothing,
    /// The profile that attaches to the program.
    Attached,
    /// The same among the children.
    AttachedChild,
    /// The profile of this name.
    Named(String),
}

#[derive(Copy, Clone, PartialEq, Eq, Debug)]
pub enum Fallback {
    None,
    Inherit,
    Unconfined,
}

/// What is said of a link and what it would point to, for one kind of subject.
#[derive(Copy, Clone, PartialEq, Eq, Debug, Default)]
pub struct Pair {
    pub is_allowed: bool,
    /// Whether the link's permissions must be a subset of those of its target.
    pub is_subset: bool,
    pub is_audited: bool,
    pub is_quiet: bool,
}

/// The kernel's bits of one state for one kind of subject, in the newer encoding.
#[derive(Copy, Clone, PartialEq, Eq, Debug, Default)]
pub struct Raw {
    pub allow: u32,
    pub audit: u32,
    pub quiet: u32,
    pub prompt: u32,
    pub xindex: u32,
}

const X_UNSAFE: u32 = 0x1000_0000;
const X_CHILD: u32 = 0x2000_0000;
const X_INHERIT: u32 = 0x4000_0000;
const X_UNCONFINED: u32 = 0x8000_0000;
const X_NAME: u32 = 0x0400_0000;
const X_TABLE: u32 = 0x0800_0000;

/// The kernel's bit of each permission.
const BITS: [(u8, u32); 7] = [
    (EXEC, 0x1),
    (WRITE, 0x2),
    (READ, 0x4),
    (APPEND, 0x8),
    (LOCK, 0x8000),
    (MMAP, 0x10000),
    (LINK, 0x40000),
];
/// Set beside a pair's link bit: the subset test is wanted.
const SUBSET: u32 = 0x8000;
/// Of a profile's name: it may be changed to at the next exec, or at once.
pub const ONEXEC: u32 = 0x2000_0000;
pub const CHANGE_PROFILE: u32 = 0x4000_0000;
/// Of a hat's name: it may be changed to.
pub const CHANGE_HAT: u32 = 0x8000_0000;

impl Automaton {
    /// What is decided for a path: (owner, other).
    pub fn answer(&self, path: &[u8]) -> Answer {
        self.answer_at(self.dfa.walk(self.start, path))
    }

    /// The same for a state that a path has led to.
    pub fn answer_at(&self, state: State) -> Answer {
        let (owner, other) = self.raw(state);
        Answer {
            owner: self.half(owner),
            other: self.half(other),
        }
    }

    /// What is decided for a link of this name to this target, whose own permissions count as well: (owner, other).
    pub fn pair(&self, link: &[u8], target: &[u8]) -> (Pair, Pair) {
        let link = self.dfa.walk(self.start, link);
        let target = self.dfa.walk(self.dfa.step(link, 0), target);
        let (owner, other) = self.raw(link);
        let links = [owner, other].map(|raw| raw.allow & 0x40000 != 0);
        let [owner, other] = self.target_at(target, links);
        (owner, other)
    }

    /// The same for a state that a link, NUL and its target have led to; `links` says whether the link alone is allowed.
    pub fn target_at(&self, state: State, links: [bool; 2]) -> [Pair; 2] {
        let (owner, other) = self.raw(state);
        let pair = |is_link: bool, target: Raw| Pair {
            is_allowed: is_link && target.allow & 0x40000 != 0,
            is_subset: target.allow & SUBSET != 0,
            is_audited: target.audit & 0x40000 != 0,
            is_quiet: target.quiet & 0x40000 != 0,
        };
        [pair(links[0], owner), pair(links[1], other)]
    }

    /// The kernel's bits of a state: (owner, other).
    pub fn raw(&self, state: State) -> (Raw, Raw) {
        let (accept, accept2) = self.dfa.accept(state);
        let Some(table) = &self.table else {
            return (
                from_old(accept, accept2, accept2 >> 7, accept),
                from_old(accept >> 14, accept2 >> 14, accept2 >> 21, accept),
            );
        };
        let row = |index: usize| {
            let row = table.get(index).copied().unwrap_or_default();
            from_entry(row)
        };
        // From version 3 on a flag says whether there are two rows.
        let index = accept as usize;
        let is_single = self.version >= 3 && accept2 & 1 == 0;
        (row(index), row(if is_single { index } else { index + 1 }))
    }

    fn half(&self, raw: Raw) -> Half {
        Half {
            allow: bits(raw.allow),
            audit: bits(raw.audit),
            quiet: bits(raw.quiet),
            exec: (raw.allow & 1 != 0).then(|| self.exec(raw.xindex)),
        }
    }

    fn exec(&self, xindex: u32) -> Exec {
        let to = if xindex & X_TABLE != 0 {
            let index = xindex & 0x00ff_ffff;
            let name = self.names.get(index as usize);
            To::Named(name.cloned().unwrap_or_else(|| format!("(target {index})")))
        } else if xindex & X_NAME == 0 {
            To::Nothing
        } else if xindex & X_CHILD != 0 {
            To::AttachedChild
        } else {
            To::Attached
        };
        let fallback = match (xindex & X_INHERIT != 0, xindex & X_UNCONFINED != 0) {
            (true, _) => Fallback::Inherit,
            (false, true) => Fallback::Unconfined,
            (false, false) => Fallback::None,
        };
        Exec {
            is_unsafe: xindex & X_UNSAFE != 0,
            to,
            fallback,
        }
    }
}

fn from_entry(entry: Entry) -> Raw {
    Raw {
        // A deny column is never filled in by today's parsers; the kernel subtracts it.
        allow: entry.allow & !entry.deny,
        audit: entry.audit,
        quiet: entry.quiet,
        prompt: entry.prompt,
        xindex: entry.xindex,
    }
}

/// The older encoding of one half, shifted to the low end, as the kernel's policy_compat.c maps it.
fn from_old(accept: u32, audit: u32, quiet: u32, whole: u32) -> Raw {
    let map = |old: u32| {
        let moved = [(0x10, 0x40000), (0x20, 0x8000), (0x40, 0x10000)];
        let moved = moved.iter().filter(|(from, _)| old & from != 0);
        moved.fold(old & 0xf, |new, (_, to)| new | to)
    };
    let mut xindex = 0;
    for (from, to) in [(0x100, X_UNSAFE), (0x200, X_INHERIT), (0x80, X_UNCONFINED)] {
        if accept & from != 0 {
            xindex |= to;
        }
    }
    xindex |= match accept >> 10 & 0xf {
        0 => 0,
        1 => X_UNCONFINED,
        2 => X_NAME,
        3 => X_NAME | X_CHILD,
        index => X_TABLE | (index - 4),
    };
    let mut allow = map(accept);
    if whole & 0x4000_0000 != 0 {
        allow |= ONEXEC;
    }
    if whole & 0x8000_0000 != 0 {
        allow |= CHANGE_PROFILE;
    }
    Raw {
        allow,
        audit: map(audit),
        quiet: map(quiet),
        prompt: 0,
        xindex,
    }
}

fn bits(kernel: u32) -> u8 {
    let set = BITS.iter().filter(|(_, bit)| kernel & bit != 0);
    set.fold(0, |bits, (bit, _)| bits | bit)
}

impl fmt::Display for Answer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.owner == self.other {
            write!(f, "{}", self.owner)
        } else {
            write!(f, "owner {} other {}", self.owner, self.other)
        }
    }
}

impl fmt::Display for Half {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&letters(self.allow))?;
        if let Some(exec) = &self.exec {
            write!(f, "({exec})")?;
        }
        for (what, bits) in [("audit", self.audit), ("quiet", self.quiet)] {
            if bits != 0 {
                write!(f, " {what}={}", letters(bits))?;
            }
        }
        Ok(())
    }
}

impl fmt::Display for Pair {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(if self.is_allowed { "link" } else { "-" })?;
        for (is_set, word) in [
            (self.is_subset, " subset"),
            (self.is_audited, " audited"),
            (self.is_quiet, " quiet"),
        ] {
            f.write_str(if is_set { word } else { "" })?;
        }
        Ok(())
    }
}

impl fmt::Display for Exec {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let to = match self.to {
            To::Nothing => "",
            To::Attached | To::Named(_) => "p",
            To::AttachedChild => "c",
        };
        let to = if self.is_unsafe {
            to.to_owned()
        } else {
            to.to_uppercase()
        };
        let fallback = match self.fallback {
            Fallback::None => "",
            Fallback::Inherit if self.to == To::Nothing && self.is_unsafe => "unsafe i",
            Fallback::Inherit => "i",
            Fallback::Unconfined if self.to == To::Nothing && !self.is_unsafe => "U",
            Fallback::Unconfined => "u",
        };
        write!(f, "{to}{fallback}x")?;
        match &self.to {
            To::Named(name) => write!(f, " -> {name}"),
            _ => Ok(()),
        }
    }
}

/// `rw` and the like; `-` for nothing.
pub fn letters(bits: u8) -> String {
    let all = [
        (READ, 'r'),
        (WRITE, 'w'),
        (APPEND, 'a'),
        (LINK, 'l'),
        (LOCK, 'k'),
        (MMAP, 'm'),
        (EXEC, 'x'),
    ];
    let text: String = all
        .iter()
        .filter(|(bit, _)| bits & bit != 0)
        .map(|(_, letter)| letter)
        .collect();
    if text.is_empty() {
        "-".to_owned()
    } else {
        text
    }
}
