//! What all JSON documents share: the envelope, places in files, and rules. docs/json.md describes them.
//!
//! The schemas in `docs/schema` are derived from these types and from those of each document. What is said beside a field
//! is its description there.

use std::borrow::Cow;
use std::io::{self, Write};

use schemars::generate::SchemaSettings;
use schemars::{JsonSchema, Schema};
use serde::Serialize;

use crate::session::RuleAt;
use crate::source::{self, ResolvedSpan, SourceMap, Span};

/// Version of all documents. It changes when a field changes its meaning or goes away.
const VERSION: u32 = 2;

/// The body of a document.
pub(super) trait Document: Serialize + JsonSchema {
    /// Name of the document and of its schema.
    const NAME: &'static str;
    /// The command that writes it.
    const COMMAND: &'static str;
}

/// What every document begins with, and the body of one.
#[derive(Serialize, JsonSchema)]
pub(super) struct Envelope<B: Document> {
    /// Version of the form of all documents. It changes when a field changes its meaning or goes away.
    #[schemars(extend("const" = VERSION))]
    version: u32,
    /// Which document this is; the schema has the same name.
    #[schemars(extend("const" = B::NAME))]
    document: &'static str,
    /// The program that wrote the document.
    tool: Tool,
    #[serde(flatten)]
    body: B,
}

#[derive(Serialize, JsonSchema)]
struct Tool {
    /// Always `aalint`.
    name: &'static str,
    /// The version of the program.
    version: &'static str,
}

/// A place in a file.
#[derive(Serialize, JsonSchema)]
pub(super) struct Location<'a> {
    /// The file, as it was named on the command line or found.
    path: &'a str,
    range: Range,
}

/// A part of a file's text.
#[derive(Serialize, JsonSchema)]
pub(super) struct Range {
    /// The first character.
    start: Position,
    /// The first character after it.
    end: Position,
}

/// A position in a file's text.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
struct Position {
    /// From 1.
    line: u32,
    /// From 1, in characters (Unicode scalar values).
    column: u32,
    /// From 1, in UTF-16 code units.
    utf16_column: u32,
    /// From 0, in bytes of the file's UTF-8 text.
    offset: u32,
}

/// A rule of policy.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct RuleRef<'a> {
    /// The rule as written.
    text: Cow<'a, str>,
    #[serde(flatten)]
    location: Location<'a>,
    /// The include statements that lead to the rule, nearest first.
    included_from: Vec<Location<'a>>,
}

impl<B: Document> Envelope<B> {
    const fn around(body: B) -> Self {
        Self {
            version: VERSION,
            document: B::NAME,
            tool: Tool {
                name: "aalint",
                version: env!("CARGO_PKG_VERSION"),
            },
            body,
        }
    }
}

impl<'a> Location<'a> {
    pub(super) fn of(span: Span, sources: &'a SourceMap) -> Self {
        let source = sources.get(span.file);
        Self {
            path: &source.path,
            range: Range {
                start: source.position(span.range.start).into(),
                end: source.position(span.range.end).into(),
            },
        }
    }

    /// The include statements that lead to a place, in the order of documents; `via` is the outermost first.
    pub(super) fn nearest_first(via: &[Span], sources: &'a SourceMap) -> Vec<Self> {
        let nearest = via.iter().rev();
        nearest.map(|span| Self::of(*span, sources)).collect()
    }
}

impl<'a> From<&'a ResolvedSpan> for Location<'a> {
    fn from(span: &'a ResolvedSpan) -> Self {
        Self {
            path: &span.path,
            range: Range {
                start: span.start.into(),
                end: span.end.into(),
            },
        }
    }
}

impl From<source::Position> for Position {
    fn from(position: source::Position) -> Self {
        Self {
            line: position.line,
            column: position.column,
            utf16_column: position.utf16_column,
            offset: position.offset,
        }
    }
}

impl<'a> RuleRef<'a> {
    /// The rule at `span`; `via` is the outermost include first.
    pub(super) fn of(span: Span, via: &[Span], sources: &'a SourceMap) -> Self {
        Self {
            text: sources.shown(span).into(),
            location: Location::of(span, sources),
            included_from: Location::nearest_first(via, sources),
        }
    }
}

impl<'a> From<&'a RuleAt> for RuleRef<'a> {
    fn from(rule: &'a RuleAt) -> Self {
        Self {
            text: rule.text.as_str().into(),
            location: (&rule.place).into(),
            included_from: rule.via.iter().rev().map(Location::from).collect(),
        }
    }
}

/// Writes a document on lines of its own.
pub(super) fn write<B: Document>(body: B, out: &mut dyn Write) -> io::Result<()> {
    serde_json::to_writer_pretty(&mut *out, &Envelope::around(body))?;
    writeln!(out)
}

/// Writes a document in one line.
pub(super) fn write_line<B: Document>(body: B, out: &mut dyn Write) -> io::Result<()> {
    serde_json::to_writer(&mut *out, &Envelope::around(body))?;
    writeln!(out)
}

/// The name of a document, and its schema.
pub(super) fn schema<B: Document>() -> (&'static str, Schema) {
    let settings = SchemaSettings::draft2020_12().for_serialize();
    let mut schema = settings
        .into_generator()
        .into_root_schema_for::<Envelope<B>>();
    let title = format!("The document of aalint {}", B::COMMAND);
    schema.insert("title".to_owned(), title.into());
    let page = "docs/json.md describes what all documents share.";
    schema.insert("description".to_owned(), page.into());
    (B::NAME, schema)
}
