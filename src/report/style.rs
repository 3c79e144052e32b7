//! How to write a report, whatever its format.

use crate::diagnostic::Severity;

/// How to write a report.
#[derive(Copy, Clone, PartialEq, Eq, Debug, Default)]
pub struct Style {
    /// Whether colours may be used.
    pub color: bool,
    /// Whether nothing but findings is written.
    pub quiet: bool,
    /// Whether a table of how many findings each rule has is added.
    pub statistics: bool,
    /// Whether findings show the decisions on which they rest.
    pub why: bool,
    /// The lowest severity of a finding that fails a check, if findings can fail it.
    pub fail_on: Option<Severity>,
}
