//! The questions about a profile: for everything that is promised of it, and for its rules.

use rustc_hash::FxHashMap;

use super::RuleAt;
use super::plan::{Asked, Decider, Gap, Origin, Plan, Planned, Subject, SubjectKind};
use super::probe::requests;
use crate::access::{Class, Decision, Effective, Outcome, ProfileMode, Request, Unknown, Witness};
use crate::policy::{Fact, ProfileView};
use crate::session::{Policy, Promised};
use crate::source::Span;
use crate::syntax::ast::Mode;

/// Most examples of one part of a promise or rule: so many sets of rules that meet in it.
const MOST_WITNESSES: usize = 24;

/// Plans the questions about one profile.
pub(super) struct Planner<'a, 'p> {
    plan: &'a mut Plan,
    number: usize,
    profile: &'a ProfileView<'p>,
    policy: &'a Policy<'p>,
    effective: Effective,
    mode: ProfileMode,
}

impl<'a, 'p> Planner<'a, 'p> {
    pub(super) fn new(
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
        let effective = policy.effective(profile);
        plan.deciders.push(Decider {
            rules: rules(&effective, profile, policy),
            effective: effective.clone(),
            mode,
        });
        Self {
            plan,
            number,
            profile,
            policy,
            effective,
            mode,
        }
    }

    /// Enters everything that is promised of it, and its rules.
    pub(super) fn all(&mut self, promised: &Promised<'_>) {
        let sources = &self.policy.store.sources;
        let (env, name) = (&self.profile.env, &self.profile.full_name);
        for promise in &promised.promises {
            let kind = match promise.intent {
                Some(name) => SubjectKind::Intent(name.to_owned()),
                None => SubjectKind::Assertion,
            };
            let request = Request::of_rule(promise.rule, promise.file, sources, env, name);
            let is_deny = promise.rule.qualifiers.is_deny();
            self.subject(kind, promise.span(), is_deny, request);
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
            self.subject(SubjectKind::Rule, span, is_deny, request);
        }
        for promise in &promised.pledged {
            let request = Request::of_rule(promise.rule, promise.file, sources, env, name);
            let Some(request) = request else { continue };
            let is_deny = promise.rule.qualifiers.is_deny();
            if self.keeps(&request, is_deny) {
                let kind = SubjectKind::Lint(promise.intent.unwrap_or_default().to_owned());
                self.subject(kind, promise.span(), is_deny, Some(request));
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

    fn subject(&mut self, kind: SubjectKind, span: Span, is_deny: bool, request: Option<Request>) {
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
            request,
        };
        if let Some(request) = subject.request.take() {
            self.questions(&request, &mut subject);
            subject.request = Some(request);
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
            self.plan.enter_rules(subject, class, &text, mask);
            let twins = twins(class, &text);
            let question = self.plan.question(self.number, class, text);
            let asked = self.plan.questions.get(question);
            if asked.is_none_or(|question| question.ask.is_none()) {
                subject.gap.get_or_insert(Gap::Class(class));
            }
            let asked = Asked {
                question,
                mask,
                alone,
                origin: Origin::Example,
            };
            if !subject.witnesses.contains(&asked) {
                subject.witnesses.push(asked);
            }
            for twin in twins {
                let twin = self.plan.question(self.number, class, twin);
                subject.twins.push(twin);
            }
        }
    }

    /// Adds the examples that a probe can make.
    fn real(&mut self, request: &Request, subject: &mut Subject) {
        for want in &request.wants {
            for text in requests(want.class, &self.profile.full_name) {
                if want.program.matches(&text) {
                    let asked = Asked {
                        question: self.plan.question(self.number, want.class, text),
                        mask: want.mask,
                        alone: want.alone(),
                        origin: Origin::Example,
                    };
                    subject.witnesses.push(asked);
                }
            }
        }
    }
}

/// Where each rule of a profile is written, by segment and number there.
fn rules(
    effective: &Effective,
    profile: &ProfileView<'_>,
    policy: &Policy<'_>,
) -> FxHashMap<(usize, u32), RuleAt> {
    let mut rules = FxHashMap::default();
    for found in Class::ALL
        .iter()
        .flat_map(|class| effective.entries(*class))
    {
        if let Some(rule) = RuleAt::of(&found, profile, policy) {
            rules.insert(found.rule(), rule);
        }
    }
    rules
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
