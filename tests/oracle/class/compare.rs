//! One request, answered by compiled policy and by aalint.

use aalint::access::{Decision, Effective, Outcome, ProfileMode, Request};
use aalint::policy::ProfileView;
use aalint::session::Policy;

use super::super::decode::{Masks, Profile};
use super::ask::{Ask, Kind, Unix};
use super::kernel::{self, Interface};
use super::tally::{Difference, Tally};

/// The two sides, for one profile.
pub struct Sides<'s> {
    /// The profile's file, or what it is made of.
    pub name: &'s str,
    pub theirs: &'s Profile,
    pub interface: Interface,
    pub ours: &'s Effective,
    pub profile: &'s ProfileView<'s>,
    pub policy: &'s Policy<'s>,
    pub has_network: bool,
    /// The parser is 3.0.8, whose differences are known.
    pub is_stable: bool,
}

/// What is recorded although allowed, and what is refused without a record: bits in the order of the request's words.
#[derive(Copy, Clone, PartialEq, Eq, Debug, Default)]
struct Answer {
    allow: u32,
    audit: u32,
    quiet: u32,
}

impl Sides<'_> {
    /// Compares a request; with `is_worded` also as `aalint query` reads it.
    pub fn compare(&self, ask: &Ask, is_worded: bool, tally: &mut Tally) {
        let kind = ask.kind(self.has_network);
        let Some(masks) = kernel::answer(self.theirs, self.interface, ask) else {
            tally.leave_out(format!(
                "{}: kernels with these features do not ask",
                kind.name()
            ));
            return;
        };
        let bits = ask.bits();
        let theirs = effective(|column| {
            let mask = column_of(&masks, column);
            select(bits.iter().map(|(_, bit)| mask & bit != 0))
        });
        let (mut theirs, mut ours) = (theirs, self.decide(ask));
        if theirs != ours {
            self.even_out(ask, &mut theirs, &mut ours, tally);
        }
        let count = tally.count(kind);
        count.questions += 1;
        count.allowed += usize::from(theirs.allow != 0);
        count.told += usize::from(theirs.audit | theirs.quiet != 0);
        if theirs != ours {
            tally.differ(
                kind,
                self.difference(ask.to_string(), show(ask, theirs), show(ask, ours)),
            );
        } else if is_worded {
            self.query(ask, kind, theirs, tally);
        }
    }

    /// Leaves out what is known to differ.
    fn even_out(&self, ask: &Ask, theirs: &mut Answer, ours: &mut Answer, tally: &mut Tally) {
        let before = (*theirs, *ours);
        match ask {
            // Until policy has a table of permissions `setattr` is kept where `x` of others is, so that rules without
            // wildcards decide alone whether it is recorded.
            Ask::Network { .. } | Ask::Mqueue(..) => {
                for answer in [&mut *theirs, &mut *ours] {
                    answer.audit &= !bit(ask, "setattr");
                }
                if *theirs == *ours {
                    tally.leave_out("records of `setattr`, which the parser merges as it does `x`");
                }
            }
            // The bit of `pivot_root` is that of `x`.
            Ask::PivotRoot(..) => {
                for answer in [&mut *theirs, &mut *ours] {
                    answer.audit = 0;
                }
                if *theirs == *ours {
                    tally.leave_out(
                        "records of `pivot_root`, which the parser merges as it does `x`",
                    );
                }
            }
            // Where a rule silences one of `getopt` and `setopt`, 5.0.2 silences both, and so denies both.
            Ask::Unix(_, Unix::Option(..)) if self.is_stable => {
                let silent = theirs.quiet;
                for answer in [&mut *theirs, &mut *ours] {
                    let open = !ours_denies(silent, before.1.quiet);
                    answer.allow &= open;
                    answer.audit &= open;
                    answer.quiet &= open;
                }
                if *theirs == *ours {
                    tally.leave_out(
                        "`getopt` and `setopt`, of which 3.0.8 silences and denies one alone",
                    );
                }
            }
            _ => {}
        }
        if *theirs != *ours {
            (*theirs, *ours) = before;
        }
    }

    fn difference(&self, question: String, parser: String, aalint: String) -> Difference {
        Difference {
            profile: self.name.to_owned(),
            question,
            parser,
            aalint,
        }
    }

    /// What the decision function says of the string.
    fn decide(&self, ask: &Ask) -> Answer {
        let (class, texts) = ask.ours();
        let mut answer: Option<Answer> = None;
        for text in &texts {
            let verdict = self.ours.decide(class, text);
            let of = effective(|column| {
                let mask = match column {
                    0 => verdict.allow,
                    1 => verdict.audit,
                    _ => verdict.quiet,
                };
                let words = ask.bits().iter();
                select(words.map(|(word, _)| {
                    let known = class.words().iter().find(|(known, _)| known == word);
                    mask & known.unwrap().1 != 0
                }))
            });
            answer = Some(match answer {
                None => of,
                Some(so_far) => Answer {
                    allow: so_far.allow & of.allow,
                    ..Answer::default()
                },
            });
        }
        answer.unwrap()
    }

    /// What `aalint query` says, permission by permission.
    fn query(&self, ask: &Ask, kind: Kind, theirs: Answer, tally: &mut Tally) {
        for (at, (word, _)) in ask.bits().iter().enumerate() {
            let Some(text) = ask.words(word) else {
                continue;
            };
            let request = Request::read(&text, &self.profile.env, &self.profile.name);
            let Ok(request) = request else {
                tally.differ(
                    kind,
                    self.difference(text, "-".to_owned(), format!("{request:?}")),
                );
                continue;
            };
            let decision = Decision::of(
                self.ours,
                &request,
                ProfileMode::Enforce,
                self.profile,
                self.policy.summaries,
            );
            tally.count(kind).queries += 1;
            let is_allowed = theirs.allow >> at & 1 != 0;
            let agrees = match decision.outcome {
                Outcome::Allowed => is_allowed,
                Outcome::Denied | Outcome::Unmatched | Outcome::Refused => !is_allowed,
                Outcome::Asked | Outcome::Partly | Outcome::Unknown => false,
            };
            if !agrees {
                let parser = if is_allowed { "allowed" } else { "refused" };
                let aalint = format!("{:?} {:?}", decision.outcome, decision.open);
                tally.differ(kind, self.difference(text, parser.to_owned(), aalint));
            }
        }
    }
}

/// The bits that aalint silences, and 3.0.8 does not.
const fn ours_denies(theirs: u32, ours: u32) -> u32 {
    if theirs == 0 { 0 } else { ours & !theirs }
}

/// The bit of a word.
fn bit(ask: &Ask, word: &str) -> u32 {
    let at = ask.bits().iter().position(|(known, _)| *known == word);
    at.map_or(0, |at| 1 << at)
}

fn column_of(masks: &Masks<u32>, column: usize) -> u32 {
    match column {
        0 => masks.allow,
        1 => masks.audit,
        _ => masks.quiet,
    }
}

/// The kernel looks at the record of what it allows, and at the silence about what it refuses.
fn effective(column: impl Fn(usize) -> u32) -> Answer {
    let allow = column(0);
    Answer {
        allow,
        audit: column(1) & allow,
        quiet: column(2) & !allow,
    }
}

/// A bit for each that holds.
fn select(all: impl Iterator<Item = bool>) -> u32 {
    all.enumerate()
        .fold(0, |bits, (at, holds)| bits | u32::from(holds) << at)
}

fn show(ask: &Ask, answer: Answer) -> String {
    let words = |mask: u32| {
        let all = ask.bits().iter().enumerate();
        let set = all.filter(|(at, _)| mask >> at & 1 != 0);
        let words: Vec<&str> = set.map(|(_, (word, _))| *word).collect();
        if words.is_empty() {
            "-".to_owned()
        } else {
            words.join(" ")
        }
    };
    format!(
        "allows {}, records {}, is silent about {}",
        words(answer.allow),
        words(answer.audit),
        words(answer.quiet)
    )
}
