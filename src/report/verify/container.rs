//! What was seen of the container.

use std::io::{self, Write};

use schemars::JsonSchema;
use serde::Serialize;

use super::super::audit::{RecordDocument, ShownRecord, audit_records, document};
use super::super::format::Format;
use super::super::{Style, ansi, one_line};
use super::words::{painted, result};
use crate::verify::ProofStatus;
use crate::verify::container::{ContainerCheck, HttpAnswer, Refused, Trial};

/// What must not be taken for more than it is.
const EXEC: &str = "  what the engine starts or executes in it is confined, and yet no `x` rule is asked about that:\n  \
                    such rules bind what runs inside; a user who may use the engine is root already";

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
        writeln!(out, "\nrefused, though no `deny` rule names it")?;
        let all = std::iter::once(first).chain(refused).map(shown);
        audit_records(Format::Human, all, style, out)?;
    }
    Ok(())
}

/// What was seen of the container.
#[derive(Serialize, JsonSchema)]
pub(super) struct ContainerJson<'v> {
    engine: EngineJson<'v>,
    /// The name of the image.
    image: &'v str,
    /// The container under the profile; empty if there was none.
    id: &'v str,
    checks: Vec<CheckJson<'v>>,
    /// The labels that the kernel gave.
    tasks: Vec<LabelledTask<'v>>,
    /// What the application answered in the container without the profile.
    control: Option<AnswerJson<'v>>,
    /// What the application answered in the container under the profile.
    confined: Option<AnswerJson<'v>>,
    /// The end of the log, where the application did not answer.
    log: &'v [String],
    /// What the kernel says that it refused, each request once.
    refused: Vec<RecordDocument<'v>>,
}

#[derive(Serialize, JsonSchema)]
struct EngineJson<'v> {
    endpoint: &'v str,
    version: &'v str,
}

/// Something that must hold for the container.
#[derive(Serialize, JsonSchema)]
struct CheckJson<'v> {
    #[schemars(extend("enum" = ContainerCheck::ALL.map(ContainerCheck::name)))]
    name: &'static str,
    /// The same as a sentence.
    claim: &'static str,
    #[schemars(extend("enum" = ProofStatus::ALL.map(result)))]
    result: &'static str,
    /// What was seen.
    evidence: &'v str,
}

#[derive(Serialize, JsonSchema)]
struct LabelledTask<'v> {
    /// The check that the label is evidence for.
    #[schemars(extend("enum" = ContainerCheck::ALL.map(ContainerCheck::name)))]
    check: &'static str,
    pid: u32,
    tid: u32,
    name: &'v str,
    label: &'v str,
}

#[derive(Serialize, JsonSchema)]
struct AnswerJson<'v> {
    /// The HTTP status.
    status: u16,
    /// The hash of the body.
    sha256: &'v str,
    /// Bytes of the body.
    length: usize,
}

pub(super) fn container(trial: &Trial) -> ContainerJson<'_> {
    let rows = trial.lines.iter().map(|line| CheckJson {
        name: line.check.name(),
        claim: line.check.claim(),
        result: result(line.result),
        evidence: &line.evidence,
    });
    let tasks = trial.tasks.iter().map(|(check, task)| LabelledTask {
        check: check.name(),
        pid: task.pid,
        tid: task.tid,
        name: &task.name,
        label: &task.label,
    });
    ContainerJson {
        engine: EngineJson {
            endpoint: &trial.endpoint,
            version: &trial.version,
        },
        image: &trial.image,
        id: &trial.id,
        checks: rows.collect(),
        tasks: tasks.collect(),
        control: trial.answers.0.as_ref().map(answer),
        confined: trial.answers.1.as_ref().map(answer),
        log: &trial.log,
        refused: trial
            .refused
            .iter()
            .map(|one| document(shown(one)))
            .collect(),
    }
}

const fn shown(refused: &Refused) -> ShownRecord<'_> {
    ShownRecord {
        record: &refused.record,
        explanation: &refused.explanation,
        count: refused.count,
        last: None,
        has_other_pids: false,
    }
}

const fn answer(answered: &HttpAnswer) -> AnswerJson<'_> {
    AnswerJson {
        status: answered.status,
        sha256: answered.sha256.as_str(),
        length: answered.length,
    }
}
