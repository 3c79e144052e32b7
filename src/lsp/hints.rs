//! What rules come to, at the ends of their lines.

use gen_lsp_types::Range;
use rustc_hash::FxHashMap;
use serde_json::{Value, json};

use super::place::{AskedDocument, inner, touches};
use crate::access::Ruling;
use crate::rules;
use crate::session::{Answered, CommandLine, Shown};
use crate::source::{Span, TextRange};
use crate::syntax::ast::{Item, PolicyRule};

/// The hints for the rules that begin in a range: which line overrides them, and whether they add anything.
pub(super) fn hints(range: &Range, asked: &mut AskedDocument<'_, '_>) -> Vec<Value> {
    let wanted = asked.places.bytes(asked.file, range);
    let mut found = Vec::new();
    if let Some(ast) = asked.ast() {
        collect(&ast.items, wanted, &mut found);
    }
    let idle = idle(asked);
    let mut hints = Vec::new();
    for rule in found {
        let label = match idle.contains_key(&rule.range.in_file(asked.file)) {
            true => Some("adds nothing".to_owned()),
            false => overridden(rule, asked),
        };
        if let Some(label) = label {
            let position = asked.range(rule.range).end;
            hints.push(json!({ "position": position, "label": label, "paddingLeft": true }));
        }
    }
    hints
}

/// The rules that begin in a range.
fn collect<'t>(items: &'t [Item], wanted: TextRange, found: &mut Vec<&'t PolicyRule>) {
    for item in items {
        if let Item::Rule(rule) = item
            && touches(wanted, rule.range.start)
        {
            found.push(rule);
        }
        for items in inner(item) {
            collect(items, wanted, found);
        }
    }
}

/// The rules without which all is decided alike, with what `check` says of them to who wants to hear it.
pub(super) fn idle(asked: &AskedDocument<'_, '_>) -> FxHashMap<Span, String> {
    let choice = CommandLine {
        select: vec!["redundant-rule".to_owned()],
        ..CommandLine::default()
    };
    let report = asked.workspace().check_selected(&choice, rules::all());
    let findings = report.findings.into_iter();
    let findings = findings.filter(|finding| finding.rule.name == "redundant-rule");
    findings
        .filter_map(|finding| Some((finding.place()?, finding.message)))
        .collect()
}

/// Which lines override a rule of the document, in the first profile that has it.
fn overridden(rule: &PolicyRule, asked: &AskedDocument<'_, '_>) -> Option<String> {
    let workspace = asked.workspace();
    let policy = workspace.policy();
    let mut profiles = policy.profiles();
    let profile = profiles.find(|profile| {
        let mut facts = profile.facts(policy.summaries);
        facts.any(|(_, fact)| fact.file == asked.file && fact.rule.range == rule.range)
    })?;
    let place = rule.range.in_file(asked.file);
    let answer: Answered = workspace.decided(profile, rule, asked.file)?;
    let loses = |example: &&Shown| {
        let mut losers = example.losers.iter();
        !example.by_mode && losers.any(|(loser, _)| loser.span == place)
    };
    let example = answer.examples.iter().find(loses)?;
    let winner = example.winners.first()?;
    let part = match answer
        .examples
        .iter()
        .all(|one| one.ruling == Ruling::Denied)
    {
        true => "overridden",
        false => "partly overridden",
    };
    let source = policy.store.sources.get(winner.span.file);
    let line = source.position(winner.span.range.start).line;
    let file = match winner.span.file == asked.file {
        true => String::new(),
        false => format!(" of {}", source.path.rsplit('/').next().unwrap_or_default()),
    };
    Some(format!("{part} by line {line}{file}"))
}
