//! What is to be done with edits, and what came of it.

use std::collections::BTreeMap;

use crate::session::check::Report;
use crate::source::ResolvedSpan;

/// Which edits are made.
#[derive(Copy, Clone, PartialEq, Eq, Debug)]
pub enum Edits<'r> {
    /// Those that leave what policy compiles to as it is.
    Safe,
    /// Also those that change it.
    Unsafe,
    /// None that a finding offers: a comment that ignores it, with this reason.
    Ignores(&'r str),
}

/// What is to be done, beside what is checked.
#[derive(Copy, Clone)]
pub struct FixJob<'j> {
    /// Which edits are made.
    pub edits: Edits<'j>,
    /// Whether a file may be changed.
    pub may_write: &'j dyn Fn(&str) -> bool,
    /// The paths of policy that is not checked, but may include this file: what it decides must stay the same as well.
    pub around: &'j dyn Fn(&str) -> Vec<String>,
}

/// A file with its edits.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct FixedFile {
    /// Its path, as it was named or found.
    pub path: String,
    /// Its text before the edits.
    pub before: String,
    /// Its text with them.
    pub after: String,
}

/// Why an edit is not made.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum WithheldReason {
    /// It would change what this profile decides, or how it is attached.
    Decisions(String),
    /// Whether it changes what this profile decides is too complex to find out.
    TooComplex(String),
    /// No profile that includes the file is known, so nothing shows what the edit changes.
    NoProfile,
    /// The text would be read worse than before.
    Faults,
    /// The finding would still be there.
    Stays,
    /// It would bring a finding of this rule.
    Brings(&'static str),
    /// A comment that ignores findings would then ignore one that it did not.
    Silences,
    /// A file could not be judged any more.
    Unjudged,
    /// More edits failed than are tried one by one.
    Untried,
}

/// An edit that was not made.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct WithheldEdit {
    /// Where its finding is.
    pub place: ResolvedSpan,
    /// The rule of the finding.
    pub rule: &'static str,
    /// What it would do, as an imperative.
    pub title: String,
    /// Why it is not made.
    pub why: WithheldReason,
}

/// What came of making edits.
#[derive(Debug, Default)]
pub struct Fixed {
    /// The files that are to be written, sorted by path.
    pub files: Vec<FixedFile>,
    /// How many findings of each rule the edits removed.
    pub applied: BTreeMap<&'static str, usize>,
    /// The edits that were not made, by place.
    pub withheld: Vec<WithheldEdit>,
    /// The rules whose edits undid each other or did not end; then nothing is to be written.
    pub fighting: Vec<&'static str>,
    /// Whether the rounds ended though edits may be left.
    pub is_cut_short: bool,
    /// What is found after the edits.
    pub report: Report,
}
