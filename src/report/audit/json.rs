//! A JSON document for each record, one a line; docs/schema/audit.schema.json is its schema.

use std::collections::BTreeMap;
use std::io::{self, Write};

use schemars::JsonSchema;
use serde::Serialize;

use super::words::sentence;
use crate::report::vocabulary::{self, Document, RuleRef};
use crate::verify::audit::{Cause, Explanation, Record};

/// The document of an audit record, which is also a part of the document of `verify`.
#[derive(Serialize, JsonSchema)]
pub(in crate::report) struct RecordDocument<'r> {
    /// Seconds since 1970, a point, thousandths, a colon, and the number of the record; null where the log does not keep it.
    time: Option<String>,
    /// The word of the kernel for what it did.
    #[schemars(extend("enum" = ["DENIED", "ALLOWED", "AUDIT", "KILLED", "STATUS", "ERROR", "HINT"]))]
    kind: &'static str,
    /// The label of the task.
    profile: &'r str,
    /// What the task did, in the word of the kernel.
    operation: &'r str,
    /// The process, as the first process namespace counts.
    pid: Option<u32>,
    /// The name of the task.
    command: Option<String>,
    /// The request, in the syntax of rules; null where rules did not decide.
    request: Option<&'r str>,
    /// Why there is a record, according to the policy.
    #[schemars(extend("enum" = [
        "not-asked", "no-profile", "learning", "denied", "unmatched", "audited", "audited-by-flag", "differs", "unknown",
    ]))]
    cause: &'static str,
    /// The same as a sentence.
    reason: String,
    /// The rules that decide.
    rules: Vec<RuleRef<'r>>,
    /// The rule that is missing, if one is.
    suggestion: Option<SuggestionJson<'r>>,
    /// All fields of the record, decoded.
    fields: BTreeMap<&'r str, String>,
}

impl Document for RecordDocument<'_> {
    const NAME: &'static str = "audit";
    const COMMAND: &'static str = "verify --audit --format json, one in each line";
}

#[derive(Serialize, JsonSchema)]
struct SuggestionJson<'r> {
    /// The narrowest rule that would allow the request.
    rule: &'r str,
    /// What else the rule would allow.
    opens: &'r [String],
    /// A request that is refused now and that the rule would also allow.
    example: Option<&'r str>,
}

pub(super) fn write(
    record: &Record,
    explanation: &Explanation,
    out: &mut dyn Write,
) -> io::Result<()> {
    vocabulary::write_line(document(record, explanation), out)
}

/// The body of the document.
pub(in crate::report) fn document<'r>(
    record: &'r Record,
    explanation: &'r Explanation,
) -> RecordDocument<'r> {
    let time = record
        .time
        .map(|time| format!("{}.{:03}:{}", time.seconds, time.millis, time.serial));
    let fields = record
        .fields
        .iter()
        .map(|(key, value)| (key.as_str(), String::from_utf8_lossy(value).into_owned()));
    let suggestion = explanation.suggestion.as_ref();
    RecordDocument {
        time,
        kind: record.kind.word(),
        profile: &record.label,
        operation: &record.operation,
        pid: record.pid(),
        command: record.command().map(|command| command.into_owned()),
        request: explanation.request.as_deref(),
        cause: cause(&explanation.cause),
        reason: sentence(record, explanation),
        rules: explanation.rules.iter().map(RuleRef::from).collect(),
        suggestion: suggestion.map(|suggestion| SuggestionJson {
            rule: &suggestion.rule,
            opens: &suggestion.opens,
            example: suggestion.example.as_deref(),
        }),
        fields: fields.collect(),
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
