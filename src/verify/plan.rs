//! What to ask the kernel: made from the policy alone.

use rustc_hash::FxHashMap;

use super::RuleAt;
use super::planner::Planner;
use super::wire::Ask;
use crate::access::{
    Class, Effective, Entry, Exec, Outcome, ProfileMode, Request, Verdict, bits, combine, deciding,
    mmap_before_5,
};
use crate::session::{PromiseError, Workspace};

/// Most rules that are named as those that decide a promise.
const MOST_RULES: usize = 8;

/// What is to be asked.
#[derive(Clone, Debug, Default)]
pub struct Plan {
    /// The file that defines the profiles.
    pub path: String,
    /// The profiles, children and hats.
    pub profiles: Vec<Planned>,
    /// Promises and rules.
    pub subjects: Vec<Subject>,
    /// The questions, each once.
    pub questions: Vec<Question>,
    /// The absolute paths of what the policy includes by such a path: the parser goes there itself.
    pub absolute_includes: Vec<String>,
    /// What the profiles decide, in their order.
    pub(super) deciders: Vec<Decider>,
    /// The numbers of the questions.
    known: FxHashMap<(usize, Class, Vec<u8>), usize>,
}

/// What a profile decides, and by which rules.
#[derive(Clone, Debug)]
pub(super) struct Decider {
    pub(super) effective: Effective,
    pub(super) mode: ProfileMode,
    /// The rules, by segment and number there.
    pub(super) rules: FxHashMap<(usize, u32), RuleAt>,
}

/// A profile.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Planned {
    /// Its full name.
    pub name: String,
    /// The mode that its flags name.
    pub mode: ProfileMode,
    /// Whether it is a child or hat.
    pub is_child: bool,
    /// The programs of the machine that it is attached to, as a pattern.
    pub attachment: Option<String>,
}

/// A question to the kernel.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Question {
    /// Number of the profile that is asked.
    pub profile: usize,
    /// The kind of request.
    pub class: Class,
    /// Its string.
    pub text: Vec<u8>,
    /// What aalint says is allowed: the bits that the compiled policy must hold.
    pub allow: u32,
    /// What parsers before 5.0 allow besides: [`mmap_before_5`].
    pub before_5: u32,
    /// What aalint says is refused without record.
    pub quiet: u32,
    /// How it is asked; `None` where it cannot be.
    pub ask: Option<Ask>,
    /// What an exec leads to, for the owner of the program and for others.
    pub exec: [Option<Exec>; 2],
}

/// Something that is promised, and that the kernel is to confirm.
#[derive(Clone, Debug)]
pub struct Subject {
    /// Number of the profile.
    pub profile: usize,
    /// Who promises.
    pub kind: SubjectKind,
    /// As written.
    pub text: String,
    /// File, line and column where it is written; lines and columns count from 1.
    pub place: (String, u32, u32),
    /// Whether it promises that everything is refused; else, that everything is allowed.
    pub is_deny: bool,
    /// How it is decided as a whole, by the profile's mode.
    pub decided: Outcome,
    /// The questions that show it.
    pub witnesses: Vec<Asked>,
    /// Numbers of questions just beside it, which show that both sides draw the line at the same place.
    pub twins: Vec<usize>,
    /// The rules that decide its witnesses, the first few.
    pub rules: Vec<RuleAt>,
    /// Why it cannot be asked about, or not wholly.
    pub gap: Option<Gap>,
    /// What it is about; `None` where the policy does not tell.
    pub request: Option<Request>,
}

/// Who promises.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum SubjectKind {
    /// An intent of this name.
    Intent(String),
    /// An assertion in the profile.
    Assertion,
    /// The lint rule of this name, which takes it for granted because it found nothing.
    Lint(String),
    /// A rule of the profile, by what it says itself: `deny` refuses, anything else is as decided.
    Rule,
}

/// A question for a subject.
#[derive(Copy, Clone, PartialEq, Eq, Debug)]
pub struct Asked {
    /// Number of the question.
    pub question: usize,
    /// The permissions that it is about.
    pub mask: u32,
    /// Those of them that mean something alone.
    pub alone: u32,
    /// Where it comes from.
    pub origin: Origin,
}

/// Where a witness comes from.
#[derive(Copy, Clone, PartialEq, Eq, Debug)]
pub enum Origin {
    /// An example.
    Example,
    /// A file that is there.
    Existing,
    /// Symbolic links: the path of the question of this number leads there.
    Link(usize),
}

/// Why something is not asked.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Gap {
    /// It cannot be decided from the policy: a variable has no value, an include is missing.
    Undecidable,
    /// It depends on whether the kernel mediates the addresses that a `network` rule names.
    Addresses,
    /// To find examples would take too long.
    TooComplex,
    /// Nothing is what it describes.
    Nothing,
    /// Requests of this class are not put to the kernel.
    Class(Class),
}

/// Why there is no plan.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum PlanError {
    /// Something is wrong with files or configuration.
    Promises(PromiseError),
    /// The file defines no profile.
    NoProfile,
}

/// Plans the questions for the profiles of the first input.
///
/// # Errors
/// If the policy or the configuration cannot be used.
pub fn plan(workspace: &Workspace<'_>) -> Result<Plan, PlanError> {
    let promised = workspace.promised().map_err(PlanError::Promises)?;
    let policy = workspace.policy();
    let path = workspace.options().inputs.first();
    let mut plan = Plan {
        path: path.map(|input| input.path.clone()).unwrap_or_default(),
        absolute_includes: policy.store.absolute_includes(),
        ..Plan::default()
    };
    for (number, promised) in promised.iter().enumerate() {
        Planner::new(&mut plan, number, promised.profile, &policy).all(promised);
    }
    if plan.profiles.is_empty() {
        return Err(PlanError::NoProfile);
    }
    Ok(plan)
}

impl Plan {
    /// The number of a question; asked once, however many subjects it is for.
    pub(super) fn question(&mut self, profile: usize, class: Class, text: Vec<u8>) -> usize {
        let key = (profile, class, text);
        if let Some(number) = self.known.get(&key) {
            return *number;
        }
        let number = self.questions.len();
        if let Some(decider) = self.deciders.get(profile) {
            let question = decider.question(profile, class, key.2.clone());
            self.questions.push(question);
            self.known.insert(key, number);
        }
        number
    }

    /// Goes over to what a parser before 5.0 makes of the policy; gives how many questions are decided
    /// otherwise.
    pub(super) fn go_before_5(&mut self) -> usize {
        let mut count = 0;
        for question in &mut self.questions {
            question.allow |= question.before_5;
            count += usize::from(question.before_5 != 0);
        }
        count
    }

    /// Enters the rules that decide a witness of a subject.
    pub(super) fn enter_rules(&self, subject: &mut Subject, class: Class, text: &[u8], mask: u32) {
        let Some(decider) = self.deciders.get(subject.profile) else {
            return;
        };
        let matching = decider.effective.matching(class, text);
        for found in deciding(&matching, mask).winners {
            if subject.rules.len() >= MOST_RULES {
                return;
            }
            let rule = decider.rules.get(&found.rule());
            if let Some(rule) = rule.filter(|rule| !subject.rules.contains(rule)) {
                subject.rules.push(rule.clone());
            }
        }
    }
}

impl Decider {
    fn question(&self, profile: usize, class: Class, text: Vec<u8>) -> Question {
        let matching = self.effective.matching(class, &text);
        let entries: Vec<&Entry> = matching.iter().map(|found| found.entry).collect();
        let verdict = self.applied(class, combine(&entries));
        let is_uniform = samples(class, &text)
            .iter()
            .all(|sample| self.decided(class, sample).allow == verdict.allow);
        Question {
            profile,
            class,
            ask: Ask::of(class, &text).filter(|_| is_uniform),
            text,
            allow: verdict.allow,
            before_5: match class {
                Class::File => mmap_before_5(&entries, &verdict),
                _ => 0,
            },
            quiet: verdict.quiet,
            exec: verdict.exec,
        }
    }

    /// What the compiled policy holds. Complain and kill stand beside the rules there, not in them.
    pub(super) fn decided(&self, class: Class, text: &[u8]) -> Verdict {
        self.applied(class, self.effective.decide(class, text))
    }

    fn applied(&self, class: Class, verdict: Verdict) -> Verdict {
        match self.mode {
            ProfileMode::DefaultAllow | ProfileMode::Unconfined => {
                self.mode.applied(class, &verdict)
            }
            _ => verdict,
        }
    }
}

/// Requests that the kernel cannot tell from this one: of sockets it asks for family and type only.
fn samples(class: Class, text: &[u8]) -> Vec<Vec<u8>> {
    let (Class::Network, Some([family, kind])) = (class, text.get(..2)) else {
        return Vec::new();
    };
    let none: &[u8] = &[0, 0, 0];
    let local: &[u8] = &[4, 127, 0, 0, 1, 0x1f, 0x90];
    let mut samples = Vec::new();
    for protocol in [0, 1, 6, 17] {
        for address in [none, local] {
            let mut sample = vec![*family, *kind, protocol];
            sample.extend_from_slice(address);
            sample.extend_from_slice(none);
            samples.push(sample);
        }
    }
    samples
}

impl Question {
    /// The bits that the answer tells, for the owner of a file and for others.
    #[must_use]
    pub fn known(&self) -> u32 {
        match &self.ask {
            Some(Ask::Query(wire)) if wire.has_owner => wire.known() | wire.known() << bits::OTHER,
            Some(Ask::Query(wire)) => wire.known(),
            Some(Ask::Capability(_)) => 1,
            None => 0,
        }
    }
}
