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

use super::Style;
use crate::verify::{Plan, Refusal, Verification};
use sheet::Sheet;

pub(super) use json::{SkipDocument, VerifyDocument};
pub use plan::plan;

/// A format of verifications.
#[derive(Copy, Clone, PartialEq, Eq, Debug, Default, clap::ValueEnum)]
pub enum VerifyFormat {
    /// A table, for people.
    #[default]
    Human,
    /// A JSON document with all evidence; docs/verify.md describes it.
    Json,
    /// JUnit XML: a case for each promise and rule, for CI servers.
    Junit,
    /// SARIF 2.1.0: what is not proved, for code scanning.
    Sarif,
    /// One HTML page with the evidence behind each cell, for people.
    Html,
}

/// Writes what came of a verification; with `all` the rules that are as they should be as well.
///
/// # Errors
/// If `out` fails.
pub fn verification(
    format: VerifyFormat,
    plan: &Plan,
    verification: &Verification,
    all: bool,
    style: Style,
    out: &mut dyn Write,
) -> io::Result<()> {
    match format {
        VerifyFormat::Human => human::write(plan, verification, all, style, out),
        VerifyFormat::Json => json::write(plan, verification, out),
        VerifyFormat::Junit => junit::write(&Sheet::new(plan, verification), out),
        VerifyFormat::Sarif => sarif::write(&Sheet::new(plan, verification), &plan.path, out),
        VerifyFormat::Html => {
            let profiles = sheet::profiles(plan, verification);
            html::write(&Sheet::new(plan, verification), &profiles, out)
        }
    }
}

/// Writes that nothing was verified, because the machine cannot, and that this was to pass.
///
/// # Errors
/// If `out` fails.
pub fn skipped(format: VerifyFormat, refusal: &Refusal, out: &mut dyn Write) -> io::Result<()> {
    match format {
        VerifyFormat::Human => writeln!(out, "skipped, nothing was verified: {refusal}"),
        VerifyFormat::Json => json::skipped(refusal, out),
        VerifyFormat::Junit => junit::skipped(refusal, out),
        VerifyFormat::Sarif => sarif::skipped(refusal, out),
        VerifyFormat::Html => html::skipped(refusal, out),
    }
}
