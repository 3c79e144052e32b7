//! The output formats: one table says which command writes which format, and what the format is for.
//!
//! What the command line takes, its help, its errors and docs/formats.md come from the table.

use std::io;

/// An output format.
#[derive(Copy, Clone, PartialEq, Eq, Hash, Debug, Default)]
pub enum Format {
    /// Text for people.
    #[default]
    Human,
    /// One line for each finding.
    Concise,
    /// JSON; docs/json.md describes the documents.
    Json,
    /// Annotations of a GitHub workflow.
    Github,
    /// SARIF 2.1.0.
    Sarif,
    /// JUnit XML.
    Junit,
    /// An HTML page.
    Html,
    /// Markdown.
    Markdown,
    /// Graphviz.
    Dot,
    /// Mermaid.
    Mermaid,
}

/// What is written in a format.
#[derive(Copy, Clone, PartialEq, Eq, Hash, Debug)]
pub enum ReportKind {
    /// The findings of `check`.
    Check,
    /// The decisions of `query`.
    Query,
    /// The comparison of `diff`.
    Diff,
    /// What a profile allows, of `show`.
    Show,
    /// The transitions of `graph`.
    Graph,
    /// What came of `verify`.
    Verify,
    /// The records that `audit` explains.
    Audit,
}

/// A format that a command writes.
#[derive(Copy, Clone, PartialEq, Eq, Debug)]
pub struct FormatUse {
    /// The command.
    pub kind: ReportKind,
    /// The format.
    pub format: Format,
    /// What the format is for.
    pub purpose: &'static str,
}

const fn of(kind: ReportKind, format: Format, purpose: &'static str) -> FormatUse {
    FormatUse {
        kind,
        format,
        purpose,
    }
}

/// All formats of all commands. The first one of a command is its default.
pub const FORMATS: &[FormatUse] = &[
    of(
        ReportKind::Check,
        Format::Human,
        "People: source lines, reasons and edits",
    ),
    of(
        ReportKind::Check,
        Format::Concise,
        "Editors: `path:line:column: severity[code] name: message`",
    ),
    of(ReportKind::Check, Format::Json, "Programs: a JSON document"),
    of(
        ReportKind::Check,
        Format::Github,
        "Annotations in a GitHub workflow",
    ),
    of(
        ReportKind::Check,
        Format::Sarif,
        "Code scanning: SARIF 2.1.0",
    ),
    of(
        ReportKind::Check,
        Format::Junit,
        "CI servers: a JUnit suite for each file, a failure for each finding at or above --fail-on",
    ),
    of(
        ReportKind::Query,
        Format::Human,
        "People: a line for each request",
    ),
    of(ReportKind::Query, Format::Json, "Programs: a JSON document"),
    of(
        ReportKind::Diff,
        Format::Human,
        "People: each change with the rules that make it",
    ),
    of(ReportKind::Diff, Format::Json, "Programs: a JSON document"),
    of(
        ReportKind::Diff,
        Format::Markdown,
        "A comment on a pull request",
    ),
    of(
        ReportKind::Show,
        Format::Human,
        "People: one screen, the riskiest first",
    ),
    of(ReportKind::Show, Format::Json, "Programs: a JSON document"),
    of(
        ReportKind::Show,
        Format::Markdown,
        "A document or a comment for a review",
    ),
    of(
        ReportKind::Graph,
        Format::Human,
        "People: a line for each transition",
    ),
    of(ReportKind::Graph, Format::Json, "Programs: a JSON document"),
    of(ReportKind::Graph, Format::Dot, "Graphviz"),
    of(
        ReportKind::Graph,
        Format::Mermaid,
        "Mermaid, in Markdown on code hosting sites",
    ),
    of(
        ReportKind::Verify,
        Format::Human,
        "People: a table of what is not proved, and why",
    ),
    of(
        ReportKind::Verify,
        Format::Json,
        "Programs: a JSON document with all evidence",
    ),
    of(
        ReportKind::Verify,
        Format::Junit,
        "CI servers: a JUnit case for each promise and rule",
    ),
    of(
        ReportKind::Verify,
        Format::Sarif,
        "Code scanning: SARIF 2.1.0 of what is not proved",
    ),
    of(
        ReportKind::Verify,
        Format::Html,
        "People: one page with all evidence",
    ),
    of(
        ReportKind::Audit,
        Format::Human,
        "People: a few lines for each record",
    ),
    of(
        ReportKind::Audit,
        Format::Json,
        "Programs: a JSON document for each different record, one in each line",
    ),
];

/// Retired names of formats, which scripts may still use, and what they are called now.
pub const RETIRED_NAMES: &[(ReportKind, &str, Format)] =
    &[(ReportKind::Graph, "text", Format::Human)];

impl Format {
    /// The name on the command line.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Human => "human",
            Self::Concise => "concise",
            Self::Json => "json",
            Self::Github => "github",
            Self::Sarif => "sarif",
            Self::Junit => "junit",
            Self::Html => "html",
            Self::Markdown => "markdown",
            Self::Dot => "dot",
            Self::Mermaid => "mermaid",
        }
    }

    /// The format of that name which a command writes, also by a retired name.
    ///
    /// # Errors
    /// If the command has none. The sentence names the commands that have it, or else the formats of this one.
    pub fn named(name: &str, kind: ReportKind) -> Result<Self, String> {
        let mut formats = kind.formats().map(|one| one.format);
        let mut retired = RETIRED_NAMES.iter();
        let found = formats.find(|format| format.name() == name).or_else(|| {
            let found = retired.find(|(of, text, _)| *of == kind && *text == name);
            found.map(|(_, _, format)| *format)
        });
        found.ok_or_else(|| {
            let own: Vec<String> = kind
                .formats()
                .map(|one| quoted(one.format.name()))
                .collect();
            let others = FORMATS.iter().filter(|one| one.format.name() == name);
            let others: Vec<String> = others.map(|one| quoted(one.kind.command())).collect();
            let elsewhere = match others.is_empty() {
                true => String::new(),
                false => format!("; {} does", list(&others, "and")),
            };
            format!(
                "`{}` does not write `{name}`{elsewhere}; it writes {}",
                kind.command(),
                list(&own, "or")
            )
        })
    }

    /// Says that a command does not write this format.
    pub(super) fn missing(self, kind: ReportKind) -> io::Error {
        let why = match Self::named(self.name(), kind) {
            Ok(_) => format!("`{}` is not written here", self.name()),
            Err(why) => why,
        };
        io::Error::new(io::ErrorKind::InvalidInput, why)
    }
}

impl ReportKind {
    /// All of them, in the order of the table.
    pub const ALL: [Self; 7] = [
        Self::Check,
        Self::Query,
        Self::Diff,
        Self::Show,
        Self::Graph,
        Self::Verify,
        Self::Audit,
    ];

    /// The command that writes it.
    #[must_use]
    pub const fn command(self) -> &'static str {
        match self {
            Self::Check => "aalint check",
            Self::Query => "aalint query",
            Self::Diff => "aalint diff",
            Self::Show => "aalint show",
            Self::Graph => "aalint graph",
            Self::Verify => "aalint verify",
            Self::Audit => "aalint audit",
        }
    }

    /// The formats that the command writes, the default first.
    pub fn formats(self) -> impl Iterator<Item = &'static FormatUse> {
        FORMATS.iter().filter(move |one| one.kind == self)
    }
}

fn quoted(text: &str) -> String {
    format!("`{text}`")
}

/// `a, b and c`
fn list(all: &[String], last: &str) -> String {
    match all {
        [] => String::new(),
        [only] => only.clone(),
        [first @ .., end] => format!("{} {last} {end}", first.join(", ")),
    }
}
