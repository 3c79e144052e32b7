//! Requests put to a profile.

use std::sync::Arc;

use super::links::{FollowedLink, Led, LinkElsewhere, led};
use super::policy::Policy;
use super::request::{FaultyRequest, faults};
use super::rule_selection::CommandLine;
use super::veil::Veil;
use super::workspace::Workspace;
use crate::access::{
    Decision, EntryRef, Example, Lost, Outcome, ProfileMode, Request, Ruling, Unknown,
};
use crate::containers::ContainerView;
use crate::diagnostic::{Diagnostic, Severity};
use crate::glob::Nfa;
use crate::lint::Rule;
use crate::policy::{Limit, ProfileView, RuleId, Store};
use crate::source::{FileId, Span, Vfs};
use crate::syntax::ast::PolicyRule;

/// Why nobody can be asked.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum QueryError {
    /// A file cannot be read; its path and why.
    Unreadable(String, String),
    /// The file defines no profile.
    NoProfile,
    /// It defines several, and none was named; their names.
    Several(Vec<String>),
    /// It defines none of that name; the names of those that it defines.
    NoSuchProfile(String, Vec<String>),
}

/// What came of a query.
#[derive(Debug, Default)]
pub struct Answers {
    /// All files that were read, and the requests behind them.
    pub store: Arc<Store>,
    /// The profile's full name.
    pub profile: String,
    /// Its header.
    pub header: Option<Span>,
    /// Its mode.
    pub mode: ProfileMode,
    /// The answers, in the order of the requests.
    pub answers: Vec<Answered>,
    /// What is no request; then there are no answers.
    pub faults: Vec<FaultyRequest>,
    /// Whether something is wrong with the file that keeps the parser from loading it.
    pub is_faulty: bool,
}

/// A request and its answer.
#[derive(Clone, Debug)]
pub struct Answered {
    /// The request as written.
    pub request: String,
    /// How it is decided as a whole.
    pub outcome: Outcome,
    /// An example of each way in which a part of it is decided.
    pub examples: Vec<Shown>,
    /// What the answer depends on and is not known.
    pub open: Option<Obstacle>,
    /// The link that was followed: the answer is for the path that it leads to.
    pub followed: Option<FollowedLink>,
    /// Where links would change the answer.
    pub elsewhere: Vec<LinkElsewhere>,
}

/// An example, with places instead of entries.
#[derive(Clone, Debug)]
pub struct Shown {
    /// How it is decided.
    pub ruling: Ruling,
    /// It as a request.
    pub request: String,
    /// Whether the mode decides, and no rule.
    pub by_mode: bool,
    /// The rules that decide.
    pub winners: Vec<RulePlace>,
    /// Those that say something else and lose, and why.
    pub losers: Vec<(RulePlace, Lost)>,
}

/// The place of a rule.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct RulePlace {
    /// The rule.
    pub span: Span,
    /// The include statements that lead there, outermost first.
    pub via: Vec<Span>,
}

/// What an answer depends on and is not known.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Obstacle {
    /// An include that cannot be read, or a condition that cannot be decided.
    Include(Span),
    /// What is not followed because of a limit of aalint.
    Limit(Span, Limit),
    /// A rule that cannot be read.
    Rule(RulePlace),
    /// A `network` rule with addresses: whether they restrict it depends on the kernel.
    Addresses(RulePlace),
    /// Two rules that disagree.
    Conflict(RulePlace, RulePlace),
    /// It would take too long.
    TooComplex,
    /// Nothing is what the request describes.
    Nothing,
}

impl Workspace<'_> {
    /// Puts the requests of the options to the profile of that name, or to the only one.
    ///
    /// # Errors
    /// If there is no such profile, or its file cannot be read.
    pub fn query(&self, profile: Option<&str>, rules: &[Rule]) -> Result<Answers, QueryError> {
        let policy = self.policy();
        if let Some((path, why)) = policy.failures.first() {
            return Err(QueryError::Unreadable(path.clone(), why.clone()));
        }
        let config = self.options().config.as_ref();
        let hidden = config.filter(|file| self.files().is_outside(&file.path));
        let hidden = hidden.map(|file| file.text.as_str());
        let veil = Veil::over(&[&policy.store.sources], hidden);
        let profile = choose(&policy, profile, veil.as_ref())?;
        let views = self.views_of(profile);
        let requests = &self.material().requests;
        let mut answers = answer(&policy, profile, &views, requests, rules);
        if let Some(veil) = veil {
            veil.draw_over_answers(&mut answers);
        }
        answers.is_faulty = self.has_errors(rules);
        answers.store = Arc::clone(self.store());
        Ok(answers)
    }

    /// How a profile decides what a rule of `file` is about; `None` if the rule is about nothing that could be asked for, or
    /// cannot be read.
    #[must_use]
    pub fn decided(
        &self,
        profile: &ProfileView<'_>,
        rule: &PolicyRule,
        file: FileId,
    ) -> Option<Answered> {
        let policy = self.policy();
        let sources = &policy.store.sources;
        let request = Request::of_rule(rule, file, sources, &profile.env, &profile.name)?;
        let mode = ProfileMode::of(profile, &sources.get(profile.file).text);
        let effective = self.context().effective(profile);
        let decision = Decision::of(&effective, &request, mode, profile, policy.summaries);
        let text = sources.shown(rule.range.in_file(file));
        let mut answers = Answers {
            answers: vec![answered(text, &decision, profile, &policy)],
            ..Answers::default()
        };
        if let Some(veil) = Veil::over(&[sources], None) {
            veil.draw_over_answers(&mut answers);
        }
        answers.answers.pop()
    }

    /// Whether a file has errors that keep the parser from loading it.
    pub(super) fn has_errors(&self, rules: &[Rule]) -> bool {
        let mut files = self.store().iter();
        let is_odd = files.any(|(_, loaded)| !loaded.file.faults.is_empty())
            || self.units().iter().any(|unit| !unit.problems.is_empty());
        let errors = CommandLine {
            select: vec!["AA1".to_owned()],
            ..CommandLine::default()
        };
        let is_error = |found: &Diagnostic| found.severity == Severity::Error;
        is_odd
            && self
                .check_selected(&errors, rules)
                .findings
                .iter()
                .any(is_error)
    }
}

/// The profile of that name, or the only one that is no child.
pub(super) fn choose<'p>(
    policy: &Policy<'p>,
    name: Option<&str>,
    veil: Option<&Veil>,
) -> Result<&'p ProfileView<'p>, QueryError> {
    let names = || {
        let names = policy.profiles().map(|profile| profile.full_name.clone());
        names.filter(|name| veil.is_none_or(|veil| !veil.is_over(name)))
    };
    match name {
        Some(name) => policy
            .profiles()
            .find(|profile| profile.full_name == name)
            .ok_or_else(|| QueryError::NoSuchProfile(name.to_owned(), names().collect())),
        None => {
            let mut outer = policy.profiles().filter(|profile| profile.parent.is_none());
            match (outer.next(), outer.next()) {
                (Some(only), None) => Ok(only),
                (None, _) => Err(QueryError::NoProfile),
                _ => Err(QueryError::Several(names().collect())),
            }
        }
    }
}

fn answer(
    policy: &Policy<'_>,
    profile: &ProfileView<'_>,
    views: &[&ContainerView],
    asked: &[Span],
    rules: &[Rule],
) -> Answers {
    let sources = &policy.store.sources;
    let mut answers = Answers {
        profile: profile.full_name.clone(),
        header: Some(profile.ast.header.in_file(profile.file)),
        mode: ProfileMode::of(profile, &sources.get(profile.file).text),
        ..Answers::default()
    };
    let effective = policy.effective(profile);
    let (mode, summaries) = (answers.mode, policy.summaries);
    let decide = |request: &Request| Decision::of(&effective, request, mode, profile, summaries);
    for span in asked {
        let text = sources.slice(*span);
        let request = match Request::read(text, &profile.env, &profile.name) {
            Ok(request) => request,
            Err(fault) => {
                let found = faults(*span, text, &fault, profile, rules);
                answers.faults.extend(found);
                continue;
            }
        };
        let (request, followed, places) = match led(&request, views) {
            Some(Led::Followed(link)) => {
                let real = request.about(Nfa::literal(link.real.as_bytes()));
                (real, Some(link), Vec::new())
            }
            Some(Led::Elsewhere(places)) => (request, None, places),
            None => (request, None, Vec::new()),
        };
        let decision = decide(&request);
        let elsewhere = places.into_iter().filter_map(|(place, real)| {
            let outcome = decide(&request.about(Nfa::path(&real).ok()?)).outcome;
            (outcome != decision.outcome).then(|| LinkElsewhere {
                place,
                path: request.file.clone().unwrap_or_default(),
                real,
                outcome,
            })
        });
        answers.answers.push(Answered {
            elsewhere: elsewhere.collect(),
            followed,
            ..answered(text, &decision, profile, policy)
        });
    }
    if !answers.faults.is_empty() {
        answers.answers.clear();
    }
    answers
}

fn answered(
    text: &str,
    decision: &Decision<'_>,
    profile: &ProfileView<'_>,
    policy: &Policy<'_>,
) -> Answered {
    let numbered = |rule: RuleId| place(rule, profile, policy);
    let of_entry = |found: &EntryRef<'_>| numbered(found.rule());
    let shown = |example: &Example<'_>| Shown {
        ruling: example.ruling,
        request: example.show(),
        by_mode: example.by_mode,
        winners: example
            .deciding
            .winners
            .iter()
            .filter_map(of_entry)
            .collect(),
        losers: example
            .deciding
            .losers
            .iter()
            .filter_map(|(found, why)| Some((of_entry(found)?, *why)))
            .collect(),
    };
    let open = decision.open.and_then(|open| {
        Some(match open {
            Unknown::Include(span) => Obstacle::Include(span),
            Unknown::Limit(span, limit) => Obstacle::Limit(span, limit),
            Unknown::Rule(rule) => Obstacle::Rule(numbered(rule)?),
            Unknown::Addresses(rule) => Obstacle::Addresses(numbered(rule)?),
            Unknown::Conflict(left, right) => Obstacle::Conflict(numbered(left)?, numbered(right)?),
            Unknown::TooComplex => Obstacle::TooComplex,
            Unknown::Nothing => Obstacle::Nothing,
        })
    });
    Answered {
        request: text.trim_end_matches(',').trim_end().to_owned(),
        outcome: decision.outcome,
        examples: decision.examples.iter().map(shown).collect(),
        open,
        followed: None,
        elsewhere: Vec::new(),
    }
}

fn place(rule: RuleId, profile: &ProfileView<'_>, policy: &Policy<'_>) -> Option<RulePlace> {
    let (segment, fact) = profile.rule(rule, policy.summaries)?;
    Some(RulePlace {
        span: fact.rule.range.in_file(fact.file),
        via: segment.via.to_vec(),
    })
}
