//! A JSON document for each record, one a line; docs/schema/audit.schema.json is their schema.

use std::collections::BTreeMap;
use std::io::{self, Write};

use serde::Serialize;

use super::words::sentence;
use crate::verify::RuleAt;
use crate::verify::audit::{Cause, Explanation, Record};

/// Version of the document's form. It changes when a field changes its meaning or goes away.
const VERSION: u32 = 1;

#[derive(Serialize)]
struct Document<'r> {
    version: u32,
    time: Option<String>,
    kind: &'static str,
    profile: &'r str,
    operation: &'r str,
    pid: Option<u32>,
    command: Option<String>,
    request: Option<&'r str>,
    cause: &'static str,
    reason: String,
    rules: Vec<Rule<'r>>,
    suggestion: Option<Suggestion<'r>>,
    fields: BTreeMap<&'r str, String>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Rule<'r> {
    text: &'r str,
    path: &'r str,
    line: u32,
    column: u32,
    included_from: Vec<Include<'r>>,
}

#[derive(Serialize)]
struct Include<'r> {
    path: &'r str,
    line: u32,
}

#[derive(Serialize)]
struct Suggestion<'r> {
    rule: &'r str,
    opens: &'r [String],
    example: Option<&'r str>,
}

pub(super) fn write(
    record: &Record,
    explanation: &Explanation,
    out: &mut dyn Write,
) -> io::Result<()> {
    serde_json::to_writer(&mut *out, &document(record, explanation))?;
    writeln!(out)
}

/// The document, to be a part of another one.
pub(in crate::report) fn document<'r>(
    record: &'r Record,
    explanation: &'r Explanation,
) -> impl Serialize + 'r {
    let time = record
        .time
        .map(|time| format!("{}.{:03}:{}", time.seconds, time.millis, time.serial));
    let fields = record
        .fields
        .iter()
        .map(|(key, value)| (key.as_str(), String::from_utf8_lossy(value).into_owned()));
    let suggestion = explanation.suggestion.as_ref();
    Document {
        version: VERSION,
        time,
        kind: record.kind.word(),
        profile: &record.label,
        operation: &record.operation,
        pid: record.pid(),
        command: record.command().map(|command| command.into_owned()),
        request: explanation.request.as_deref(),
        cause: cause(&explanation.cause),
        reason: sentence(record, explanation),
        rules: explanation.rules.iter().map(rule).collect(),
        suggestion: suggestion.map(|suggestion| Suggestion {
            rule: &suggestion.rule,
            opens: &suggestion.opens,
            example: suggestion.example.as_deref(),
        }),
        fields: fields.collect(),
    }
}

fn rule(rule: &RuleAt) -> Rule<'_> {
    let (path, line, column) = &rule.place;
    let includes = rule.via.iter();
    Rule {
        text: &rule.text,
        path,
        line: *line,
        column: *column,
        included_from: includes
            .map(|(path, line)| Include { path, line: *line })
            .collect(),
    }
}

const fn cause(cause: &Cause) -> &'static str {
    match cause {
        Cause::NotAsked(_) => "not-asked",
        Cause::NoProfile => "no-profile",
        Cause::Learning(_) => "learning",
        Cause::Denied => "denied",
        Cause::Unmatched => "unmatched",
        Cause::Audited => "audited",
        Cause::AuditedByFlag => "audited-by-flag",
        Cause::Differs => "differs",
        Cause::Unknown => "unknown",
    }
}
