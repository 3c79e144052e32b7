//! What came of a verification, and what one would do.

mod container;
mod evidence;
mod html;
mod human;
mod json;
mod junit;
mod plan;
mod probes;
mod reason;
mod sarif;
mod sheet;
mod words;

use std::io::{self, Write};

use super::format::{Format, ReportKind};
use super::style::Style;
use crate::verify::{Plan, Refusal, Verification};
use sheet::Sheet;

pub(super) use json::{SkipDocument, VerifyDocument};
pub use plan::plan;

/// Writes what came of a verification; with `all` the rules that are as they should be as well.
///
/// # Errors
/// If `out` fails, or `verify` does not write this format.
pub fn verification(
    format: Format,
    plan: &Plan,
    verification: &Verification,
    all: bool,
    style: Style,
    out: &mut dyn Write,
) -> io::Result<()> {
    match format {
        Format::Human => human::write(plan, verification, all, style, out),
        Format::Json => json::write(plan, verification, out),
        Format::Junit => junit::write(&Sheet::new(plan, verification), out),
        Format::Sarif => sarif::write(&Sheet::new(plan, verification), &plan.path, out),
        Format::Html => {
            let profiles = sheet::profiles(plan, verification);
            html::write(&Sheet::new(plan, verification), &profiles, out)
        }
        other => Err(other.missing(ReportKind::Verify)),
    }
}

/// Writes that nothing was verified, because the machine cannot, and that this was to pass.
///
/// # Errors
/// If `out` fails, or `verify` does not write this format.
pub fn skipped(format: Format, refusal: &Refusal, out: &mut dyn Write) -> io::Result<()> {
    match format {
        Format::Human => writeln!(out, "skipped, nothing was verified: {refusal}"),
        Format::Json => json::skipped(refusal, out),
        Format::Junit => junit::skipped(refusal, out),
        Format::Sarif => sarif::skipped(refusal, out),
        Format::Html => html::skipped(refusal, out),
        other => Err(other.missing(ReportKind::Verify)),
    }
}
