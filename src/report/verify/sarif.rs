//! SARIF 2.1.0: what is not proved, at the place of the promise, with the rules that decide beside it.

use std::io::{self, Write};

use super::super::sarif::{
    self, Notification, SarifLevel, SarifLocation, SarifResult, SarifRule, SarifRun,
};
use super::sheet::{Sheet, SheetLine};
use super::words::result;
use crate::verify::{ProofStatus, Refusal};

/// Ways in which a promise is not proved: the result, its level, what it means, and what to do.
const RULES: [(ProofStatus, SarifLevel, &str, &str, &str); 4] = [
    (
        ProofStatus::Failed,
        SarifLevel::Error,
        "promise-broken",
        "A promise is broken: the kernel allows what should be refused, or refuses what should be allowed",
        "Change the policy so that the promise holds, or the promise if it is no longer meant.",
    ),
    (
        ProofStatus::NotEnforced,
        SarifLevel::Error,
        "promise-not-enforced",
        "The kernel does not mediate requests of this kind under the profile: they pass",
        "Use a kernel and an abi that mediate them, or protect otherwise what the rule is about.",
    ),
    (
        ProofStatus::Disagreement,
        SarifLevel::Error,
        "kernel-disagrees",
        "The kernel decides otherwise than aalint says",
        "This is a mistake of aalint or of the parser; please report it.",
    ),
    (
        ProofStatus::Inconclusive,
        SarifLevel::Warning,
        "promise-inconclusive",
        "The promise was not asked about, or not answered",
        "The message says why; what cannot be asked must be shown otherwise.",
    ),
];

pub(super) fn write(sheet: &Sheet, path: &str, out: &mut dyn Write) -> io::Result<()> {
    let results = sheet.lines().filter_map(|line| found(line, path));
    let notes = sheet.notes.iter();
    let notes = notes.map(|note| Notification::new(SarifLevel::Note, note));
    sarif::write(run(results.collect(), notes.collect(), true), out)
}

/// A document that says that nothing was verified.
pub(super) fn skipped(refusal: &Refusal, out: &mut dyn Write) -> io::Result<()> {
    let text = format!("nothing was verified: {refusal}; {}", refusal.help());
    let notification = Notification::new(SarifLevel::Warning, &text);
    sarif::write(run(Vec::new(), vec![notification], false), out)
}

fn run(results: Vec<SarifResult>, notifications: Vec<Notification>, is_complete: bool) -> SarifRun {
    let rules = RULES
        .iter()
        .map(|(_, level, id, what, help)| SarifRule::new(id, id, *level, what, help));
    SarifRun {
        tool: "aalint verify",
        rules: rules.collect(),
        results,
        notifications,
        is_complete,
    }
}

/// What is not proved. What is written nowhere stands at the file of the policy, `path`.
fn found(line: &SheetLine, path: &str) -> Option<SarifResult> {
    let mut rules = RULES.iter().enumerate();
    let (index, (_, level, id, ..)) = rules.find(|(_, (result, ..))| *result == line.result)?;
    let why = line.why.as_deref().unwrap_or(result(line.result));
    let place = match &line.place {
        Some(place) => SarifLocation::at(place),
        None => SarifLocation::of_file(path),
    };
    let message = format!("`{}`: {why}", line.text);
    let mut found = SarifResult::new((index, id), *level, &message, Some(place));
    for rule in &line.rules {
        found.relate(&rule.place, &format!("`{}` decides", rule.text));
    }
    Some(found)
}
