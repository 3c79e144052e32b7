//! The verdict of all the entries that match one string.
//!
//! Per permission bit the highest priority decides; within one priority deny wins over allow, and
//! allow over prompt (hfa.cc, accept_perms, of apparmor_parser 5). For `x` alone, rules made of
//! literals and alternatives decide over those with wildcards what the exec leads to.

use crate::access::{Entry, Exec, bits};
use crate::lang::permissions::{EXEC, MMAP};
use crate::syntax::ast::Mode;

/// What is decided for a string. Bits as in the string's class.
#[derive(Clone, PartialEq, Eq, Hash, Debug, Default)]
pub struct Verdict {
    /// Allowed.
    pub allow: u32,
    /// Allowed or left to prompts, and recorded.
    pub audit: u32,
    /// Denied by a rule.
    pub deny: u32,
    /// Denied by a rule, and not recorded.
    pub quiet: u32,
    /// Left to the program that answers prompts.
    pub prompt: u32,
    /// What an exec leads to, for the owner's files and for others.
    pub exec: [Option<Exec>; 2],
    /// Two rules disagree about what an exec leads to; the parser refuses the profile.
    pub conflict: Option<Conflict>,
}

/// Two entries that disagree, by their places among those that match.
#[derive(Copy, Clone, PartialEq, Eq, Hash, Debug)]
pub struct Conflict(pub usize, pub usize);

impl Verdict {
    /// The parts that the compiled policy holds: a denied bit is one that is not allowed.
    #[must_use]
    pub fn enforced(&self) -> (u32, u32, &[Option<Exec>; 2]) {
        (self.allow, self.prompt, &self.exec)
    }
}

/// The verdict of `matching`, all the entries that match a string.
#[must_use]
pub fn combine(matching: &[&Entry]) -> Verdict {
    let mut verdict = Verdict::default();
    let Some(first) = matching.first() else {
        return verdict;
    };
    if matching
        .iter()
        .all(|entry| entry.priority == first.priority)
    {
        let all = matching.iter().copied().enumerate();
        level(&mut verdict, 0, &mut Default::default(), all);
        imply_mmap(&mut verdict);
        return verdict;
    }
    let mut priorities: Vec<i32> = matching.iter().map(|entry| entry.priority).collect();
    priorities.sort_unstable();
    priorities.dedup();
    let (mut decided, mut above) = (0, <[Above; 2]>::default());
    for priority in priorities.into_iter().rev() {
        let of_level = matching.iter().copied().enumerate();
        let of_level = of_level.filter(|(_, entry)| entry.priority == priority);
        decided |= level(&mut verdict, decided, &mut above, of_level);
    }
    imply_mmap(&mut verdict);
    verdict
}

/// `m` comes with an exec that may stay in the profile, unless a rule denies it. It is never audited.
fn imply_mmap(verdict: &mut Verdict) {
    for (number, exec) in (0..).zip(&verdict.exec) {
        let bit = u32::from(MMAP) << (number * bits::OTHER);
        if exec.as_ref().is_some_and(Exec::may_inherit) && verdict.deny & bit == 0 {
            verdict.allow |= bit;
            verdict.prompt &= !bit;
        }
    }
}

/// The `m` that parsers before 5.0 also leave, of a string with that verdict: each rule whose exec may
/// stay in the profile brings it along there, even where another rule overrides the exec
/// (`mmap_before_5` of `/bin/sh` is `m` under `/bin/* ix` with `deny /bin/sh x`; seen with 3.0.8 and 4.1.0).
#[must_use]
pub fn mmap_before_5(matching: &[&Entry], verdict: &Verdict) -> u32 {
    let mut bits = 0;
    for entry in matching {
        let stays = entry.exec.as_ref().is_some_and(Exec::may_inherit);
        if stays && entry.effect == Mode::Allow {
            let halves = (entry.mask & bits::EXECS) / u32::from(EXEC);
            bits |= halves * u32::from(MMAP);
        }
    }
    bits & !verdict.deny & !verdict.allow
}

/// What the rules of one priority say about the bits, whatever others say.
#[derive(Default)]
struct Said {
    allow: u32,
    audit: u32,
    deny: u32,
    quiet: u32,
    prompt: u32,
    audited_prompt: u32,
}

impl Said {
    /// Enters a rule; its exec goes into the halves that it is about.
    fn enter<'e>(&mut self, at: usize, entry: &'e Entry, halves: &mut [Half<'e>; 2]) {
        match entry.effect {
            Mode::Deny => {
                self.deny |= entry.mask;
                self.quiet |= entry.mask & !entry.audit;
            }
            Mode::Prompt => {
                self.prompt |= entry.mask;
                self.audited_prompt |= entry.audit;
            }
            Mode::Allow => {
                let Some(exec) = &entry.exec else {
                    self.allow |= entry.mask;
                    self.audit |= entry.audit;
                    return;
                };
                self.allow |= entry.mask & !bits::EXECS;
                self.audit |= entry.audit & !bits::EXECS;
                for (number, half) in (0..).zip(halves) {
                    let bit = u32::from(EXEC) << (number * bits::OTHER);
                    if entry.mask & bit != 0 {
                        half.enter(at, entry, exec, entry.audit & bit != 0);
                    }
                }
            }
        }
    }
}

/// Enters the rules of one priority; gives the bits that they decide.
fn level<'e>(
    verdict: &mut Verdict,
    decided: u32,
    above: &mut [Above; 2],
    entries: impl Iterator<Item = (usize, &'e Entry)>,
) -> u32 {
    let mut said = Said::default();
    let mut halves = above.map(|above| Half {
        above,
        ..Half::default()
    });
    for (at, entry) in entries {
        said.enter(at, entry, &mut halves);
    }
    let open = !decided;
    for (number, half) in halves.into_iter().enumerate() {
        let shift = u32::try_from(number).unwrap_or(0) * bits::OTHER;
        let bit = u32::from(EXEC) << shift;
        if let Some(conflict) = half.conflict {
            verdict.conflict.get_or_insert(conflict);
        }
        if let Some(above) = above.get_mut(number) {
            above.has_plain |= half.seen.has_plain;
            above.has_audited |= half.seen.has_audited;
        }
        let best = half.exact.or(half.wild);
        let Some((_, exec, is_audited)) = best.filter(|_| bit & open & !said.deny != 0) else {
            continue;
        };
        said.allow |= bit;
        said.audit |= if is_audited { bit } else { 0 };
        if let Some(place) = verdict.exec.get_mut(number) {
            *place = Some(exec.clone());
        }
    }
    let allowed = said.allow & open & !said.deny;
    verdict.allow |= allowed;
    verdict.audit |= said.audit & allowed;
    verdict.deny |= said.deny & open;
    verdict.quiet |= said.quiet & open;
    let prompted = said.prompt & open & !said.deny & !said.allow;
    verdict.prompt |= prompted;
    verdict.audit |= said.audited_prompt & prompted;
    // What a rule records it decides, even where it does not allow it (see `unix`).
    said.allow | said.audit | said.deny | said.prompt
}

/// What the exec rules of one priority say about one half: rules without wildcards, and those with.
/// Each with its place, where it leads, and whether it is audited.
#[derive(Default)]
struct Half<'e> {
    exact: Option<(usize, &'e Exec, bool)>,
    wild: Option<(usize, &'e Exec, bool)>,
    /// Rules of one kind that disagree; the other kind and deny rules do not settle that.
    conflict: Option<Conflict>,
    /// What exec rules there are of higher priorities.
    above: Above,
    /// What exec rules there are of this one.
    seen: Above,
}

/// Which exec rules of higher priorities there are. They settle what those below disagree about, if the
/// parser sees them before it sees both: rules without `audit` come first, and then the higher
/// priorities (5.0.2).
#[derive(Copy, Clone, Default)]
struct Above {
    has_plain: bool,
    has_audited: bool,
}

impl Above {
    const fn settles(self, is_one_audited: bool) -> bool {
        self.has_plain || self.has_audited && is_one_audited
    }
}

impl<'e> Half<'e> {
    fn enter(&mut self, at: usize, entry: &'e Entry, exec: &'e Exec, is_audited: bool) {
        self.seen.has_plain |= !is_audited;
        self.seen.has_audited |= is_audited;
        let best = if entry.nfa.is_exact {
            &mut self.exact
        } else {
            &mut self.wild
        };
        match best {
            Some((place, known, audited)) => {
                if *known != exec && !self.above.settles(*audited || is_audited) {
                    self.conflict.get_or_insert(Conflict(*place, at));
                }
                *audited |= is_audited;
            }
            None => *best = Some((at, exec, is_audited)),
        }
    }
}
