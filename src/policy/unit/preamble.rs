//! The preamble: includes, variables, aliases and abi rules outside of profiles.

use std::sync::Arc;

use super::evaluation::{Evaluation, Preamble};
use crate::policy::env::Definition;
use crate::policy::{IncludeChain, IncludeTarget, Limit, ProblemKind, variable_uses};
use crate::source::{FileId, Span, TextRange};
use crate::syntax::ast::{
    Abi, AssignOperator, BooleanAssignment, Expression, Include, Item, VariableAssignment,
};
use crate::syntax::text;

impl<'s> Evaluation<'s, '_> {
    pub(super) fn preamble(&mut self, items: &'s [Item], file: FileId, via: &[Span]) {
        // In the file itself the order shows already when it is read.
        let mut has_own_profile = false;
        for item in items {
            let is_preamble = matches!(
                item,
                Item::Variable(_) | Item::Boolean(_) | Item::Alias(_) | Item::Abi(_)
            );
            if is_preamble && self.has_profile && !has_own_profile {
                let kind = ProblemKind::PreambleAfterProfile;
                self.problem(item.range().in_file(file), via, kind);
            }
            has_own_profile |= matches!(item, Item::Profile(_));
            match item {
                Item::Include(include) => self.include_preamble(include, file, via),
                Item::Variable(variable) => self.assign(variable, file, via),
                Item::Boolean(boolean) => self.assign_boolean(boolean, file, via),
                Item::Alias(alias) => {
                    let pair = [alias.from, alias.to]
                        .map(|word| text::value(self.slice(file, word.0)).into_owned());
                    let [from, to] = pair;
                    Arc::make_mut(&mut self.env.aliases).push(from, to);
                }
                Item::Profile(profile) => {
                    self.has_profile = true;
                    self.env.share();
                    self.profile(profile, file, &IncludeChain::from(via), None);
                }
                Item::Rule(_) | Item::Block(_) if !via.is_empty() => {
                    self.problem(
                        item.range().in_file(file),
                        via,
                        ProblemKind::RulesInPreamble,
                    );
                }
                Item::Abi(abi) => {
                    let store = self.store;
                    self.abi.get_or_insert_with(|| store.abi(file, abi));
                    self.check_abi(abi, file, via);
                }
                Item::Rule(_) | Item::Block(_) | Item::Conditional(_) | Item::Intent(_) => {}
            }
        }
    }

    /// The parser opens the file of each abi rule, also of those that it then passes over.
    pub(super) fn check_abi(&mut self, abi: &Abi, file: FileId, via: &[Span]) {
        if self.store.is_abi_missing(file, abi) {
            self.problem(abi.written.in_file(file), via, ProblemKind::MissingAbi);
        }
    }

    fn include_preamble(&mut self, include: &'s Include, file: FileId, via: &[Span]) {
        let span = include.range.in_file(file);
        let files = match self.target(include, file) {
            Some(IncludeTarget::Files(files)) => files.clone(),
            Some(IncludeTarget::Unknown) => {
                self.unknown.get_or_insert(span);
                return;
            }
            Some(IncludeTarget::Relative(is_below_base)) => {
                self.unknown.get_or_insert(span);
                return self.relative(include, *is_below_base, span, via);
            }
            target => {
                if is_gap(include, target) {
                    self.missing.get_or_insert(span);
                }
                return self.missing(include, target.cloned(), span, via);
            }
        };
        if !self.enter() {
            return self.beyond_in_preamble(span, via, Limit::Includes);
        }
        let mut inner = via.to_vec();
        inner.push(span);
        for id in files {
            // What a file brings to an empty preamble is the same for everybody.
            let is_first = self.env.is_empty() && self.seen.is_empty();
            if is_first && self.restore(id) {
                continue;
            }
            if !self.seen.insert(id) {
                continue;
            }
            let (before, had_abi) = (self.outcome.problems.len(), self.abi.is_some());
            if let Some(loaded) = self.store.file(id) {
                self.preamble(&loaded.file.ast.items, id, &inner);
            }
            let has_own_abi = self.abi.is_some() && !had_abi;
            let is_clean = self.outcome.problems.len() == before && !has_own_abi;
            if is_first && is_clean && !self.has_profile {
                self.env.share();
                let preamble = Preamble {
                    env: self.env.clone(),
                    seen: self.seen.clone(),
                    used: self.used.clone(),
                    defined: self.defined.clone(),
                    unknown: self.unknown,
                };
                if let Ok(mut known) = self.cache.0.write() {
                    known.entry(id).or_insert_with(|| Arc::new(preamble));
                }
                // Somebody else may have been faster: all go on with the same one.
                self.restore(id);
            }
        }
        self.leave();
    }

    fn restore(&mut self, id: FileId) -> bool {
        let known = self
            .cache
            .0
            .read()
            .ok()
            .and_then(|known| known.get(&id).cloned());
        let Some(known) = known else { return false };
        self.env = known.env.clone();
        self.seen = known.seen.clone();
        self.used = known.used.clone();
        self.defined = known.defined.clone();
        self.unknown = self.unknown.or(known.unknown);
        true
    }

    pub(super) fn target(&self, include: &Include, file: FileId) -> Option<&'s IncludeTarget> {
        self.store.file(file)?.includes.get(include.index)
    }

    /// Notes an include whose path depends on where the parser is started.
    pub(super) fn relative(
        &mut self,
        include: &Include,
        is_below_base: bool,
        span: Span,
        via: &[Span],
    ) {
        let written = Span {
            range: include.written,
            ..span
        };
        self.problem(written, via, ProblemKind::RelativeInclude(is_below_base));
    }

    pub(super) fn missing(
        &mut self,
        include: &Include,
        target: Option<IncludeTarget>,
        span: Span,
        via: &[Span],
    ) {
        let kind = match target {
            Some(IncludeTarget::Unreadable(why)) => ProblemKind::UnreadableInclude(why),
            _ if include.if_exists => return,
            Some(IncludeTarget::MadeAtInstall) => ProblemKind::MadeAtInstall,
            _ => ProblemKind::MissingInclude,
        };
        self.problem(
            Span {
                range: include.written,
                ..span
            },
            via,
            kind,
        );
    }

    fn assign(&mut self, assignment: &'s VariableAssignment, file: FileId, via: &[Span]) {
        let name = self.slice(file, assignment.name);
        let place = assignment.written.in_file(file);
        let values: Vec<String> = assignment
            .values
            .iter()
            .map(|value| text::value(self.slice(file, value.0)).into_owned())
            .collect();
        for value in &assignment.values {
            self.note_uses(file, value.0);
        }
        if let Some(number) = self.summaries.number(name) {
            self.defined.insert(number);
        }
        if self.env.boolean(name).is_some() {
            self.problem(place, via, ProblemKind::WrongType(name.to_owned()));
            return;
        }
        match assignment.operator {
            AssignOperator::Add => {
                if !self.env.add(name, &values) && self.unknown.is_none() {
                    self.problem(
                        place,
                        via,
                        ProblemKind::AppendedBeforeDefined(name.to_owned()),
                    );
                }
            }
            AssignOperator::Default if self.env.variable(name).is_some() => {}
            // What a build step drops is defined elsewhere; and what it ships of the tunables of a
            // source tree is its own choice.
            AssignOperator::Set
                if self.env.variable(name).is_some()
                    && self.store.file(file).is_some_and(|loaded| {
                        loaded.file.is_conditional(assignment.range)
                            || (!via.is_empty() && self.store.is_source_tree())
                    }) => {}
            AssignOperator::Set if self.env.variable(name).is_some() => {
                if let Some(first) = self.env.variable(name).map(|definition| definition.place) {
                    self.problem(place, via, ProblemKind::Redefined(name.to_owned(), first));
                }
            }
            _ => self.env.set(name, Definition { place, values }),
        }
    }

    pub(super) fn note_uses(&mut self, file: FileId, range: TextRange) {
        for (name, _) in variable_uses(self.text(file), range) {
            if let Some(number) = self.summaries.number(name) {
                self.used.insert(number);
            }
        }
    }

    fn assign_boolean(&mut self, assignment: &'s BooleanAssignment, file: FileId, via: &[Span]) {
        let name = self.slice(file, assignment.name);
        let place = assignment.name.in_file(file);
        let value = assignment
            .value
            .as_ref()
            .map(|value| self.evaluate(value, file, via));
        let Some(value) = value else { return };
        let first = self.env.boolean(name).map(|(_, first)| first);
        match (assignment.operator, first) {
            (AssignOperator::Default, Some(_)) | (AssignOperator::Add, _) => {}
            (AssignOperator::Set, Some(first)) => {
                self.problem(place, via, ProblemKind::Redefined(name.to_owned(), first));
            }
            _ if self.env.variable(name).is_some() => {
                self.problem(place, via, ProblemKind::WrongType(name.to_owned()));
            }
            _ => {
                if value.is_none() {
                    // Whatever it decides is not known.
                    self.unknown.get_or_insert(place);
                    if let Some(Expression::TooLong(_)) = assignment.value {
                        self.limit.get_or_insert((place, Limit::Condition));
                    }
                }
                self.env.set_boolean(name, value.unwrap_or(false), place);
            }
        }
    }
}

/// Whether what an include statement with this target would bring is not known.
pub(super) fn is_gap(include: &Include, target: Option<&IncludeTarget>) -> bool {
    match target {
        Some(IncludeTarget::MadeAtInstall) => false,
        Some(IncludeTarget::Unreadable(_)) => true,
        _ => !include.if_exists,
    }
}
