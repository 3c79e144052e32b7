//! Audit records with what explains them.

mod entry;
mod human;
mod json;
mod shown;
mod words;

use std::io::{self, Write};

use super::format::{Format, ReportKind};
use super::style::Style;
use entry::entries;

pub use shown::ShownRecord;

pub(super) use json::RecordDocument;
#[cfg(feature = "verify")]
pub(super) use json::document;

/// Writes records and what explains them.
///
/// # Errors
/// If `out` fails, or `audit` does not write this format.
pub fn audit_records<'r>(
    format: Format,
    records: impl IntoIterator<Item = ShownRecord<'r>>,
    style: Style,
    out: &mut dyn Write,
) -> io::Result<()> {
    let mut records = records.into_iter();
    match format {
        Format::Human => entries(records).try_for_each(|entry| human::write(&entry, style, out)),
        Format::Json => records.try_for_each(|shown| json::write(shown, out)),
        other => Err(other.missing(ReportKind::Audit)),
    }
}

/// Writes a record that says the same as one before, which people were told all about.
///
/// # Errors
/// If `out` fails, or `audit` does not write this format.
pub fn audit_again(
    format: Format,
    shown: ShownRecord<'_>,
    style: Style,
    out: &mut dyn Write,
) -> io::Result<()> {
    match format {
        Format::Human => human::again(shown, style, out),
        _ => audit_records(format, [shown], style, out),
    }
}
