//! SARIF 2.1.0 (OASIS), as code scanning reads it: the model, and how it is written.
//!
//! Places are counted in characters, as everywhere in aalint, and so each run says (`columnKind`).

use std::collections::BTreeMap;
use std::io::{self, Write};

use serde::Serialize;

use super::one_line;
use crate::diagnostic::{Severity, is_code};
use crate::source::ResolvedSpan;

/// What a run of a command found.
pub(super) struct SarifRun {
    /// The name of the tool.
    pub(super) tool: &'static str,
    /// The rules that results name.
    pub(super) rules: Vec<SarifRule>,
    pub(super) results: Vec<SarifResult>,
    /// What is to be said of the run itself.
    pub(super) notifications: Vec<Notification>,
    /// Whether everything was judged that was to be.
    pub(super) is_complete: bool,
}

/// How bad a result or a notification is.
#[derive(Copy, Clone, PartialEq, Eq, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) enum SarifLevel {
    Error,
    Warning,
    Note,
}

impl From<Severity> for SarifLevel {
    fn from(severity: Severity) -> Self {
        match severity {
            Severity::Error => Self::Error,
            Severity::Warning => Self::Warning,
            Severity::Info | Severity::Hint => Self::Note,
        }
    }
}

/// A kind of result.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct SarifRule {
    id: &'static str,
    name: &'static str,
    /// Codes that it had before: alerts of earlier runs stay those of this rule.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    deprecated_ids: Vec<&'static str>,
    /// Names that it had before.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    deprecated_names: Vec<&'static str>,
    short_description: SarifText,
    full_description: SarifText,
    help: Help,
    default_configuration: Configuration,
}

#[derive(Serialize)]
struct SarifText {
    text: String,
}

#[derive(Serialize)]
struct Help {
    text: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    markdown: Option<String>,
}

#[derive(Serialize)]
struct Configuration {
    level: SarifLevel,
}

impl SarifRule {
    pub(super) fn new(
        id: &'static str,
        name: &'static str,
        level: SarifLevel,
        description: &str,
        help: &str,
    ) -> Self {
        Self {
            id,
            name,
            deprecated_ids: Vec::new(),
            deprecated_names: Vec::new(),
            short_description: text(description),
            full_description: text(description),
            help: Help {
                text: help.to_owned(),
                markdown: None,
            },
            default_configuration: Configuration { level },
        }
    }

    /// Names and codes that it had before.
    pub(super) fn retired(mut self, retired: &[&'static str]) -> Self {
        let (codes, names) = retired.iter().partition(|old| is_code(old));
        self.deprecated_ids = codes;
        self.deprecated_names = names;
        self
    }

    /// The help as Markdown, which is shown instead where it can be.
    pub(super) fn markdown(mut self, help: String) -> Self {
        self.help.markdown = Some(help);
        self
    }
}

/// What was found at a place.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct SarifResult {
    rule_id: &'static str,
    /// Number of the rule among those of the run.
    rule_index: usize,
    level: SarifLevel,
    message: SarifText,
    locations: Vec<SarifLocation>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    related_locations: Vec<SarifLocation>,
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    partial_fingerprints: BTreeMap<&'static str, String>,
}

impl SarifResult {
    /// A result of the rule with that number.
    pub(super) fn new(
        (rule_index, rule_id): (usize, &'static str),
        level: SarifLevel,
        message: &str,
        location: Option<SarifLocation>,
    ) -> Self {
        Self {
            rule_id,
            rule_index,
            level,
            message: text(message),
            locations: location.into_iter().collect(),
            related_locations: Vec::new(),
            partial_fingerprints: BTreeMap::new(),
        }
    }

    /// Adds a place that explains the result.
    pub(super) fn relate(&mut self, place: &ResolvedSpan, message: &str) {
        self.related_locations.push(SarifLocation {
            id: Some(self.related_locations.len() + 1),
            message: Some(text(message)),
            ..SarifLocation::at(place)
        });
    }

    /// Adds something by which the result is known again when lines have moved.
    pub(super) fn fingerprint(&mut self, kind: &'static str, value: String) {
        self.partial_fingerprints.insert(kind, value);
    }
}

/// A place, with what is to be read there.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct SarifLocation {
    #[serde(skip_serializing_if = "Option::is_none")]
    id: Option<usize>,
    physical_location: Physical,
    #[serde(skip_serializing_if = "Option::is_none")]
    message: Option<SarifText>,
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

/// The end is the position of the first character after the region.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Region {
    start_line: u32,
    start_column: u32,
    end_line: u32,
    end_column: u32,
}

impl SarifLocation {
    pub(super) fn at(place: &ResolvedSpan) -> Self {
        Self {
            id: None,
            physical_location: Physical {
                artifact_location: Artifact {
                    uri: uri(&place.path),
                },
                region: Some(Region {
                    start_line: place.start.line,
                    start_column: place.start.column,
                    end_line: place.end.line,
                    end_column: place.end.column,
                }),
            },
            message: None,
        }
    }

    /// A whole file.
    pub(super) fn of_file(path: &str) -> Self {
        Self {
            id: None,
            physical_location: Physical {
                artifact_location: Artifact { uri: uri(path) },
                region: None,
            },
            message: None,
        }
    }
}

/// Something about the run itself.
#[derive(Serialize)]
pub(super) struct Notification {
    level: SarifLevel,
    message: SarifText,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    locations: Vec<SarifLocation>,
}

impl Notification {
    pub(super) fn new(level: SarifLevel, message: &str) -> Self {
        Self {
            level,
            message: text(message),
            locations: Vec::new(),
        }
    }

    /// The same about a file.
    pub(super) fn about(path: &str, level: SarifLevel, message: &str) -> Self {
        Self {
            locations: vec![SarifLocation::of_file(path)],
            ..Self::new(level, message)
        }
    }
}

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
    results: Vec<SarifResult>,
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
    rules: Vec<SarifRule>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Invocation {
    execution_successful: bool,
    tool_execution_notifications: Vec<Notification>,
}

/// Writes a log with one run.
pub(super) fn write(run: SarifRun, out: &mut dyn Write) -> io::Result<()> {
    let log = Log {
        schema: "https://json.schemastore.org/sarif-2.1.0.json",
        version: "2.1.0",
        runs: [Run {
            tool: Tool {
                driver: Driver {
                    name: run.tool,
                    semantic_version: env!("CARGO_PKG_VERSION"),
                    rules: run.rules,
                },
            },
            column_kind: "unicodeCodePoints",
            invocations: [Invocation {
                execution_successful: run.is_complete,
                tool_execution_notifications: run.notifications,
            }],
            results: run.results,
        }],
    };
    serde_json::to_writer_pretty(&mut *out, &log)?;
    writeln!(out)
}

/// Text as it is shown. What users wrote must not become a link: `[…](…)` is one in SARIF, unless the brackets are escaped.
fn text(text: &str) -> SarifText {
    let lines: Vec<String> = text.split('\n').map(one_line).collect();
    let text = lines.join("\n");
    SarifText {
        text: match text.contains("](") {
            true => text.replace('[', "\\[").replace(']', "\\]"),
            false => text,
        },
    }
}

/// A path as a reference (RFC 3986). Relative paths stay relative.
pub(super) fn uri(path: &str) -> String {
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
