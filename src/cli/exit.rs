//! The exit codes, all of them; docs/exit-codes.md is the table.
//!
//! A code is decided by what was found, never by what could be written: standard output that nobody
//! reads any more changes nothing.

use std::io::{self, Write};

use crate::access::Outcome;
use crate::diagnostic::Severity;
use crate::report;
use crate::rules::registry::INVALID_CONFIG;
use crate::session::diff::PolicyDiff;
use crate::session::{Answers, LeftOut, Report};
#[cfg(feature = "verify")]
use crate::verify::{ProofStatus, Refusal, Verification};

use super::args::DiffThreshold;
use super::stderr::complaints;

/// Done, and nothing to object to.
pub(super) const CLEAN: u8 = 0;
/// Findings, a refused request, a difference, a broken promise.
pub(super) const FINDINGS: u8 = 1;
/// Wrong usage, broken configuration, or something that was to be judged and could not be.
pub(super) const FAILURE: u8 = 2;

/// Of verify: what is promised is not enforced here, or the machine cannot verify it.
#[cfg(feature = "verify")]
const NOT_ENFORCED: u8 = 3;
/// Of verify: something is inconclusive.
#[cfg(feature = "verify")]
const INCONCLUSIVE: u8 = 4;
/// Of verify: aalint and the kernel, or its parser, disagree.
#[cfg(feature = "verify")]
const DISAGREEMENT: u8 = 5;
/// Of verify: something is left of a run.
#[cfg(feature = "verify")]
pub(super) const LEFTOVER: u8 = 6;
/// Of verify: a signal ended it; its number is added.
#[cfg(feature = "verify")]
const SIGNAL: u8 = 128;

/// Of a check with this threshold, `None` if nothing is to fail it.
pub(super) fn of_check(report: &Report, threshold: Option<Severity>) -> u8 {
    let has_broken_config = report
        .findings
        .iter()
        .any(|finding| finding.rule == INVALID_CONFIG);
    if !report.failures.is_empty() || has_broken_config {
        return FAILURE;
    }
    let Some(threshold) = threshold else {
        return CLEAN;
    };
    let has_findings = report
        .findings
        .iter()
        .any(|finding| finding.severity >= threshold);
    let is_idle = report.is_idle() && Severity::Warning >= threshold;
    if has_findings || is_idle {
        FINDINGS
    } else {
        CLEAN
    }
}

/// Of a comparison.
pub(super) fn of_diff(diff: &PolicyDiff, threshold: DiffThreshold) -> u8 {
    let is_gate = threshold != DiffThreshold::Never;
    if !diff.failures.is_empty() || (is_gate && diff.is_undecided()) {
        return FAILURE;
    }
    let is_failed = match threshold {
        DiffThreshold::Wider => diff.is_wider(),
        DiffThreshold::Narrower => diff.is_narrower(),
        DiffThreshold::Different => diff.is_different(),
        DiffThreshold::Never => false,
    };
    if is_failed { FINDINGS } else { CLEAN }
}

/// Of requests that were answered.
pub(super) fn of_query(answers: &Answers) -> u8 {
    let mut all = answers.answers.iter();
    if all.all(|answer| answer.outcome == Outcome::Allowed) {
        CLEAN
    } else {
        FINDINGS
    }
}

/// Of a verification: the worst thing decides.
#[cfg(feature = "verify")]
pub(super) fn of_verification(verification: &Verification) -> u8 {
    let worst = verification.results().max();
    let is_unproven = verification.proof.is_same.is_none() || verification.proof.change.is_some();
    match worst {
        Some(ProofStatus::Disagreement) => DISAGREEMENT,
        Some(ProofStatus::Failed) => FINDINGS,
        _ if verification.leftover.is_some() => LEFTOVER,
        Some(ProofStatus::NotEnforced) => NOT_ENFORCED,
        Some(ProofStatus::Inconclusive) => INCONCLUSIVE,
        _ if is_unproven => INCONCLUSIVE,
        Some(ProofStatus::Proved | ProofStatus::NotAsked) => CLEAN,
        None => INCONCLUSIVE,
    }
}

/// Of a verification that does not take place.
#[cfg(feature = "verify")]
#[must_use]
pub const fn of_refusal(refusal: &Refusal) -> u8 {
    match refusal {
        Refusal::Compile(_) | Refusal::Load(_) => FINDINGS,
        Refusal::OddName { .. } | Refusal::ForeignInclude { .. } => FAILURE,
        Refusal::OtherProfiles(_) => DISAGREEMENT,
        Refusal::Interrupted(signal) => SIGNAL.saturating_add(*signal),
        // The machine cannot verify.
        _ => NOT_ENFORCED,
    }
}

/// Of a command whose output may break off because nobody reads it: what it had found until then is
/// no failure.
pub(super) fn or_unread(result: anyhow::Result<u8>) -> anyhow::Result<u8> {
    let is_unread = |error: &anyhow::Error| {
        let mut causes = error
            .chain()
            .filter_map(|cause| cause.downcast_ref::<io::Error>());
        causes.any(|error| error.kind() == io::ErrorKind::BrokenPipe)
    };
    match result {
        Err(error) if is_unread(&error) => Ok(CLEAN),
        other => other,
    }
}

/// Of a graph.
pub(super) fn of_graph(failures: &[(String, String)]) -> u8 {
    if failures.is_empty() { CLEAN } else { FAILURE }
}

/// Names on standard error what could not be judged, and why.
pub(super) fn tell(failures: impl IntoIterator<Item = (String, String)>) {
    let mut err = complaints(false);
    for (what, why) in failures {
        let (what, why) = (report::one_line(&what), report::one_line(&why));
        // Where nobody reads it, the code says that there is something.
        let _ = writeln!(err, "aalint: {what}: {why}");
    }
}

/// Says on standard error what was left out of a directory, where no summary does.
pub(super) fn note(left_out: &LeftOut) {
    let mut err = complaints(false);
    let notes = [
        left_out.excluded_note(),
        left_out.ignored_note(),
        left_out.unwalked_note(),
    ];
    let notes = notes.into_iter().flatten();
    for note in notes.chain(left_out.unjudged_notes()) {
        let _ = writeln!(err, "aalint: note: {}", report::one_line(&note));
    }
}

/// Standard output that somebody may stop reading. What is written then goes nowhere, and the work is
/// done to its end, so that the code is the one that is due.
pub(super) struct Unread<W> {
    out: W,
    is_closed: bool,
}

impl<W: Write> Unread<W> {
    pub(super) const fn new(out: W) -> Self {
        Self {
            out,
            is_closed: false,
        }
    }

    /// The result of writing, or what it would have been.
    fn or_nowhere<T>(&mut self, result: io::Result<T>, otherwise: T) -> io::Result<T> {
        match result {
            Err(error) if error.kind() == io::ErrorKind::BrokenPipe => {
                self.is_closed = true;
                Ok(otherwise)
            }
            other => other,
        }
    }
}

impl<W: Write> Write for Unread<W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        if self.is_closed {
            return Ok(bytes.len());
        }
        let result = self.out.write(bytes);
        self.or_nowhere(result, bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        if self.is_closed {
            return Ok(());
        }
        let result = self.out.flush();
        self.or_nowhere(result, ())
    }
}
