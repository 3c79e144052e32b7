//! A JSON document; docs/query.md describes it field by field.

use std::io::{self, Write};

use serde::Serialize;

use super::super::json::{Range, Tool, of_span, tool};
use super::words::obstacle;
use crate::access::{Lost, Outcome, Ruling};
use crate::session::{Answered, Answers, RulePlace, Shown};
use crate::source::SourceMap;

/// Version of the document's form. It changes when a field changes its meaning or goes away.
const VERSION: u32 = 1;

#[derive(Serialize)]
struct Document<'a> {
    version: u32,
    tool: Tool,
    profile: &'a str,
    mode: &'static str,
    faulty: bool,
    answers: Vec<Answer<'a>>,
}

#[derive(Serialize)]
struct Answer<'a> {
    request: &'a str,
    outcome: &'static str,
    because: Option<String>,
    examples: Vec<Example<'a>>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Example<'a> {
    ruling: &'static str,
    request: &'a str,
    by_mode: bool,
    rules: Vec<Rule<'a>>,
    lost: Vec<LostRule<'a>>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Rule<'a> {
    text: &'a str,
    path: &'a str,
    range: Range,
    included_from: Vec<IncludePlace<'a>>,
}

#[derive(Serialize)]
struct LostRule<'a> {
    #[serde(flatten)]
    rule: Rule<'a>,
    why: &'static str,
}

#[derive(Serialize)]
struct IncludePlace<'a> {
    path: &'a str,
    range: Range,
}

pub(super) fn write(answers: &Answers, out: &mut dyn Write) -> io::Result<()> {
    let sources = &answers.store.sources;
    let document = Document {
        version: VERSION,
        tool: tool(),
        profile: &answers.profile,
        mode: answers.mode.name(),
        faulty: answers.is_faulty,
        answers: answers
            .answers
            .iter()
            .map(|answer| of_answer(answer, sources))
            .collect(),
    };
    serde_json::to_writer_pretty(&mut *out, &document)?;
    writeln!(out)
}

fn of_answer<'a>(answer: &'a Answered, sources: &'a SourceMap) -> Answer<'a> {
    let outcome = match answer.outcome {
        Outcome::Allowed => "allowed",
        Outcome::Denied => "denied",
        Outcome::Unmatched => "unmatched",
        Outcome::Refused => "refused",
        Outcome::Asked => "asked",
        Outcome::Partly => "partly",
        Outcome::Unknown => "unknown",
    };
    Answer {
        request: &answer.request,
        outcome,
        because: answer.open.as_ref().map(|open| obstacle(open, sources)),
        examples: answer
            .examples
            .iter()
            .map(|example| of_example(example, sources))
            .collect(),
    }
}

fn of_example<'a>(example: &'a Shown, sources: &'a SourceMap) -> Example<'a> {
    let ruling = match example.ruling {
        Ruling::Allowed => "allowed",
        Ruling::Denied => "denied",
        Ruling::Unmatched => "unmatched",
        Ruling::Asked => "asked",
    };
    let lost = |(place, why): &'a (RulePlace, Lost)| LostRule {
        rule: of_place(place, sources),
        why: match why {
            Lost::ToDeny => "deny",
            Lost::ToPriority => "priority",
            Lost::ToExact => "exact",
            Lost::ToAllow => "allow",
        },
    };
    let rules = example.winners.iter();
    Example {
        ruling,
        request: &example.request,
        by_mode: example.by_mode,
        rules: rules.map(|place| of_place(place, sources)).collect(),
        lost: example.losers.iter().map(lost).collect(),
    }
}

fn of_place<'a>(place: &'a RulePlace, sources: &'a SourceMap) -> Rule<'a> {
    let via = place.via.iter();
    Rule {
        text: sources.shown(place.span),
        path: &sources.get(place.span.file).path,
        range: of_span(place.span, sources),
        included_from: via
            .map(|via| IncludePlace {
                path: &sources.get(via.file).path,
                range: of_span(*via, sources),
            })
            .collect(),
    }
}
