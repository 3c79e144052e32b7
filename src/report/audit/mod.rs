//! Audit records with what explains them.

mod human;
mod json;
mod words;

use std::io::{self, Write};

use super::Style;
use crate::verify::audit::{Explanation, Record};

pub(super) use json::{RecordDocument, document};

/// A format of explained records.
#[derive(Copy, Clone, PartialEq, Eq, Debug)]
pub enum AuditFormat {
    /// A few lines for each record, for people.
    Human,
    /// A JSON document for each record, one a line.
    Json,
}

/// Writes a record and what explains it.
///
/// # Errors
/// If `out` fails.
pub fn audit_record(
    format: AuditFormat,
    record: &Record,
    explanation: &Explanation,
    style: Style,
    out: &mut dyn Write,
) -> io::Result<()> {
    match format {
        AuditFormat::Human => human::write(record, explanation, style, out),
        AuditFormat::Json => json::write(record, explanation, out),
    }
}
