//! What will be asked of the kernel. A plan is finished when somebody has it: what changes it gives a new one.

use super::decider::ProfileDecider;
use crate::access::{Class, Exec, Outcome, ProfileMode, Request, bits};
use crate::session::RuleAt;
use crate::source::ResolvedSpan;
use crate::verify::kernel::Ask;
use crate::verify::{PlannedId, QuestionId, SubjectId, Table};

/// What will be asked.
#[derive(Clone, Debug, Default)]
pub struct Plan {
    /// The file that defines the profiles.
    pub path: String,
    /// The profiles, children and hats.
    pub profiles: Table<PlannedId, Planned>,
    /// Promises and rules.
    pub subjects: Table<SubjectId, Subject>,
    /// The questions, each once.
    pub questions: Table<QuestionId, Question>,
    /// The absolute paths of what the policy includes by such a path: the parser goes there itself.
    pub absolute_includes: Vec<String>,
    /// The container whose image the files were looked up in, before anything runs.
    pub image_of: Option<String>,
    /// What the profiles decide.
    pub(in crate::verify) deciders: Table<PlannedId, ProfileDecider>,
}

/// A profile that is asked.
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
    /// The profile that is asked.
    pub profile: PlannedId,
    /// The kind of request.
    pub class: Class,
    /// Its string.
    pub text: Vec<u8>,
    /// What aalint says is allowed: the bits that the compiled policy must hold.
    pub allow: u32,
    /// What parsers before 5.0 allow as well: [`crate::access::mmap_before_5`].
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
    /// The profile.
    pub profile: PlannedId,
    /// What makes the promise.
    pub kind: SubjectKind,
    /// The promise or rule as written.
    pub text: String,
    /// Where it is written.
    pub place: ResolvedSpan,
    /// Whether it promises that everything is refused; else, that everything is allowed.
    pub is_deny: bool,
    /// How it is decided as a whole, by the profile's mode.
    pub decided: Outcome,
    /// The questions that show it.
    pub witnesses: Vec<Asked>,
    /// Questions about neighbouring paths, which show that aalint and the kernel agree on where a pattern ends.
    pub neighbours: Vec<QuestionId>,
    /// The rules that decide its witnesses, the first few.
    pub rules: Vec<RuleAt>,
    /// Why it cannot be asked about, or not wholly.
    pub gap: Option<Gap>,
    /// What it is about; `None` where the policy does not tell.
    pub request: Option<Request>,
}

/// What makes a promise.
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
    /// The question.
    pub question: QuestionId,
    /// The permissions that it is about.
    pub mask: u32,
    /// Those of them that mean something alone.
    pub alone: u32,
    /// Where it comes from.
    pub origin: WitnessOrigin,
}

/// Where a witness comes from.
#[derive(Copy, Clone, PartialEq, Eq, Debug)]
pub enum WitnessOrigin {
    /// An example from the search over the policy.
    Example,
    /// A file that is there.
    Existing,
    /// Symbolic links: the path of this question leads there.
    Link(QuestionId),
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
    /// No request matches the description.
    Nothing,
    /// Requests of this class are not put to the kernel.
    Class(Class),
}

impl Plan {
    /// The plan for what a parser before 5.0 makes of the policy.
    #[must_use]
    pub fn for_parser_before_5(mut self) -> Self {
        for question in &mut self.questions {
            question.allow |= question.before_5;
        }
        self
    }

    /// How many questions a parser before 5.0 decides otherwise than later ones.
    #[must_use]
    pub fn differing_before_5(&self) -> usize {
        let differing = self.questions.iter();
        differing.filter(|one| one.before_5 != 0).count()
    }
}

#[cfg(test)]
impl Plan {
    /// A plan of profiles with these names, and without questions.
    pub(in crate::verify) fn of_names(names: &[&str]) -> Self {
        let profile = |name: &&str| Planned {
            name: (*name).to_owned(),
            mode: ProfileMode::Enforce,
            is_child: name.contains("//"),
            attachment: None,
        };
        let mut plan = Self::default();
        plan.profiles.extend(names.iter().map(profile));
        plan
    }
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
