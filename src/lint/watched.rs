//! Files that a rule should not expose by accident, and the rules that expose them.

use super::{Cx, Sink, listed};
use crate::access::{Class, Effective};
use crate::analysis::{FileList, is_part_of_broad_access, matches_all};
use crate::diagnostic::{Claim, Diagnostic, Severity};
use crate::glob::Nfa;
use crate::lang::files::Files;
use crate::lang::places::EVERYTHING;
use crate::policy::ProfileView;
use crate::source::Span;
use crate::syntax::ast::Mode;

/// A list of such files, and the permissions that matter.
#[derive(Debug)]
pub struct Watched {
    files: &'static [Files],
    list: FileList,
    wanted: u8,
}

/// A rule that exposes some of them.
#[derive(Debug)]
pub struct Exposure {
    /// Where the rule is reported.
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
    /// what it exposes.
    pub is_named: bool,
    /// What is allowed of each.
    pub claims: Vec<Claim>,
    /// How a deny rule for them begins, if one is good advice.
    deny: Option<&'static str>,
}

impl Watched {
    /// Of the files of a list any of the permissions `wanted`.
    #[must_use]
    pub fn new(files: &'static [Files], wanted: u8) -> Self {
        let list = FileList::new(files.iter().map(|file| (file.pattern, file.example)));
        Self {
            files,
            list,
            wanted,
        }
    }

    /// The profile's own rules that expose any of them. Rules for everything around a file are left out:
    /// `broad-access` and `unrestricted-etc` report them once.
    #[must_use]
    pub fn exposures(&self, profile: &ProfileView<'_>, cx: &Cx<'_>) -> Vec<Exposure> {
        let effective = cx.effective(profile);
        let exposing = effective.exposing_rules(
            profile,
            cx.summaries,
            &self.list,
            self.wanted,
            |entry, path| !is_part_of_broad_access(entry, path),
        );
        let exposures = exposing.iter().filter_map(|rule| {
            let ((_, fact), first) = rule.first(profile, cx.summaries)?;
            let file = self.files.get(first.number)?;
            Some(Exposure {
                place: cx.span(fact),
                path: first.text(),
                file,
                permissions: first.permissions(),
                others: rule.others(),
                is_named: rule.is_named(file.homes),
                claims: cx.claims_of_exposed(profile, rule),
                deny: may_be_denied(&effective, file, profile).then(|| cx.advised_deny(profile)),
            })
        });
        exposures.collect()
    }
}

/// Whether a deny rule for these files leaves alone what other rules allow by name, and does not begin a list of what is
/// denied beside a rule that allows everything: `deny-shadows-allow` and `deny-list-policy` find fault with those.
fn may_be_denied(effective: &Effective, file: &Files, profile: &ProfileView<'_>) -> bool {
    let Ok(denied) = Nfa::path(file.pattern) else {
        return false;
    };
    let entries = effective.own_entries(profile, Class::File);
    let mut allowing = entries.filter(|found| found.entry.effect == Mode::Allow);
    !allowing.any(|found| {
        let names_it = found.entry.nfa.is_exact && found.entry.nfa.intersects(&denied);
        names_it || matches_all(found.entry, &EVERYTHING)
    })
}

/// How many other files a finding names.
const MAX_NAMED: usize = 3;

impl Exposure {
    /// A finding that says so: `verb` is what can be done to the file, as in "can be read". It is an
    /// `info` where the rule names the file.
    #[must_use]
    pub fn finding(&self, verb: &str, sink: &Sink<'_>) -> Diagnostic {
        let path = &self.path;
        let message = if self.is_named {
            format!("`{path}` can be {verb}")
        } else {
            format!("this pattern matches `{path}`, which can be {verb}")
        };
        let mut finding = sink
            .at(self.place, message)
            .mark(format!("it {}", self.file.reason))
            .claims(self.claims.iter().cloned());
        if self.is_named {
            finding = finding.severity(Severity::Info);
        }
        if !self.others.is_empty() {
            finding = finding.note(format!(
                "the same holds for {}",
                listed(&self.others, MAX_NAMED)
            ));
        }
        finding
    }

    /// What to do about it, where `letter` is the permission that does harm.
    #[must_use]
    pub fn advice(&self, letter: char) -> String {
        if self.is_named {
            return "remove the rule if the program does not need it".to_owned();
        }
        let Some(deny) = self.deny else {
            return "name the files that the program needs".to_owned();
        };
        let pattern = self.file.pattern;
        let others = if self.others.is_empty() {
            ""
        } else {
            " and the others"
        };
        format!(
            "name the files that the program needs, or deny this one{others}: for example `{deny} {pattern} {letter},`"
        )
    }
}
