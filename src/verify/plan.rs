//! What to ask the kernel: made from the policy alone.

use rustc_hash::FxHashMap;

use super::RuleAt;
use super::probe::requests;
use super::wire::Ask;
use crate::access::{
    Class, Decision, Effective, Exec, Outcome, ProfileMode, Request, Unknown, Verdict, Witness,
    bits, deciding,
};
use crate::policy::{Fact, ProfileView};
use crate::rules;
use crate::session::{Options, Policy, PromiseError, Promised, with_promises};
use crate::source::{Span, Vfs};
use crate::syntax::ast::Mode;

/// Most examples of one part of a promise or rule: so many sets of rules that meet in it.
const MOST_WITNESSES: usize = 24;

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
    /// What aalint says is refused without record.
    pub quiet: u32,
    /// How it is asked; `None` where it cannot be.
    pub ask: Option<Ask>,
    /// What an exec leads to, for the owner of the program and for others.
    pub exec: [Option<Exec>; 2],
}

/// Something that is promised, and that the kernel is to confirm.
#[derive(Clone, PartialEq, Eq, Debug)]
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
}

/// Why something is not asked.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Gap {
    /// It cannot be decided from the policy: a variable has no value, an include is missing.
    Undecidable,
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
pub fn plan(vfs: &dyn Vfs, options: &Options) -> Result<Plan, PlanError> {
    let path = options.inputs.first().map(|input| input.path.clone());
    let mut plan = Plan {
        path: path.unwrap_or_default(),
        ..Plan::default()
    };
    with_promises(vfs, options, rules::all(), |policy, promised| {
        for (number, promised) in promised.iter().enumerate() {
            Planner::new(&mut plan, number, promised.profile, policy).all(promised);
        }
    })
    .map_err(PlanError::Promises)?;
    if plan.profiles.is_empty() {
        return Err(PlanError::NoProfile);
    }
    Ok(plan)
}

struct Planner<'a, 'p> {
    plan: &'a mut Plan,
    number: usize,
    profile: &'a ProfileView<'p>,
    policy: &'a Policy<'p>,
    effective: Effective,
    mode: ProfileMode,
    known: FxHashMap<(Class, Vec<u8>), usize>,
}

impl<'a, 'p> Planner<'a, 'p> {
    fn new(
        plan: &'a mut Plan,
        number: usize,
        profile: &'a ProfileView<'p>,
        policy: &'a Policy<'p>,
    ) -> Self {
        let source = &policy.store.sources.get(profile.file).text;
        let mode = ProfileMode::of(profile, source);
        plan.profiles.push(Planned {
            name: profile.full_name.clone(),
            mode,
            is_child: profile.parent.is_some(),
        });
        Self {
            plan,
            number,
            profile,
            policy,
            effective: policy.effective(profile),
            mode,
            known: FxHashMap::default(),
        }
    }

    fn all(&mut self, promised: &Promised<'_>) {
        let sources = &self.policy.store.sources;
        let (env, name) = (&self.profile.env, &self.profile.full_name);
        for promise in &promised.promises {
            let kind = match promise.intent {
                Some(name) => SubjectKind::Intent(name.to_owned()),
                None => SubjectKind::Assertion,
            };
            let request = Request::of_rule(promise.rule, promise.file, sources, env, name);
            let is_deny = promise.rule.qualifiers.is_deny();
            self.subject(kind, promise.span(), is_deny, request.as_ref());
        }
        let facts: Vec<&Fact<'_>> = self
            .profile
            .facts(self.policy.digests)
            .map(|(_, fact)| fact)
            .collect();
        for fact in facts {
            let request = Request::of_rule(fact.rule, fact.file, sources, env, name);
            let span = fact.rule.range.in_file(fact.file);
            let is_deny = fact.mode == Mode::Deny;
            self.subject(SubjectKind::Rule, span, is_deny, request.as_ref());
        }
        for promise in &promised.pledged {
            let request = Request::of_rule(promise.rule, promise.file, sources, env, name);
            let Some(request) = request else { continue };
            let is_deny = promise.rule.qualifiers.is_deny();
            if self.keeps(&request, is_deny) {
                let kind = SubjectKind::Lint(promise.intent.unwrap_or_default().to_owned());
                self.subject(kind, promise.span(), is_deny, Some(&request));
            }
        }
    }

    /// Whether the policy keeps what a lint rule takes for granted, once it is enforced.
    fn keeps(&self, request: &Request, is_deny: bool) -> bool {
        let decision = Decision::of(
            &self.effective,
            request,
            self.mode.once_enforced(),
            self.profile,
            self.policy.digests,
        );
        match decision.outcome {
            Outcome::Allowed => !is_deny,
            Outcome::Denied | Outcome::Unmatched | Outcome::Refused => is_deny,
            Outcome::Asked | Outcome::Partly | Outcome::Unknown => false,
        }
    }

    fn subject(&mut self, kind: SubjectKind, span: Span, is_deny: bool, request: Option<&Request>) {
        let sources = &self.policy.store.sources;
        // What a lint rule promises is written in no file of the policy.
        let place = match kind {
            SubjectKind::Lint(_) => self.profile.name_span(),
            _ => span,
        };
        let source = sources.get(place.file);
        let at = source.position(place.range.start);
        let mut subject = Subject {
            profile: self.number,
            kind,
            text: sources.slice(span).trim().trim_end_matches(',').to_owned(),
            place: (source.path.clone(), at.line, at.column),
            is_deny,
            decided: Outcome::Unknown,
            witnesses: Vec::new(),
            twins: Vec::new(),
            rules: Vec::new(),
            gap: Some(Gap::Undecidable),
        };
        if let Some(request) = request {
            self.questions(request, &mut subject);
        }
        self.plan.subjects.push(subject);
    }

    fn questions(&mut self, request: &Request, subject: &mut Subject) {
        let decision = Decision::of(
            &self.effective,
            request,
            self.mode,
            self.profile,
            self.policy.digests,
        );
        subject.decided = decision.outcome;
        subject.gap = match (decision.outcome, decision.open) {
            (Outcome::Unknown, Some(Unknown::TooComplex)) => Some(Gap::TooComplex),
            (Outcome::Unknown, Some(Unknown::Nothing)) => Some(Gap::Nothing),
            (Outcome::Unknown, _) => Some(Gap::Undecidable),
            _ => None,
        };
        let Ok(witnesses) = self.effective.witnesses(request, MOST_WITNESSES) else {
            subject.gap = Some(Gap::TooComplex);
            return;
        };
        self.real(request, subject);
        for Witness {
            class,
            text,
            mask,
            alone,
            ..
        } in witnesses
        {
            self.deciding(class, &text, mask, subject);
            let twins = twins(class, &text);
            let question = self.question(class, text);
            let asked = self.plan.questions.get(question);
            if asked.is_none_or(|question| question.ask.is_none()) {
                subject.gap.get_or_insert(Gap::Class(class));
            }
            let asked = Asked {
                question,
                mask,
                alone,
            };
            if !subject.witnesses.contains(&asked) {
                subject.witnesses.push(asked);
            }
            for twin in twins {
                let twin = self.question(class, twin);
                subject.twins.push(twin);
            }
        }
    }

    /// Enters the rules that decide a witness.
    fn deciding(&self, class: Class, text: &[u8], mask: u32, subject: &mut Subject) {
        let matching = self.effective.matching(class, text);
        for found in deciding(&matching, mask).winners {
            if subject.rules.len() >= MOST_RULES {
                return;
            }
            let rule = RuleAt::of(&found, self.profile, self.policy);
            if let Some(rule) = rule.filter(|rule| !subject.rules.contains(rule)) {
                subject.rules.push(rule);
            }
        }
    }

    /// Adds the examples that a probe can make.
    fn real(&mut self, request: &Request, subject: &mut Subject) {
        for want in &request.wants {
            for text in requests(want.class, &self.profile.full_name) {
                if want.program.matches(&text) {
                    let asked = Asked {
                        question: self.question(want.class, text),
                        mask: want.mask,
                        alone: want.alone(),
                    };
                    subject.witnesses.push(asked);
                }
            }
        }
    }

    /// The number of a question; asked once, however many subjects it is for.
    fn question(&mut self, class: Class, text: Vec<u8>) -> usize {
        if let Some(number) = self.known.get(&(class, text.clone())) {
            return *number;
        }
        let verdict = self.decided(class, &text);
        let number = self.plan.questions.len();
        let is_uniform = samples(class, &text)
            .iter()
            .all(|sample| self.decided(class, sample).allow == verdict.allow);
        self.known.insert((class, text.clone()), number);
        self.plan.questions.push(Question {
            profile: self.number,
            class,
            ask: Ask::of(class, &text).filter(|_| is_uniform),
            text,
            allow: verdict.allow,
            quiet: verdict.quiet,
            exec: verdict.exec,
        });
        number
    }

    /// What the compiled policy holds. Complain and kill stand beside the rules there, not in them.
    fn decided(&self, class: Class, text: &[u8]) -> Verdict {
        let verdict = self.effective.decide(class, text);
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

/// Paths just beside one: longer, shorter, and the directory of that name or the file.
fn twins(class: Class, text: &[u8]) -> Vec<Vec<u8>> {
    if class != Class::File || text.contains(&0) || text.len() < 2 {
        return Vec::new();
    }
    let (stem, is_directory) = match text.strip_suffix(b"/") {
        Some(stem) => (stem, true),
        None => (text, false),
    };
    let other = if is_directory {
        stem.to_vec()
    } else {
        [text, b"/"].concat()
    };
    let mut twins = vec![[stem, b"X"].concat(), other];
    let shorter = stem.split_last().map(|(_, rest)| rest.to_vec());
    twins.extend(shorter.filter(|rest| rest.len() > 1 && !rest.ends_with(b"/")));
    twins.retain(|twin| !twin.is_empty());
    twins
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
