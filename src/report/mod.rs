//! Rendering what was found, one file a format.

mod ansi;
#[cfg(feature = "verify")]
mod audit;
mod clean;
mod concise;
mod diff;
mod edit;
mod github;
mod graph;
mod human;
mod json;
mod page;
mod query;
mod snippet;
mod statistics;
mod style;
#[cfg(feature = "verify")]
mod verify;
mod vocabulary;
mod words;

use std::io::{self, Write};

use crate::session::Report;
use words::{idle, left_out, plural, summary};

#[cfg(feature = "verify")]
pub use audit::{AuditFormat, audit_record};
pub use clean::Clean;
pub use diff::{DiffFormat, diff};
pub use graph::{GraphFormat, View, write as write_graph};
pub use page::{explain, list};
pub use query::{AnswerFormat, answers, faulty_requests};
pub use style::Style;
#[cfg(feature = "verify")]
pub use verify::{VerifyFormat, plan, skipped, verification};
pub(crate) use words::one_line;

/// A format.
#[derive(Copy, Clone, PartialEq, Eq, Debug, Default, clap::ValueEnum)]
pub enum Format {
    /// With source lines, reasons and edits, for people.
    #[default]
    Human,
    /// `path:line:col: severity[code] name: message`, for editors.
    Concise,
    /// A JSON document; docs/json.md describes it.
    Json,
    /// Annotations of a GitHub workflow.
    Github,
}

/// The schemas of all JSON documents, each with the name of its document.
#[must_use]
pub fn schemas() -> Vec<(&'static str, schemars::Schema)> {
    vec![
        vocabulary::schema::<json::CheckDocument<'_>>(),
        vocabulary::schema::<query::QueryDocument<'_>>(),
        vocabulary::schema::<diff::DiffDocument<'_>>(),
        vocabulary::schema::<graph::GraphDocument<'_>>(),
        #[cfg(feature = "verify")]
        vocabulary::schema::<verify::VerifyDocument<'_>>(),
        #[cfg(feature = "verify")]
        vocabulary::schema::<verify::SkipDocument>(),
        #[cfg(feature = "verify")]
        vocabulary::schema::<audit::RecordDocument<'_>>(),
    ]
}

/// Writes a report.
///
/// # Errors
/// If `out` fails.
pub fn write(format: Format, report: &Report, style: Style, out: &mut dyn Write) -> io::Result<()> {
    match format {
        Format::Human => human::write(report, style, out)?,
        Format::Concise => concise::write(report, style, out)?,
        Format::Json => return json::write(report, out),
        Format::Github => github::write(report, style, out)?,
    }
    if style.statistics {
        statistics::write(report, out)
    } else {
        Ok(())
    }
}
