//! An edit that may be made.

use crate::diagnostic::{Applicability, Diagnostic, Edit, Fix, apply_edits};
use crate::session::check::Report;
use crate::source::{FileId, ResolvedSpan, TextRange};

/// An edit and where it is made, as long as nothing around it changes.
pub(super) type EditKey = Vec<(String, TextRange, String)>;

/// An edit that may be made.
#[derive(Clone, Debug)]
pub(super) struct EditCandidate {
    /// What identifies it.
    pub(super) key: EditKey,
    /// The place of the finding.
    pub(super) place: ResolvedSpan,
    /// The rules of the findings that must be gone, one for each.
    pub(super) gone: Vec<&'static str>,
    /// What it does, as an imperative.
    pub(super) title: String,
    /// Whether what policy compiles to must stay the same.
    pub(super) is_safe: bool,
    /// Whether it is a comment that ignores findings.
    pub(super) is_ignore: bool,
    /// Whether it mends text that the parser refuses.
    pub(super) is_of_syntax: bool,
    /// What the finding says of other rules.
    pub(super) notes: Vec<String>,
}

impl EditCandidate {
    /// The files that it is about.
    pub(super) fn paths(&self) -> impl Iterator<Item = &str> {
        let edited = self.key.iter().map(|(path, ..)| path.as_str());
        edited.chain([self.place.path.as_str()])
    }

    /// The rule of its first finding.
    pub(super) fn rule(&self) -> &'static str {
        self.gone.first().copied().unwrap_or_default()
    }

    /// Of findings at one place whose edits are these.
    pub(super) fn of(
        findings: &[&Diagnostic],
        fix: &Fix,
        place: ResolvedSpan,
        report: &Report,
    ) -> Self {
        let sources = &report.store.sources;
        let edits = fix.edits.iter().map(|edit| {
            let path = sources.get(edit.span.file).path.clone();
            (path, edit.span.range, edit.text.clone())
        });
        let mut key: EditKey = edits.collect();
        key.sort();
        let notes = findings.iter().flat_map(|finding| &finding.notes);
        let syntax = |finding: &&Diagnostic| finding.rule.group == "syntax";
        Self {
            key,
            place,
            gone: findings.iter().map(|finding| finding.rule.name).collect(),
            title: fix.title.clone(),
            is_safe: fix.applicability == Applicability::Safe,
            is_ignore: false,
            is_of_syntax: findings.iter().any(syntax),
            notes: notes.cloned().collect(),
        }
    }
}

/// The text of a file with edits in it that do not overlap.
pub(super) fn spliced(text: &str, edits: &[(TextRange, &str)]) -> String {
    let file = FileId(0);
    let edits: Vec<Edit> = edits
        .iter()
        .map(|(range, text)| Edit {
            span: range.in_file(file),
            text: (*text).to_owned(),
        })
        .collect();
    apply_edits(text, &edits.iter().collect::<Vec<_>>())
}
