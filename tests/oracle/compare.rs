//! Both sides asked the same questions.

use std::collections::BTreeMap;
use std::fmt::Display;

use aalint::access::{Class, Effective, Exec as OurExec, Verdict, bits, combine};
use aalint::lang::permissions::{EXEC, ExecKind, LINK, LOCK};

use super::access::{Answer, Exec, Fallback, Half, Pair, To};
use super::decode::Automaton;

/// Two answers that differ.
#[derive(Clone, Debug)]
pub struct Disagreement {
    /// The profile's file, or what it is made of.
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
    /// Some of them, of each profile.
    pub disagreements: Vec<Disagreement>,
    pub disagreement_count: usize,
    /// Answers of the older parser that differ in a way that is known, by the way.
    pub known: BTreeMap<String, usize>,
    /// Profiles and questions that were not compared, by reason.
    pub left_out: BTreeMap<String, usize>,
    /// Profiles that one side takes and the other refuses.
    pub verdicts: Vec<String>,
}

/// The two sides.
pub struct Sides<'s> {
    pub name: &'s str,
    /// Nothing is allowed where there is no automaton.
    pub theirs: Option<&'s Automaton>,
    pub ours: &'s Effective,
    /// The parser is 3.0.8, whose differences are known.
    pub is_stable: bool,
    /// Whether links are compared.
    pub has_pairs: bool,
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
        self.verdicts.extend(other.verdicts);
        for (reason, count) in other.left_out {
            *self.left_out.entry(reason).or_default() += count;
        }
        for (what, count) in other.known {
            *self.known.entry(what).or_default() += count;
        }
        self
    }

    pub fn print(&self, what: &str) {
        println!(
            "{what}: {} profiles, {} questions ({} of them links and targets, {} with something \
             allowed), {} disagreements",
            self.profiles, self.questions, self.pairs, self.allowed, self.disagreement_count
        );
        for (reason, count) in &self.left_out {
            println!("{what}: {count} not compared: {reason}");
        }
        for (difference, count) in &self.known {
            println!("{what}: {count} answers differ as is known: {difference}");
        }
        for found in self.disagreements.iter().take(60) {
            println!(
                "differs at \"{}\":\n{}\n  parser {}\n  aalint {}",
                found.question.escape_ascii(),
                found.profile.trim_end(),
                found.parser,
                found.aalint
            );
        }
        for verdict in self.verdicts.iter().take(60) {
            println!("{verdict}");
        }
    }

    fn disagree(
        &mut self,
        question: &[u8],
        sides: &Sides<'_>,
        parser: &dyn Display,
        aalint: &dyn Display,
    ) {
        self.disagreement_count += 1;
        if self.disagreements.len() < 3 {
            self.disagreements.push(Disagreement {
                profile: sides.name.to_owned(),
                question: question.to_vec(),
                parser: parser.to_string(),
                aalint: aalint.to_string(),
            });
        }
    }
}

/// Asks both about each of `questions`; a NUL in one stands between a link and its target.
pub fn ask(sides: &Sides<'_>, questions: &[Vec<u8>], tally: &mut Tally) {
    tally.profiles += 1;
    for question in questions {
        match question.iter().position(|byte| *byte == 0) {
            Some(at) if sides.has_pairs => ask_pair(sides, question, at, tally),
            Some(_) => {}
            None => ask_path(sides, question, tally),
        }
    }
}

fn ask_path(sides: &Sides<'_>, path: &[u8], tally: &mut Tally) {
    tally.questions += 1;
    let mut parser = sides
        .theirs
        .map(|files| files.answer(path))
        .unwrap_or_default();
    let matching = sides.ours.matching(Class::File, path);
    let entries: Vec<_> = matching.iter().map(|found| found.entry).collect();
    let verdict = combine(&entries);
    let mut aalint = answer(&verdict);
    tally.allowed += usize::from(parser.owner.allow | parser.other.allow != 0);
    for half in [&mut parser, &mut aalint]
        .into_iter()
        .flat_map(|both| [&mut both.owner, &mut both.other])
    {
        // The kernel takes a link's audit from the pair.
        half.audit &= !LINK;
        // 3.0.8 leaves the audit bits of what is denied, and of execs that an exact rule overrides.
        if sides.is_stable {
            half.audit &= half.allow & !EXEC;
        }
    }
    if parser == aalint {
        return;
    }
    tally.disagree(path, sides, &parser, &aalint);
}

fn ask_pair(sides: &Sides<'_>, question: &[u8], at: usize, tally: &mut Tally) {
    tally.questions += 1;
    tally.pairs += 1;
    let (link, target) = (&question[..at], &question[at + 1..]);
    let parser = sides.theirs.map(|files| files.pair(link, target));
    let (mut owner, mut other) = parser.unwrap_or_default();
    let name = sides.ours.decide(Class::File, link);
    let verdict = sides.ours.decide(Class::File, question);
    let (mut our_owner, mut our_other) =
        (pair(&name, &verdict, 0), pair(&name, &verdict, bits::OTHER));
    tally.allowed += usize::from(owner.is_allowed || other.is_allowed);
    for pair in [&mut owner, &mut other, &mut our_owner, &mut our_other] {
        // As above.
        pair.is_audited &= pair.is_allowed || !sides.is_stable;
    }
    if (owner, other) != (our_owner, our_other) {
        let parser = format!("owner {owner} other {other}");
        let aalint = format!("owner {our_owner} other {our_other}");
        tally.disagree(question, sides, &parser, &aalint);
    }
}

/// Our verdict in the oracle's form.
fn answer(verdict: &Verdict) -> Answer {
    let half = |number: usize, shift: u32| {
        let of = |mask: u32| u8::try_from(mask >> shift & bits::HALF).unwrap();
        Half {
            allow: of(verdict.allow),
            audit: of(verdict.audit),
            quiet: of(verdict.quiet),
            exec: verdict.exec[number].as_ref().map(exec),
        }
    };
    Answer {
        owner: half(0, 0),
        other: half(1, bits::OTHER),
    }
}

fn pair(name: &Verdict, verdict: &Verdict, shift: u32) -> Pair {
    let link = u32::from(LINK) << shift;
    Pair {
        is_allowed: name.allow & verdict.allow & link != 0,
        // The kernel's bit for this is that of `k`.
        is_subset: verdict.allow & (bits::SUBSET | u32::from(LOCK)) << shift != 0,
        is_audited: verdict.audit & link != 0,
        is_quiet: verdict.quiet & link != 0,
    }
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
        // A name takes the place of what `ux` says.
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
