//! What was seen of the container.

use std::io::{self, Write};

use serde::Serialize;
use serde_json::Value;

use super::super::audit::{AuditFormat, audit_record, document};
use super::super::{Style, ansi, one_line};
use super::words::{painted, result};
use crate::verify::ProofStatus;
use crate::verify::container::{ContainerCheck, HttpAnswer, Trial};

/// What must not be taken for more than it is.
const EXEC: &str = "  what the engine starts or executes in it is confined, and yet no `x` rule is asked about that:\n  \
                    such rules bind what runs inside; whoever may use the engine is root already";

/// The heading of the lines.
pub(super) fn title(trial: &Trial) -> String {
    one_line(&format!(
        "container of {}, engine {} at {}",
        trial.image, trial.version, trial.endpoint
    ))
}

/// Writes the lines for people.
pub(super) fn write(trial: &Trial, style: Style, out: &mut dyn Write) -> io::Result<()> {
    let title = ansi::paint(&title(trial), ansi::BOLD, style.color);
    writeln!(out, "\n{title}")?;
    let claims = ContainerCheck::ALL.map(|check| check.claim().len());
    let width = claims.into_iter().max().unwrap_or_default();
    for line in &trial.lines {
        let claim = line.check.claim();
        let word = painted(line.result, style);
        let evidence = one_line(&line.evidence);
        if line.result == ProofStatus::Proved {
            writeln!(out, "  {claim:<width$}  {word}  ({evidence})")?;
        } else {
            writeln!(out, "  {claim:<width$}  {word}")?;
            writeln!(out, "      {evidence}")?;
        }
    }
    if trial
        .lines
        .iter()
        .any(|line| line.check == ContainerCheck::LabelExecuted)
    {
        writeln!(out, "{EXEC}")?;
    }
    let mut refused = trial.refused.iter().filter(|one| one.is_unforeseen());
    if let Some(first) = refused.next() {
        writeln!(out, "\nrefused, though no rule says so in so many words")?;
        for one in std::iter::once(first).chain(refused) {
            audit_record(
                AuditFormat::Human,
                &one.record,
                &one.explanation,
                style,
                out,
            )?;
        }
    }
    Ok(())
}

/// The same with all evidence.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct ContainerJson<'v> {
    engine: Engine<'v>,
    image: &'v str,
    id: &'v str,
    checks: Vec<Row<'v>>,
    tasks: Vec<Labelled<'v>>,
    twin: Option<Answer<'v>>,
    confined: Option<Answer<'v>>,
    log: &'v [String],
    refused: Vec<Value>,
}

#[derive(Serialize)]
struct Engine<'v> {
    endpoint: &'v str,
    version: &'v str,
}

#[derive(Serialize)]
struct Row<'v> {
    name: &'static str,
    claim: &'static str,
    result: &'static str,
    evidence: &'v str,
}

#[derive(Serialize)]
struct Labelled<'v> {
    check: &'static str,
    pid: u32,
    tid: u32,
    name: &'v str,
    label: &'v str,
}

#[derive(Serialize)]
struct Answer<'v> {
    status: u16,
    sha256: &'v str,
    length: usize,
}

pub(super) fn container(trial: &Trial) -> ContainerJson<'_> {
    let rows = trial.lines.iter().map(|line| Row {
        name: line.check.name(),
        claim: line.check.claim(),
        result: result(line.result),
        evidence: &line.evidence,
    });
    let tasks = trial.tasks.iter().map(|(check, task)| Labelled {
        check: check.name(),
        pid: task.pid,
        tid: task.tid,
        name: &task.name,
        label: &task.label,
    });
    ContainerJson {
        engine: Engine {
            endpoint: &trial.endpoint,
            version: &trial.version,
        },
        image: &trial.image,
        id: &trial.id,
        checks: rows.collect(),
        tasks: tasks.collect(),
        twin: trial.answers.0.as_ref().map(answer),
        confined: trial.answers.1.as_ref().map(answer),
        log: &trial.log,
        refused: trial
            .refused
            .iter()
            .map(|one| {
                let document = document(&one.record, &one.explanation);
                // It is made of texts and numbers.
                serde_json::to_value(document).unwrap_or_default()
            })
            .collect(),
    }
}

const fn answer(answered: &HttpAnswer) -> Answer<'_> {
    Answer {
        status: answered.status,
        sha256: answered.sha256.as_str(),
        length: answered.length,
    }
}
