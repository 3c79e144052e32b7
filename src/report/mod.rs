//! Reports, decisions, comparisons, transitions and verifications in all formats.
//!
//! `format.rs` says which command writes which format, `vocabulary.rs` is what the JSON documents share, and `sarif.rs` and
//! `junit.rs` serve every command that writes these.

mod ansi;
mod audit;
mod check;
mod clean;
mod diff;
mod edit;
mod format;
mod graph;
mod junit;
mod markdown;
mod page;
mod query;
mod sarif;
mod show;
mod snippet;
mod style;
#[cfg(feature = "verify")]
mod verify;
mod vocabulary;
mod words;

use words::plural;

pub use audit::{ShownRecord, audit_again, audit_records};
pub use check::write;
pub use clean::Clean;
pub use diff::diff;
pub use format::{FORMATS, Format, FormatUse, RETIRED_NAMES, ReportKind};
pub use graph::{View, write as write_graph};
#[cfg(feature = "lsp")]
pub(crate) use markdown::code;
pub use page::{explain, list};
#[cfg(feature = "lsp")]
pub use query::decision_lines;
pub use query::{answers, faulty_requests};
pub use show::shown;
pub use style::Style;
#[cfg(feature = "verify")]
pub use verify::{plan, skipped, verification};
pub(crate) use words::one_line;

/// The schemas of all JSON documents, each with the name of its document.
#[must_use]
pub fn schemas() -> Vec<(&'static str, schemars::Schema)> {
    vec![
        vocabulary::schema::<check::CheckDocument<'_>>(),
        vocabulary::schema::<query::QueryDocument<'_>>(),
        vocabulary::schema::<diff::DiffDocument<'_>>(),
        vocabulary::schema::<show::ShowDocument<'_>>(),
        vocabulary::schema::<graph::GraphDocument<'_>>(),
        #[cfg(feature = "verify")]
        vocabulary::schema::<verify::VerifyDocument<'_>>(),
        #[cfg(feature = "verify")]
        vocabulary::schema::<verify::SkipDocument>(),
        vocabulary::schema::<audit::RecordDocument<'_>>(),
    ]
}
