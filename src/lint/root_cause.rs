//! Rules that add nothing to one that lets a profile write every file: one cause is one finding.

use std::cell::OnceCell;

use rustc_hash::FxHashMap;

use super::Cx;
use crate::access::Class;
use crate::analysis::writes_everything;
use crate::diagnostic::{Diagnostic, RootCause};
use crate::policy::{Fact, ProfileView};
use crate::syntax::ast::{Body, Conditioned};

/// How many other rules the finding marks.
const PARTS_SHOWN: usize = 8;

/// The rule of a profile that lets it write every file, looked for when it is first asked for.
///
/// Such a profile confines nothing: a process that can write every file gets whatever it lacks. `dbus,` or `capability,`
/// beside that rule are the same decision of their author.
#[derive(Debug)]
pub struct EveryFile<'p, 'c> {
    profile: &'p ProfileView<'c>,
    cx: &'p Cx<'c>,
    found: OnceCell<Option<RootCause>>,
}

impl<'p, 'c> EveryFile<'p, 'c> {
    /// That of this profile.
    #[must_use]
    pub const fn new(profile: &'p ProfileView<'c>, cx: &'p Cx<'c>) -> Self {
        Self {
            profile,
            cx,
            found: OnceCell::new(),
        }
    }

    /// The finding as a part of the one about every file, if its rule is written without conditions, as `dbus,` is.
    #[must_use]
    pub fn include(&self, finding: Diagnostic, fact: &Fact<'_>) -> Diagnostic {
        let cause = is_bare(&fact.rule.body)
            .then(|| *self.found.get_or_init(|| self.find()))
            .flatten();
        Diagnostic { cause, ..finding }
    }

    fn find(&self) -> Option<RootCause> {
        let (profile, cx) = (self.profile, self.cx);
        // The files of a container are not those of the machine.
        if cx.may_be_for_container(profile) {
            return None;
        }
        let effective = cx.effective(profile);
        let mut entries = effective.own_entries(profile, Class::File);
        entries.find_map(|entry| {
            if !writes_everything(&effective, entry.entry) {
                return None;
            }
            let (_, fact) = entry.origin(profile, cx.summaries)?;
            let rule = match fact.rule.body {
                Body::AllFiles | Body::All => "allow-all",
                _ => "broad-access",
            };
            let place = cx.span(fact);
            Some(RootCause { rule, place })
        })
    }
}

/// Whether a rule allows everything of its kind: nothing follows the keyword.
fn is_bare(body: &Body) -> bool {
    let has_none = |rule: &Conditioned| {
        rule.access.is_empty()
            && rule.conditions.is_empty()
            && rule.operands.is_empty()
            && rule.peer.is_none()
    };
    match body {
        Body::Capability(names) => names.is_empty(),
        Body::Network(rule)
        | Body::Signal(rule)
        | Body::Ptrace(rule)
        | Body::Unix(rule)
        | Body::Dbus(rule) => has_none(rule),
        Body::Mount(rule) => {
            rule.source.is_none() && rule.target.is_none() && rule.conditions.is_empty()
        }
        Body::ChangeProfile(rule) => rule.exec.is_none() && rule.target.is_none(),
        _ => false,
    }
}

/// Makes findings marks of the one that tells their cause. Where that one is not shown, or is milder, they stay.
pub(super) fn fold_into_causes(findings: Vec<Diagnostic>) -> Vec<Diagnostic> {
    let (parts, mut kept): (Vec<_>, Vec<_>) = findings
        .into_iter()
        .partition(|finding| finding.cause.is_some());
    if parts.is_empty() {
        return kept;
    }
    let mut causes = FxHashMap::default();
    for (number, finding) in kept.iter().enumerate() {
        let rule = finding.rule.name;
        // A finding in an included file is shown at the include, and marks the rule.
        for label in finding.labels.iter().take(2) {
            let place = label.span;
            causes.entry(RootCause { rule, place }).or_insert(number);
        }
    }
    let mut counts: FxHashMap<usize, usize> = FxHashMap::default();
    for part in parts {
        let number = part.cause.and_then(|cause| causes.get(&cause).copied());
        let whole = number.and_then(|number| Some((number, kept.get_mut(number)?)));
        match whole.filter(|(_, whole)| whole.severity >= part.severity) {
            Some((number, whole)) => {
                let count = counts.entry(number).or_default();
                *count += 1;
                absorb(whole, part, *count);
            }
            None => kept.push(part),
        }
    }
    kept
}

/// Adds what a finding says to the one that tells its cause; `count` says which of its parts it is.
fn absorb(whole: &mut Diagnostic, part: Diagnostic, count: usize) {
    if count == 1 {
        whole
            .help
            .push("narrow the other rules that are marked as well".to_owned());
    }
    if count > PARTS_SHOWN {
        return;
    }
    let mut marks = part.labels;
    if let Some(mark) = marks.first_mut() {
        mark.text = part.message;
        mark.style = crate::diagnostic::LabelStyle::Secondary;
    }
    whole.labels.extend(marks.into_iter().take(1));
    whole.claims.extend(part.claims);
}
