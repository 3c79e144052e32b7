//! The transitions of one profile.

use std::sync::Arc;

use super::attachment::{Attachment, paths};
use super::exec_rule::{ExecRule, exec_rules};
use super::set::{Set, To};
use super::{EdgeKind, NodeKind};
use crate::access::perms::change_profile;
use crate::access::{Class, Effective, EntryRef, Exec, bits};
use crate::glob::TooComplex;
use crate::lang::permissions::{EXEC, ExecKind};
use crate::policy::ProfileView;
use crate::source::Span;
use crate::syntax::ast::{Body, Mode};
use crate::syntax::text;

/// An edge of the profile that is looked at.
pub(super) struct Draft {
    pub(super) to: To,
    pub(super) how: EdgeKind,
    pub(super) place: Span,
    pub(super) via: Vec<Span>,
}

/// Looks for the transitions of one profile.
pub(super) struct Transitions<'t, 'a, 's> {
    set: &'t Set<'a, 's>,
    number: usize,
    profile: &'a ProfileView<'s>,
    drafts: Vec<Draft>,
    is_incomplete: bool,
}

impl Transitions<'_, '_, '_> {
    /// The edges, in the order of the rules, and whether some may be missing.
    pub(super) fn of(set: &Set<'_, '_>, number: usize) -> (Vec<Draft>, bool) {
        let Some(profile) = set.profiles.get(number) else {
            return (Vec::new(), false);
        };
        let effective = Effective::of(profile, set.summaries, set.sources, set.pool);
        let mut transitions = Transitions {
            set,
            number,
            profile,
            drafts: Vec::new(),
            is_incomplete: effective.is_incomplete,
        };
        transitions.mode();
        transitions.execs(&exec_rules(&effective));
        transitions.changes(&effective);
        transitions.hats();
        let mut drafts = transitions.drafts;
        drafts.sort_by(|a, b| {
            let key = |draft: &Draft| (draft.place, draft.to.clone(), draft.how.clone());
            key(a).cmp(&key(b))
        });
        drafts.dedup_by(|a, b| a.place == b.place && a.to == b.to && a.how.is_same_way(&b.how));
        (drafts, transitions.is_incomplete)
    }

    fn mode(&mut self) {
        if self.set.mode(self.profile) == Some("unconfined") {
            let flags = self.profile.ast.flags.as_ref().map(|flags| flags.range);
            let place = flags.unwrap_or(self.profile.ast.header);
            self.drafts.push(Draft {
                to: To::unconfined(),
                how: EdgeKind::Mode,
                place: place.in_file(self.profile.file),
                via: self.profile.via.to_vec(),
            });
        }
    }

    fn execs(&mut self, rules: &Effective) {
        for found in rules.entries(Class::File) {
            let entry = found.entry;
            let is_exec = entry.mask & bits::both(EXEC) != 0 && entry.effect == Mode::Allow;
            match entry.exec.as_ref().filter(|_| is_exec) {
                Some(exec) if exec.mode.kind != ExecKind::Inherit => {
                    let written = self.written(found);
                    let rule = ExecRule::new(rules, &entry.nfa, exec, written);
                    if self.exec(found, exec, &rule).is_err() {
                        self.is_incomplete = true;
                    }
                }
                _ => {}
            }
        }
    }

    /// The paths that a rule names, if these are a handful.
    fn written(&self, found: EntryRef<'_>) -> Option<Vec<Vec<u8>>> {
        if !found.entry.nfa.is_exact {
            return None;
        }
        let (_, fact) = found.origin(self.profile, self.set.summaries)?;
        // What an alias makes of a path is not what stands there.
        let Body::File(rule) = &fact.rule.body else {
            return None;
        };
        if !self.profile.env.aliases.is_empty() {
            return None;
        }
        let source = self.set.sources.get(fact.file);
        let pattern = text::value(source.slice(rule.path.0));
        paths(&self.profile.env.expand(&pattern).text()?)
    }

    fn exec(
        &mut self,
        found: EntryRef<'_>,
        exec: &Exec,
        rule: &ExecRule<'_>,
    ) -> Result<(), TooComplex> {
        let set = self.set;
        match (&exec.target, exec.mode.kind) {
            (Some(target), _) => {
                if let Some(witness) = rule.anywhere()? {
                    self.named(found, exec, target, &witness);
                }
            }
            (None, ExecKind::Unconfined) => {
                if let Some(witness) = rule.anywhere()? {
                    self.add(found, To::unconfined(), exec, &witness, false);
                }
            }
            (None, ExecKind::Child | ExecKind::ChildOrInherit | ExecKind::ChildOrUnconfined) => {
                let children = set.children.get(self.number).map(Vec::as_slice);
                self.attached(found, exec, rule, children.unwrap_or_default())?;
            }
            (None, _) => {
                let intersecting = set.by_prefix.intersecting(found.entry.nfa.prefixes());
                let candidates: Vec<usize> = intersecting.iter().map(|at| *at as usize).collect();
                self.attached(found, exec, rule, &candidates)?;
            }
        }
        Ok(())
    }

    fn add(&mut self, found: EntryRef<'_>, to: To, exec: &Exec, witness: &[u8], is_fallback: bool) {
        let how = EdgeKind::Exec {
            mode: exec.mode,
            is_fallback,
            witness: String::from_utf8_lossy(witness).into_owned(),
        };
        self.push(found, to, how);
    }

    fn push(&mut self, found: EntryRef<'_>, to: To, how: EdgeKind) {
        if let Some((via, fact)) = found.origin(self.profile, self.set.summaries) {
            self.drafts.push(Draft {
                to,
                how,
                place: fact.rule.range.in_file(fact.file),
                via: via.to_vec(),
            });
        }
    }

    fn named(&mut self, found: EntryRef<'_>, exec: &Exec, target: &str, witness: &[u8]) {
        let falls_back = exec.mode.kind != ExecKind::Profile;
        // The parser leaves variables in names of targets as they are; here they say what is meant.
        let target = self.profile.env.expand(target).text();
        for part in parts(&target.unwrap_or_default()) {
            let to = self.name(part);
            if !falls_back || !matches!(to, To::Other(NodeKind::Missing, _)) {
                self.add(found, to, exec, witness, false);
            } else if exec.mode.kind == ExecKind::ProfileOrUnconfined {
                self.add(found, To::unconfined(), exec, witness, true);
            }
        }
    }

    /// What a name means here: children go by the last name of the profile around them.
    fn name(&self, name: &str) -> To {
        if name == "unconfined" {
            return To::unconfined();
        }
        if name.starts_with(':') {
            return To::Other(NodeKind::Namespace, name.into());
        }
        let known = self.set.names.get(name).copied().or_else(|| {
            let own = name.strip_prefix(self.profile.name.as_str());
            let local = own.and_then(|rest| rest.strip_prefix("//"));
            let local = local.or_else(|| name.split_once("//").map(|(_, local)| local))?;
            let nested = format!("{}//{local}", self.profile.full_name);
            self.set.names.get(nested.as_str()).copied()
        });
        known.map_or_else(|| To::Other(NodeKind::Missing, name.into()), To::Known)
    }

    /// Those of `candidates` whose attachment the rule intersects, and what happens beside them.
    fn attached(
        &mut self,
        found: EntryRef<'_>,
        exec: &Exec,
        rule: &ExecRule<'_>,
        candidates: &[usize],
    ) -> Result<(), TooComplex> {
        let set = self.set;
        let mut attachments: Vec<&Attachment> = Vec::new();
        let mut is_met = false;
        for &candidate in candidates {
            let Some(Some(attachment)) = set.attachments.get(candidate) else {
                continue;
            };
            attachments.push(attachment);
            if let Some(witness) = rule.intersecting(attachment)? {
                self.add(found, To::Known(candidate), exec, &witness, false);
                is_met = true;
            }
        }
        let falls_back = match exec.mode.kind {
            ExecKind::ProfileOrUnconfined | ExecKind::ChildOrUnconfined => true,
            // Where some of the programs have a profile, the others may not be installed.
            ExecKind::Profile | ExecKind::Child if !is_met => false,
            _ => return Ok(()),
        };
        // A rule that decides nowhere leads nowhere.
        if rule.anywhere()?.is_none() {
            return Ok(());
        }
        if let Some(witness) = rule.beside(&attachments)? {
            let to = if falls_back {
                To::unconfined()
            } else {
                let path = String::from_utf8_lossy(&witness);
                To::Other(NodeKind::Missing, Arc::from(&*path))
            };
            self.add(found, to, exec, &witness, falls_back);
        }
        Ok(())
    }

    fn changes(&mut self, effective: &Effective) {
        for found in effective.entries(Class::ChangeProfile) {
            let entry = found.entry;
            let is_change = entry.mask & change_profile::NOW != 0 && entry.effect != Mode::Deny;
            if !is_change || found.origin(self.profile, self.set.summaries).is_none() {
                continue;
            }
            let is_allowed = |name: &[u8]| {
                let verdict = effective.decide(Class::ChangeProfile, name);
                verdict.allow & change_profile::NOW != 0
            };
            if let Some(name) = entry.nfa.as_literal() {
                if is_allowed(&name) {
                    for part in parts(&String::from_utf8_lossy(&name)) {
                        let to = self.name(part);
                        self.push(found, to, EdgeKind::ChangeProfile);
                    }
                }
                continue;
            }
            for (number, profile) in self.set.profiles.iter().enumerate() {
                let name = profile.full_name.as_bytes();
                if number != self.number && entry.nfa.matches(name) && is_allowed(name) {
                    self.push(found, To::Known(number), EdgeKind::ChangeProfile);
                }
            }
            if entry.nfa.matches(b"unconfined") && is_allowed(b"unconfined") {
                self.push(found, To::unconfined(), EdgeKind::ChangeProfile);
            }
        }
    }

    fn hats(&mut self) {
        let children = self.set.children.get(self.number);
        for &child in children.map(Vec::as_slice).unwrap_or_default() {
            let Some(hat) = self.set.profiles.get(child) else {
                continue;
            };
            if hat.ast.form.is_hat() {
                self.drafts.push(Draft {
                    to: To::Known(child),
                    how: EdgeKind::ChangeHat,
                    place: hat.name_span(),
                    via: hat.via.to_vec(),
                });
            }
        }
    }
}

impl EdgeKind {
    /// Whether two edges of one rule to one profile say the same.
    fn is_same_way(&self, other: &Self) -> bool {
        let exec = |how: &Self| match how {
            Self::Exec {
                mode, is_fallback, ..
            } => Some((*mode, *is_fallback)),
            _ => None,
        };
        match (exec(self), exec(other)) {
            (Some(mine), Some(theirs)) => mine == theirs,
            _ => self == other,
        }
    }
}

/// The profiles of a stack, `a//&b`; one that begins with `&` is put on top of the present one.
fn parts(name: &str) -> impl Iterator<Item = &str> {
    name.split("//&")
        .map(|part| part.trim_start_matches('&'))
        .filter(|part| !part.is_empty())
}
