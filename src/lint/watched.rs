//! Files that a rule should open on purpose alone, and the rules that open them.

use super::{Cx, Sink, listed};
use crate::analysis::{Targets, is_among_much};
use crate::diagnostic::{Diagnostic, Severity};
use crate::lang::files::Files;
use crate::policy::ProfileView;
use crate::source::Span;

/// A list of such files, and the permissions that matter.
#[derive(Debug)]
pub struct Watched {
    files: &'static [Files],
    targets: Targets,
    wanted: u8,
}

/// A rule that opens some of them.
#[derive(Debug)]
pub struct Opening {
    /// Where the rule is told.
    pub place: Span,
    /// The first of the files, in the order of the list.
    pub path: String,
    /// What of the list it belongs to.
    pub file: &'static Files,
    /// What may be done to it.
    pub permissions: u8,
    /// The paths of the others.
    pub others: Vec<String>,
    /// Whether the rule names the file, or the directory that holds such files: its author knows then
    /// what it opens.
    pub is_named: bool,
}

impl Watched {
    /// Of the files of a list any of the permissions `wanted`.
    #[must_use]
    pub fn new(files: &'static [Files], wanted: u8) -> Self {
        let targets = Targets::new(files.iter().map(|file| (file.pattern, file.example)));
        Self {
            files,
            targets,
            wanted,
        }
    }

    /// The profile's own rules that open any of them. What opens everything around a file is left out:
    /// `broad-access` and `unrestricted-etc` tell that, once.
    #[must_use]
    pub fn openings(&self, profile: &ProfileView<'_>, cx: &Cx<'_>) -> Vec<Opening> {
        let effective = cx.effective(profile);
        let opened = effective.opened(
            profile,
            cx.digests,
            &self.targets,
            self.wanted,
            |entry, path| !is_among_much(entry, path),
        );
        let openings = opened.iter().filter_map(|rule| {
            let ((_, fact), first) = rule.first(profile, cx.digests)?;
            let file = self.files.get(first.number)?;
            Some(Opening {
                place: cx.span(fact),
                path: first.text(),
                file,
                permissions: first.permissions(),
                others: rule.others(),
                is_named: rule.is_named(file.homes),
            })
        });
        openings.collect()
    }
}

/// How many other files a finding names.
const MOST: usize = 3;

impl Opening {
    /// A finding that says so: `deed` is what can be done to the file, as in "can be read". It is an
    /// `info` where the rule names the file.
    #[must_use]
    pub fn finding(&self, deed: &str, sink: &Sink<'_>) -> Diagnostic {
        let path = &self.path;
        let message = if self.is_named {
            format!("`{path}` can be {deed}")
        } else {
            format!("a pattern lets `{path}` be {deed}")
        };
        let mut finding = sink
            .at(self.place, message)
            .mark(format!("it {}", self.file.reason));
        if self.is_named {
            finding = finding.severity(Severity::Info);
        }
        if !self.others.is_empty() {
            finding = finding.note(format!("so can {}", listed(&self.others, MOST)));
        }
        finding
    }

    /// What to do about it, where `letter` is the permission that does harm.
    #[must_use]
    pub fn advice(&self, letter: char) -> String {
        if self.is_named {
            return "remove the rule if the program can do without".to_owned();
        }
        let pattern = self.file.pattern;
        let others = if self.others.is_empty() {
            ""
        } else {
            " and the others likewise"
        };
        format!(
            "name the files that the program needs, or deny this one{others}: `deny {pattern} {letter},`"
        )
    }
}
