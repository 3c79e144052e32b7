//! Both sides asked the same questions.

use std::collections::BTreeMap;

use aalint::access::{Class, Effective, Exec as OurExec, Verdict, bits};
use aalint::lang::permissions::{ExecKind, LINK};

use super::access::{Answer, Exec, Fallback, Half, Pair, To};
use super::decode::{self, Automaton};

/// Two answers that differ.
#[derive(Clone, Debug)]
pub struct Disagreement {
    /// The profile's file, or what it was made of.
    pub profile: String,
    pub question: Vec<u8>,
    pub parser: String,
    pub aalint: String,
}

/// What was compared.
#[derive(Clone, Debug, Default)]
pub struct Tally {
    /// Profiles, children and hats whose file rules were compared.
    pub profiles: usize,
    /// Paths that were asked about, those of pairs included.
    pub questions: usize,
    /// Links and their targets.
    pub pairs: usize,
    /// Questions of which some permission was allowed.
    pub allowed: usize,
    pub disagreements: Vec<Disagreement>,
    /// All of them; not each is kept.
    pub disagreement_count: usize,
    /// What was not compared, by reason.
    pub left_out: BTreeMap<String, usize>,
}

impl Tally {
    pub fn leave_out(&mut self, reason: impl Into<String>) {
        *self.left_out.entry(reason.into()).or_default() += 1;
    }

    pub fn add(mut self, other: Self) -> Self {
        self.profiles += other.profiles;
        self.questions += other.questions;
        self.pairs += other.pairs;
        self.allowed += other.allowed;
        self.disagreements.extend(other.disagreements);
        self.disagreement_count += other.disagreement_count;
        for (reason, count) in other.left_out {
            *self.left_out.entry(reason).or_default() += count;
        }
        self
    }

    fn disagree(&mut self, disagreement: Disagreement) {
        self.disagreement_count += 1;
        let of_profile = |known: &&Disagreement| known.profile == disagreement.profile;
        if self.disagreements.iter().filter(of_profile).count() < 3 {
            self.disagreements.push(disagreement);
        }
    }

    pub fn print(&self, what: &str) {
        println!(
            "{what}: {} profiles, {} questions ({} of them pairs, {} with something allowed), {} disagreements",
            self.profiles, self.questions, self.pairs, self.allowed, self.disagreement_count
        );
        for (reason, count) in &self.left_out {
            println!("{what}: {count} not compared: {reason}");
        }
    }
}

/// Asks both about each of `questions`; a NUL in one stands between a link and its target.
pub fn ask(
    name: &str,
    theirs: Option<&Automaton>,
    ours: &Effective,
    questions: &[Vec<u8>],
    tally: &mut Tally,
) {
    tally.profiles += 1;
    for question in questions {
        tally.questions += 1;
        let verdict = ours.decide(Class::File, question);
        let (parser, aalint) = match question.split_once_byte(0) {
            Some((link, target)) => {
                tally.pairs += 1;
                let parser = theirs.map(|files| files.pair(link, target));
                let name = ours.decide(Class::File, link);
                let (parser, aalint) = (parser.unwrap_or_default(), pair(&name, &verdict));
                tally.allowed += usize::from(parser.0.is_allowed || parser.1.is_allowed);
                if parser == aalint {
                    continue;
                }
                (pairs(&parser), pairs(&aalint))
            }
            None => {
                let parser = theirs.map(|files| files.answer(question));
                let (parser, aalint) = (parser.unwrap_or_default(), answer(&verdict));
                tally.allowed += usize::from(parser.owner.allow | parser.other.allow != 0);
                if parser == aalint {
                    continue;
                }
                (parser.to_string(), aalint.to_string())
            }
        };
        tally.disagree(Disagreement {
            profile: name.to_owned(),
            question: question.clone(),
            parser,
            aalint,
        });
    }
}

fn pairs((owner, other): &(Pair, Pair)) -> String {
    format!("owner {owner} other {other}")
}

trait SplitOnce {
    fn split_once_byte(&self, byte: u8) -> Option<(&[u8], &[u8])>;
}

impl SplitOnce for Vec<u8> {
    fn split_once_byte(&self, byte: u8) -> Option<(&[u8], &[u8])> {
        let at = self.iter().position(|other| *other == byte)?;
        Some((&self[..at], &self[at + 1..]))
    }
}

/// Our verdict in the oracle's form.
pub fn answer(verdict: &Verdict) -> Answer {
    let half = |number: usize| {
        let shift = if number == 0 { 0 } else { bits::OTHER };
        let of = |mask: u32| u8::try_from(mask >> shift & bits::HALF).unwrap();
        Half {
            allow: of(verdict.allow),
            audit: of(verdict.audit),
            quiet: of(verdict.quiet),
            exec: verdict.exec[number].as_ref().map(exec),
        }
    };
    Answer {
        owner: half(0),
        other: half(1),
    }
}

fn pair(name: &Verdict, verdict: &Verdict) -> (Pair, Pair) {
    let half = |shift: u32| {
        let link = u32::from(LINK) << shift;
        Pair {
            is_allowed: name.allow & verdict.allow & link != 0,
            is_subset: verdict.allow & bits::SUBSET << shift != 0,
            is_audited: verdict.audit & link != 0,
            is_quiet: verdict.quiet & link != 0,
        }
    };
    (half(0), half(bits::OTHER))
}

fn exec(ours: &OurExec) -> Exec {
    let (to, fallback) = match ours.mode.kind {
        ExecKind::Inherit => (To::Nothing, Fallback::Inherit),
        ExecKind::Unconfined => (To::Nothing, Fallback::Unconfined),
        ExecKind::Profile => (To::Attached, Fallback::None),
        ExecKind::Child => (To::AttachedChild, Fallback::None),
        ExecKind::ProfileOrInherit => (To::Attached, Fallback::Inherit),
        ExecKind::ChildOrInherit => (To::AttachedChild, Fallback::Inherit),
        ExecKind::ProfileOrUnconfined => (To::Attached, Fallback::Unconfined),
        ExecKind::ChildOrUnconfined => (To::AttachedChild, Fallback::Unconfined),
    };
    let (to, fallback) = match &ours.target {
        None => (to, fallback),
        // A name takes the place of what `ux` says; see the parser's encoding.
        Some(name) if ours.mode.kind == ExecKind::Unconfined => {
            (To::Named(name.to_string()), Fallback::None)
        }
        Some(name) => (To::Named(name.to_string()), fallback),
    };
    Exec {
        is_unsafe: ours.mode.is_unsafe,
        to,
        fallback,
    }
}

/// The compiled profile of a name.
pub fn by_name<'p>(profiles: &'p [decode::Profile], name: &str) -> Option<&'p decode::Profile> {
    profiles.iter().find(|profile| {
        let full = match &profile.namespace {
            Some(namespace) => format!(":{namespace}:{}", profile.name),
            None => profile.name.clone(),
        };
        profile.name == name || full == name
    })
}
