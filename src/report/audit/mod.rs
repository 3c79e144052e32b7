//! Audit records with what explains them.

mod human;
mod json;
mod words;

use std::io::{self, Write};

use super::format::{Format, ReportKind};
use super::style::Style;
use crate::verify::audit::{Explanation, Record};

pub(super) use json::{RecordDocument, document};

/// Writes a record and what explains it.
///
/// # Errors
/// If `out` fails, or `verify --audit` does not write this format.
pub fn audit_record(
    format: Format,
    record: &Record,
    explanation: &Explanation,
    style: Style,
    out: &mut dyn Write,
) -> io::Result<()> {
    match format {
        Format::Human => human::write(record, explanation, style, out),
        Format::Json => json::write(record, explanation, out),
        other => Err(other.missing(ReportKind::Audit)),
    }
}
