//! SARIF 2.1.0 (OASIS), as code scanning reads it: what is not proved, at the place of the promise, with the
//! rules that decide beside it.

use std::io::{self, Write};

use serde::Serialize;

use super::super::one_line;
use super::sheet::{Sheet, SheetLine};
use super::words::result;
use crate::session::RuleAt;
use crate::source::ResolvedSpan;
use crate::verify::{ProofStatus, Refusal};

#[derive(Serialize)]
struct Log {
    #[serde(rename = "$schema")]
    schema: &'static str,
    version: &'static str,
    runs: [Run; 1],
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Run {
    tool: Tool,
    column_kind: &'static str,
    invocations: [Invocation; 1],
    results: Vec<Found>,
}

#[derive(Serialize)]
struct Tool {
    driver: Driver,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Driver {
    name: &'static str,
    semantic_version: &'static str,
    rules: Vec<Rule>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Rule {
    id: &'static str,
    short_description: Message,
    help: Message,
    default_configuration: Configuration,
}

#[derive(Serialize)]
struct Configuration {
    level: &'static str,
}

#[derive(Serialize)]
struct Message {
    text: String,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Invocation {
    execution_successful: bool,
    tool_execution_notifications: Vec<Notification>,
}

#[derive(Serialize)]
struct Notification {
    level: &'static str,
    message: Message,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Found {
    rule_id: &'static str,
    rule_index: usize,
    level: &'static str,
    message: Message,
    locations: Vec<Location>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    related_locations: Vec<Location>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Location {
    #[serde(skip_serializing_if = "Option::is_none")]
    id: Option<usize>,
    physical_location: Physical,
    #[serde(skip_serializing_if = "Option::is_none")]
    message: Option<Message>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Physical {
    artifact_location: Artifact,
    #[serde(skip_serializing_if = "Option::is_none")]
    region: Option<Region>,
}

#[derive(Serialize)]
struct Artifact {
    uri: String,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Region {
    start_line: u32,
    start_column: u32,
}

/// Ways in which a promise is not proved: the result, its level, what it means, and what to do.
const RULES: [(ProofStatus, &str, &str, &str, &str); 4] = [
    (
        ProofStatus::Failed,
        "error",
        "promise-broken",
        "A promise is broken: the kernel allows what should be refused, or refuses what should be allowed",
        "Change the policy so that the promise holds, or the promise if it is no longer meant.",
    ),
    (
        ProofStatus::NotEnforced,
        "error",
        "promise-not-enforced",
        "The kernel does not mediate requests of this kind under the profile: they pass",
        "Use a kernel and an abi that mediate them, or protect otherwise what the rule is about.",
    ),
    (
        ProofStatus::Disagreement,
        "error",
        "kernel-disagrees",
        "The kernel decides otherwise than aalint says",
        "This is a mistake of aalint or of the parser; please report it.",
    ),
    (
        ProofStatus::Inconclusive,
        "warning",
        "promise-inconclusive",
        "The promise was not asked about, or not answered",
        "The message says why; what cannot be asked must be shown otherwise.",
    ),
];

pub(super) fn write(sheet: &Sheet, path: &str, out: &mut dyn Write) -> io::Result<()> {
    let results = sheet.lines().filter_map(|line| found(line, path));
    let notes = sheet.notes.iter().map(|note| Notification {
        level: "note",
        message: Message { text: note.clone() },
    });
    let invocation = Invocation {
        execution_successful: true,
        tool_execution_notifications: notes.collect(),
    };
    log(results.collect(), invocation, out)
}

/// A document that says that nothing was verified.
pub(super) fn skipped(refusal: &Refusal, out: &mut dyn Write) -> io::Result<()> {
    let text = format!("nothing was verified: {refusal}; {}", refusal.help());
    let notification = Notification {
        level: "warning",
        message: Message {
            text: one_line(&text),
        },
    };
    let invocation = Invocation {
        execution_successful: false,
        tool_execution_notifications: vec![notification],
    };
    log(Vec::new(), invocation, out)
}

fn log(results: Vec<Found>, invocation: Invocation, out: &mut dyn Write) -> io::Result<()> {
    let rules = RULES.iter().map(|(_, level, id, what, help)| Rule {
        id,
        short_description: Message {
            text: (*what).to_owned(),
        },
        help: Message {
            text: (*help).to_owned(),
        },
        default_configuration: Configuration { level },
    });
    let log = Log {
        schema: "https://json.schemastore.org/sarif-2.1.0.json",
        version: "2.1.0",
        runs: [Run {
            tool: Tool {
                driver: Driver {
                    name: "aalint verify",
                    semantic_version: env!("CARGO_PKG_VERSION"),
                    rules: rules.collect(),
                },
            },
            column_kind: "unicodeCodePoints",
            invocations: [invocation],
            results,
        }],
    };
    serde_json::to_writer_pretty(&mut *out, &log)?;
    writeln!(out)
}

/// What is not proved. What is written nowhere stands at the file of the policy, `path`.
fn found(line: &SheetLine, path: &str) -> Option<Found> {
    let mut rules = RULES.iter().enumerate();
    let (rule_index, (_, level, rule_id, ..)) =
        rules.find(|(_, (result, ..))| *result == line.result)?;
    let why = line.why.as_deref().unwrap_or(result(line.result));
    let place = match &line.place {
        Some(place) => physical(place),
        None => Physical {
            artifact_location: Artifact { uri: uri(path) },
            region: None,
        },
    };
    let related = line.rules.iter().enumerate();
    Some(Found {
        rule_id,
        rule_index,
        level,
        message: Message {
            text: format!("`{}`: {why}", line.text),
        },
        locations: vec![Location {
            id: None,
            physical_location: place,
            message: None,
        }],
        related_locations: related
            .map(|(number, rule)| decided_by(number, rule))
            .collect(),
    })
}

fn decided_by(number: usize, rule: &RuleAt) -> Location {
    Location {
        id: Some(number + 1),
        physical_location: physical(&rule.place),
        message: Some(Message {
            text: format!("`{}` decides", one_line(&rule.text)),
        }),
    }
}

fn physical(place: &ResolvedSpan) -> Physical {
    Physical {
        artifact_location: Artifact {
            uri: uri(&place.path),
        },
        region: Some(Region {
            start_line: place.start.line,
            start_column: place.start.column,
        }),
    }
}

/// A path as a reference (RFC 3986): relative ones stay so.
fn uri(path: &str) -> String {
    let scheme = if path.starts_with('/') { "file://" } else { "" };
    let path = path.strip_prefix("./").unwrap_or(path);
    let mut uri = scheme.to_owned();
    for byte in path.bytes() {
        match byte {
            b'a'..=b'z'
            | b'A'..=b'Z'
            | b'0'..=b'9'
            | b'/'
            | b'-'
            | b'.'
            | b'_'
            | b'~'
            | b'+'
            | b'@' => {
                uri.push(char::from(byte));
            }
            _ => uri.push_str(&format!("%{byte:02X}")),
        }
    }
    uri
}
