//! A JSON document; docs/query.md describes it field by field.

use std::io::{self, Write};

use schemars::JsonSchema;
use serde::Serialize;

use super::super::vocabulary::{self, Document, RuleRef};
use super::words::{OUTCOMES, RULINGS, obstacle, outcome, place, ruling};
use crate::access::{Lost, ProfileMode};
use crate::session::{Answered, Answers, LinkElsewhere, RulePlace, Shown};
use crate::source::SourceMap;

/// The document of `query`.
#[derive(Serialize, JsonSchema)]
pub(in crate::report) struct QueryDocument<'a> {
    /// Full name of the profile that was asked.
    profile: &'a str,
    /// The mode of the profile.
    #[schemars(extend("enum" = ProfileMode::ALL.map(ProfileMode::name)))]
    mode: &'static str,
    /// Whether the file has errors that keep the parser from loading it.
    faulty: bool,
    /// The decisions, in the order of the requests.
    decisions: Vec<DecisionJson<'a>>,
}

impl Document for QueryDocument<'_> {
    const NAME: &'static str = "query";
    const COMMAND: &'static str = "query --format json";
}

/// What the profile decides for a request.
#[derive(Serialize, JsonSchema)]
struct DecisionJson<'a> {
    /// The request as written.
    request: &'a str,
    /// How all of the request is decided.
    #[schemars(extend("enum" = OUTCOMES.map(outcome)))]
    outcome: &'static str,
    /// What the decision depends on and is not known, as a sentence.
    reason: Option<String>,
    /// An example of each way in which a part of the request is decided.
    examples: Vec<ExampleJson<'a>>,
    /// The link of the container's image that was followed: the decision is for the path that it leads to.
    followed: Option<FollowedJson<'a>>,
    /// Where links would change the outcome.
    elsewhere: Vec<ElsewhereJson<'a>>,
}

#[derive(Serialize, JsonSchema)]
struct FollowedJson<'a> {
    /// Whose image it is.
    container: &'a str,
    /// The path of the request.
    path: &'a str,
    /// The path that the kernel sees.
    real: &'a str,
}

#[derive(Serialize, JsonSchema)]
struct ElsewhereJson<'a> {
    /// Where the path leads through a link, in words.
    place: String,
    /// The path of the request.
    path: &'a str,
    /// The path that the kernel sees there; of a command that may be one of several a pattern.
    real: &'a str,
    /// How the request is decided for that path.
    #[schemars(extend("enum" = OUTCOMES.map(outcome)))]
    outcome: &'static str,
}

#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
struct ExampleJson<'a> {
    /// The example, as a request.
    request: &'a str,
    /// How the example is decided.
    #[schemars(extend("enum" = RULINGS.map(ruling)))]
    outcome: &'static str,
    /// Whether the mode of the profile allows it, and no rule.
    by_mode: bool,
    /// The rules that decide.
    rules: Vec<RuleRef<'a>>,
    /// The rules that match, say something else and are overridden.
    overridden: Vec<Overridden<'a>>,
}

#[derive(Serialize, JsonSchema)]
struct Overridden<'a> {
    #[serde(flatten)]
    rule: RuleRef<'a>,
    /// What overrides the rule: a `deny` rule, a rule of higher `priority`, a rule without wildcards (`exact`), or an `allow` rule.
    #[schemars(extend("enum" = OVERRIDING.map(overriding)))]
    by: &'static str,
}

const OVERRIDING: [Lost; 4] = [Lost::ToDeny, Lost::ToPriority, Lost::ToExact, Lost::ToAllow];

const fn overriding(lost: Lost) -> &'static str {
    match lost {
        Lost::ToDeny => "deny",
        Lost::ToPriority => "priority",
        Lost::ToExact => "exact",
        Lost::ToAllow => "allow",
    }
}

pub(super) fn write(answers: &Answers, out: &mut dyn Write) -> io::Result<()> {
    let sources = &answers.store.sources;
    let decisions = answers.answers.iter();
    let document = QueryDocument {
        profile: &answers.profile,
        mode: answers.mode.name(),
        faulty: answers.is_faulty,
        decisions: decisions.map(|answer| of_answer(answer, sources)).collect(),
    };
    vocabulary::write(document, out)
}

fn of_answer<'a>(answer: &'a Answered, sources: &'a SourceMap) -> DecisionJson<'a> {
    let examples = answer.examples.iter();
    DecisionJson {
        request: &answer.request,
        outcome: outcome(answer.outcome),
        reason: answer.open.as_ref().map(|open| obstacle(open, sources)),
        examples: examples
            .map(|example| of_example(example, sources))
            .collect(),
        followed: answer.followed.as_ref().map(|link| FollowedJson {
            container: &link.who,
            path: &link.path,
            real: &link.real,
        }),
        elsewhere: answer.elsewhere.iter().map(of_link).collect(),
    }
}

fn of_link(link: &LinkElsewhere) -> ElsewhereJson<'_> {
    ElsewhereJson {
        place: place(&link.place),
        path: &link.path,
        real: &link.real,
        outcome: outcome(link.outcome),
    }
}

fn of_example<'a>(example: &'a Shown, sources: &'a SourceMap) -> ExampleJson<'a> {
    let rule = |place: &RulePlace| RuleRef::of(place.span, &place.via, sources);
    let overridden = example.losers.iter().map(|(place, lost)| Overridden {
        rule: rule(place),
        by: overriding(*lost),
    });
    ExampleJson {
        request: &example.request,
        outcome: ruling(example.ruling),
        by_mode: example.by_mode,
        rules: example.winners.iter().map(rule).collect(),
        overridden: overridden.collect(),
    }
}
