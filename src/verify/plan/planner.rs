//! The questions about a profile: for everything that is promised of it, and for its rules.

use rayon::prelude::*;
use rustc_hash::FxHashMap;

use super::builder::PlanBuilder;
use super::decider::ProfileDecider;
use super::feasible::requests;
use super::model::{Asked, Gap, Plan, Planned, Subject, SubjectKind, WitnessOrigin};
use crate::access::perms::change_profile;
use crate::access::{Class, Decision, Effective, Outcome, ProfileMode, Request, Unknown, Witness};
use crate::policy::{ProfileView, RuleId};
use crate::session::{Policy, PromiseError, Promised, RuleAt, Workspace};
use crate::source::{ResolvedSpan, Span};
use crate::syntax::ast::Mode;
use crate::verify::PlannedId;

/// Maximum number of examples of one part of a promise or rule: one for each set of rules that intersect in it.
const MAX_WITNESSES: usize = 24;

/// Why there is no plan.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
pub enum PlanError {
    /// Something is wrong with files or configuration.
    #[error(transparent)]
    Promises(#[from] PromiseError),
    /// The file defines no profile; its path.
    #[error("{0} defines no profile")]
    NoProfile(String),
}

/// Plans the questions for the profiles of the first input, from the policy alone.
///
/// # Errors
/// If the policy or the configuration cannot be used.
pub fn plan(workspace: &Workspace<'_>) -> Result<Plan, PlanError> {
    let promised = workspace.promised()?;
    let policy = workspace.policy();
    let path = workspace.options().inputs.first();
    let mut builder = PlanBuilder::from(Plan {
        path: path.map(|input| input.path.clone()).unwrap_or_default(),
        absolute_includes: policy.store.absolute_includes(),
        ..Plan::default()
    });
    for promised in &promised {
        Planner::new(&mut builder, promised.profile, &policy).all(promised);
    }
    let plan = builder.finish();
    if plan.profiles.is_empty() {
        return Err(PlanError::NoProfile(plan.path));
    }
    Ok(plan)
}

/// A promise or rule for which questions are to be found.
struct Draft {
    kind: SubjectKind,
    /// Where it is written.
    span: Span,
    is_deny: bool,
    request: Option<Request>,
}

/// What the searches found for a draft.
struct Found {
    decided: Outcome,
    gap: Option<Gap>,
    witnesses: Option<Vec<Witness>>,
}

impl Default for Found {
    fn default() -> Self {
        Self {
            decided: Outcome::Unknown,
            gap: Some(Gap::Undecidable),
            witnesses: None,
        }
    }
}

/// Plans the questions about one profile.
struct Planner<'a, 'p> {
    builder: &'a mut PlanBuilder,
    id: PlannedId,
    profile: &'a ProfileView<'p>,
    policy: &'a Policy<'p>,
    effective: Effective,
    mode: ProfileMode,
}

impl<'a, 'p> Planner<'a, 'p> {
    fn new(
        builder: &'a mut PlanBuilder,
        profile: &'a ProfileView<'p>,
        policy: &'a Policy<'p>,
    ) -> Self {
        let source = &policy.store.sources.get(profile.file).text;
        let mode = ProfileMode::of(profile, source);
        let id = builder.plan.profiles.push(Planned {
            name: profile.full_name.clone(),
            mode,
            is_child: profile.parent.is_some(),
            attachment: profile.attachment.clone(),
        });
        let effective = policy.effective(profile);
        builder.plan.deciders.push(ProfileDecider {
            rules: rules(&effective, profile, policy),
            effective: effective.clone(),
            mode,
        });
        Self {
            builder,
            id,
            profile,
            policy,
            effective,
            mode,
        }
    }

    /// Enters everything that is promised of it, and its rules.
    fn all(&mut self, promised: &Promised<'_>) {
        let sources = &self.policy.store.sources;
        let (env, name) = (&self.profile.env, &self.profile.name);
        let mut drafts = Vec::new();
        for promise in &promised.promises {
            drafts.push(Draft {
                kind: match promise.intent {
                    Some(name) => SubjectKind::Intent(name.to_owned()),
                    None => SubjectKind::Assertion,
                },
                span: promise.span(),
                is_deny: promise.rule.qualifiers.is_deny(),
                request: Request::of_rule(promise.rule, promise.file, sources, env, name),
            });
        }
        for (_, fact) in self.profile.facts(self.policy.summaries) {
            drafts.push(Draft {
                kind: SubjectKind::Rule,
                span: fact.rule.range.in_file(fact.file),
                is_deny: fact.mode == Mode::Deny,
                request: Request::of_rule(fact.rule, fact.file, sources, env, name),
            });
        }
        for promise in &promised.implied {
            drafts.push(Draft {
                kind: SubjectKind::Lint(promise.intent.unwrap_or_default().to_owned()),
                span: promise.span(),
                is_deny: promise.rule.qualifiers.is_deny(),
                request: Request::of_rule(promise.rule, promise.file, sources, env, name),
            });
        }
        // Searches take the time; what they find is entered in order.
        let found: Vec<Option<Found>> = drafts.par_iter().map(|draft| self.search(draft)).collect();
        for (draft, found) in drafts.into_iter().zip(found) {
            if let Some(found) = found {
                self.subject(draft, found);
            }
        }
    }

    /// How it is decided, with examples. `None` for what a lint rule implies and the policy does not
    /// keep, once it is enforced.
    fn search(&self, draft: &Draft) -> Option<Found> {
        let is_lint = matches!(draft.kind, SubjectKind::Lint(_));
        let Some(request) = &draft.request else {
            return (!is_lint).then(Found::default);
        };
        let decide = |mode| {
            let (effective, summaries) = (&self.effective, self.policy.summaries);
            let decision = Decision::of(effective, request, mode, self.profile, summaries);
            (decision.outcome, decision.open)
        };
        let (outcome, open) = decide(self.mode);
        if is_lint {
            let enforced = self.mode.once_enforced();
            let once_enforced = match enforced == self.mode {
                true => outcome,
                false => decide(enforced).0,
            };
            if !is_kept(once_enforced, draft.is_deny) {
                return None;
            }
        }
        let witnesses = self.effective.witnesses(&askable(request), MAX_WITNESSES);
        let gap = match (outcome, open) {
            _ if witnesses.is_err() => Some(Gap::TooComplex),
            (Outcome::Unknown, Some(Unknown::TooComplex)) => Some(Gap::TooComplex),
            (Outcome::Unknown, Some(Unknown::Nothing)) => Some(Gap::Nothing),
            (Outcome::Unknown, Some(Unknown::Addresses(..))) => Some(Gap::Addresses),
            (Outcome::Unknown, _) => Some(Gap::Undecidable),
            _ => None,
        };
        Some(Found {
            decided: outcome,
            gap,
            witnesses: witnesses.ok(),
        })
    }

    fn subject(&mut self, draft: Draft, found: Found) {
        let sources = &self.policy.store.sources;
        // What a lint rule promises is written in no file of the policy.
        let place = match draft.kind {
            SubjectKind::Lint(_) => self.profile.name_span(),
            _ => draft.span,
        };
        let text = sources.shown(draft.span).trim();
        let mut subject = Subject {
            profile: self.id,
            kind: draft.kind,
            text: text.trim_end_matches(',').to_owned(),
            place: ResolvedSpan::of(place, sources),
            is_deny: draft.is_deny,
            decided: found.decided,
            witnesses: Vec::new(),
            neighbours: Vec::new(),
            rules: Vec::new(),
            gap: found.gap,
            request: None,
        };
        if let (Some(request), Some(witnesses)) = (&draft.request, found.witnesses) {
            self.real(request, &mut subject);
            self.enter(witnesses, &mut subject);
        }
        subject.request = draft.request;
        self.builder.plan.subjects.push(subject);
    }

    /// Enters examples, and what lies beside them.
    fn enter(&mut self, witnesses: Vec<Witness>, subject: &mut Subject) {
        for Witness {
            class,
            text,
            mask,
            alone,
            ..
        } in witnesses.into_iter().flat_map(put_apart)
        {
            self.builder.enter_rules(subject, class, &text, mask);
            let neighbours = neighbours(class, &text);
            let question = self.builder.question(self.id, class, text);
            let asked = self.builder.plan.questions.get(question);
            if asked.is_none_or(|question| question.ask.is_none()) {
                subject.gap.get_or_insert(Gap::Class(class));
            }
            let asked = Asked {
                question,
                mask,
                alone,
                origin: WitnessOrigin::Example,
            };
            if !subject.witnesses.contains(&asked) {
                subject.witnesses.push(asked);
            }
            for neighbour in neighbours {
                let neighbour = self.builder.question(self.id, class, neighbour);
                subject.neighbours.push(neighbour);
            }
        }
    }

    /// Adds the examples that a probe can make.
    fn real(&mut self, request: &Request, subject: &mut Subject) {
        for want in &request.wants {
            for text in requests(want.class, &self.profile.full_name) {
                if want.nfa.matches(&text) {
                    let asked = Asked {
                        question: self.builder.question(self.id, want.class, text),
                        mask: want.mask,
                        alone: want.alone(),
                        origin: WitnessOrigin::Example,
                    };
                    subject.witnesses.push(asked);
                }
            }
        }
    }
}

/// A request for sockets without their addresses: the kernel is asked for family and type, those of unix included.
fn askable(request: &Request) -> Request {
    let mut request = request.clone();
    if request
        .wants
        .iter()
        .any(|want| want.class == Class::Network)
    {
        request.wants.retain(|want| want.class != Class::Unix);
    }
    request
}

/// A change at an exec as the kernel is asked about it: label, program and both together are three questions. Where one
/// of them refuses it, that one shows it.
fn put_apart(witness: Witness) -> Vec<Witness> {
    let at = witness.text.iter().position(|byte| *byte == 0);
    let (Class::ChangeProfile, Some(at)) = (witness.class, at) else {
        return vec![witness];
    };
    let part = |bit: u32, text: &[u8]| Witness {
        text: text.to_vec(),
        mask: change_profile::ON_EXEC,
        alone: if witness.verdict.allow & bit == 0 {
            change_profile::ON_EXEC
        } else {
            0
        },
        ..witness.clone()
    };
    let (program, label) = witness.text.split_at(at);
    let parts = [
        (
            change_profile::LABEL_ON_EXEC,
            label.get(1..).unwrap_or_default(),
        ),
        (change_profile::PROGRAM_ON_EXEC, program),
    ];
    let parts = parts.map(|(bit, text)| part(bit, text));
    let refusing = parts.iter().find(|part| part.alone != 0);
    if let Some(refusing) = refusing {
        return vec![refusing.clone()];
    }
    let [label, program] = parts;
    let whole = Witness {
        mask: change_profile::ON_EXEC,
        alone: change_profile::ON_EXEC,
        ..witness
    };
    vec![whole, label, program]
}

/// Whether a promise is kept.
const fn is_kept(outcome: Outcome, is_deny: bool) -> bool {
    match outcome {
        Outcome::Allowed => !is_deny,
        Outcome::Denied | Outcome::Unmatched | Outcome::Refused => is_deny,
        Outcome::Asked | Outcome::Partly | Outcome::Unknown => false,
    }
}

/// Where each rule of a profile is written.
fn rules(
    effective: &Effective,
    profile: &ProfileView<'_>,
    policy: &Policy<'_>,
) -> FxHashMap<RuleId, RuleAt> {
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
fn neighbours(class: Class, text: &[u8]) -> Vec<Vec<u8>> {
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
    let mut neighbours = vec![[stem, b"X"].concat(), other];
    let shorter = stem.split_last().map(|(_, rest)| rest.to_vec());
    neighbours.extend(shorter.filter(|rest| rest.len() > 1 && !rest.ends_with(b"/")));
    neighbours.retain(|neighbour| !neighbour.is_empty());
    neighbours
}
