//! A JSON document for each record, one a line; docs/schema/audit.schema.json is its schema.

use std::collections::BTreeMap;
use std::io::{self, Write};

use schemars::JsonSchema;
use serde::Serialize;

use super::shown::ShownRecord;
use super::words::{Known, known, sentence};
use crate::audit::{Cause, Forbidden, Time};
use crate::report::vocabulary::{self, Document, RuleRef};

/// The document of audit records that say the same, which is also a part of the document of `verify`.
#[derive(Serialize, JsonSchema)]
pub(in crate::report) struct RecordDocument<'r> {
    /// When the first record was made: seconds since 1970, a point, thousandths, a colon, and the number of the record;
    /// null where the log does not keep it.
    time: Option<String>,
    /// The same of the last record.
    #[serde(rename = "lastTime")]
    last_time: Option<String>,
    /// How many records say the same; while records are watched, how many until now.
    count: usize,
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
        "not-asked", "no-profile", "unconfined", "no-hat", "disconnected", "learning", "denied", "unmatched", "audited", "audited-by-flag", "differs", "unknown",
    ]))]
    cause: &'static str,
    /// The same as a sentence.
    reason: String,
    /// The rules that decide.
    rules: Vec<RuleRef<'r>>,
    /// The rule that is missing, if one is, and no promise is against it.
    suggestion: Option<SuggestionJson<'r>>,
    /// The promises that deny what the missing rule would allow.
    forbidden: Vec<ForbiddenJson<'r>>,
    /// What is known beyond the policy, as sentences: where a profile comes from, why the kernel refuses.
    notes: Vec<String>,
    /// What to do about it, as sentences.
    help: Vec<String>,
    /// All fields of the first record, decoded.
    fields: BTreeMap<&'r str, String>,
}

impl Document for RecordDocument<'_> {
    const NAME: &'static str = "audit";
    const COMMAND: &'static str = "audit --format json, one in each line";
}

#[derive(Serialize, JsonSchema)]
struct SuggestionJson<'r> {
    /// The narrowest rule that would allow the request.
    rule: &'r str,
    /// What else the rule would allow, as sentences.
    opens: &'r [String],
    /// A request that is refused now and that the rule would also allow.
    example: Option<&'r str>,
    /// What to look at before the rule is added.
    warning: Option<&'r str>,
}

#[derive(Serialize, JsonSchema)]
struct ForbiddenJson<'r> {
    /// The name of the intent; null for an assertion in the profile.
    intent: Option<&'r str>,
    /// The promise.
    promise: RuleRef<'r>,
}

pub(super) fn write(shown: ShownRecord<'_>, out: &mut dyn Write) -> io::Result<()> {
    vocabulary::write_line(document(shown), out)
}

/// The body of the document.
pub(in crate::report) fn document(shown: ShownRecord<'_>) -> RecordDocument<'_> {
    let ShownRecord {
        record,
        explanation,
        ..
    } = shown;
    let fields = record
        .fields
        .iter()
        .map(|(key, value)| (key.as_str(), String::from_utf8_lossy(value).into_owned()));
    // Of a file that the kernel could not name, what is decided once it can.
    let decided = match &explanation.cause {
        Cause::Disconnected(disconnected) => disconnected.then.as_deref(),
        _ => None,
    };
    let decided = decided.unwrap_or(explanation);
    let suggestion = decided.suggestion.as_ref();
    let Known { notes, help } = known(record);
    RecordDocument {
        time: record.time.map(time),
        last_time: shown.last.map(time),
        count: shown.count,
        kind: record.kind.word(),
        profile: &record.label,
        operation: &record.operation,
        pid: record.pid(),
        command: record.command().map(|command| command.into_owned()),
        request: explanation.request.as_deref(),
        cause: cause(&explanation.cause),
        reason: sentence(record, explanation),
        rules: decided.rules.iter().map(RuleRef::from).collect(),
        suggestion: suggestion.map(|suggestion| SuggestionJson {
            rule: &suggestion.rule,
            opens: &suggestion.opens,
            example: suggestion.example.as_deref(),
            warning: suggestion.warning.as_deref(),
        }),
        forbidden: decided.forbidden.iter().map(forbidden).collect(),
        notes,
        help,
        fields: fields.collect(),
    }
}

fn forbidden(forbidden: &Forbidden) -> ForbiddenJson<'_> {
    ForbiddenJson {
        intent: forbidden.intent.as_deref(),
        promise: RuleRef::from(&forbidden.promise),
    }
}

fn time(time: Time) -> String {
    format!("{}.{:03}:{}", time.seconds, time.millis, time.serial)
}

const fn cause(cause: &Cause) -> &'static str {
    match cause {
        Cause::NotAsked(_) => "not-asked",
        Cause::NoProfile => "no-profile",
        Cause::Unconfined => "unconfined",
        Cause::NoHat(_) => "no-hat",
        Cause::Disconnected(_) => "disconnected",
        Cause::Learning(_) => "learning",
        Cause::Denied => "denied",
        Cause::Unmatched => "unmatched",
        Cause::Audited => "audited",
        Cause::AuditedByFlag => "audited-by-flag",
        Cause::Differs => "differs",
        Cause::Unknown => "unknown",
    }
}
