//! A file as the parser would load it: preamble evaluated, profiles with all their rules.

use std::sync::{Arc, RwLock};

use rustc_hash::{FxHashMap, FxHashSet};

use super::digest::{Bits, Digest, Digests, expanded_part, variable_uses};
use super::env::Definition;
use super::memory::Expanded;
use super::profile::{Outcome, ProfileId, Segment};
use super::scope::{DropReason, Dropped, DroppedItem, Scope};
use super::{
    Aliases, DeclaredAbi, Env, Fact, IncludeTarget, Limit, MAX_INCLUDE_DEPTH, MAX_PROFILES,
    Problem, ProblemKind, ProfileView, Store, Way,
};
use crate::glob::{self, GlobFault};
use crate::source::{FileId, Span, TextRange};
use crate::syntax::ast::{
    Abi, AssignOperator, Body as RuleBody, BooleanAssignment, Comparison, Conditional, Expression,
    Include, Item, Profile, Rule, VariableAssignment, Word,
};
use crate::syntax::fault::{FaultKind, SyntaxFault};
use crate::syntax::{patterns, text};

/// A file with everything that it includes.
#[derive(Clone, Debug)]
pub struct Unit<'s> {
    /// The file.
    pub file: FileId,
    /// What its preamble defines.
    pub env: Env,
    /// Its profiles, children and hats behind the profile around them.
    pub profiles: Vec<ProfileView<'s>>,
    /// What is wrong with it.
    pub problems: Vec<Problem>,
    /// Numbers of the variables that anything in it uses.
    pub used: Bits,
    /// An include statement whose file is unknown.
    pub unknown: Option<Span>,
    /// Where a limit of aalint ends what is followed outside of its profiles; [`Self::unknown`] is set as well.
    pub limit: Option<(Span, Limit)>,
    /// The first abi rule of its preamble; the parser passes over further ones.
    pub abi: Option<DeclaredAbi<'s>>,
}

/// Preambles that were evaluated before: by the file included first.
#[derive(Debug, Default)]
pub struct PreambleCache(RwLock<FxHashMap<FileId, Arc<Preamble>>>);

#[derive(Clone, Debug)]
struct Preamble {
    env: Env,
    seen: FxHashSet<FileId>,
    used: Bits,
    defined: Bits,
    unknown: Option<Span>,
}

impl<'s> Unit<'s> {
    /// Evaluates a file. `ambient` are variables that a build step defines.
    #[must_use]
    pub fn new(
        store: &'s Store,
        digests: &Digests<'s>,
        cache: &PreambleCache,
        file: FileId,
        ambient: &[(String, Vec<String>)],
    ) -> Self {
        let mut evaluation = Evaluation {
            file,
            store,
            digests,
            cache,
            env: Env::with_ambient(ambient_definitions(file, ambient)),
            seen: FxHashSet::default(),
            used: Bits::default(),
            defined: Bits::default(),
            unknown: None,
            limit: None,
            depth: 0,
            missing: None,
            outcome: Outcome::default(),
            has_profile: false,
            ambient,
            abi: None,
        };
        if let Some(loaded) = store.file(file) {
            evaluation.preamble(&loaded.file.ast.items, file, &[]);
        }
        evaluation.check_definitions(file);
        evaluation.check_duplicates();
        evaluation.outcome.profiles.shrink_to_fit();
        Self {
            file,
            env: evaluation.env,
            profiles: evaluation.outcome.profiles,
            problems: evaluation.outcome.problems,
            used: evaluation.used,
            unknown: evaluation.unknown,
            limit: evaluation.limit,
            abi: evaluation.abi,
        }
    }
}

struct Evaluation<'s, 'e> {
    /// The file that is loaded.
    file: FileId,
    store: &'s Store,
    digests: &'e Digests<'s>,
    cache: &'e PreambleCache,
    env: Env,
    /// Files included so far outside of profiles; the parser skips them the second time.
    seen: FxHashSet<FileId>,
    used: Bits,
    defined: Bits,
    unknown: Option<Span>,
    limit: Option<(Span, Limit)>,
    /// How many include statements, blocks, conditionals and child profiles are around what is read.
    depth: usize,
    missing: Option<Span>,
    outcome: Outcome<'s>,
    has_profile: bool,
    ambient: &'e [(String, Vec<String>)],
    abi: Option<DeclaredAbi<'s>>,
}

/// Where the rules of a profile are collected.
struct Body<'s> {
    rules: Vec<Fact<'s>>,
    segments: Vec<Segment<'s>>,
    dropped: Vec<Dropped<'s>>,
    seen: FxHashSet<FileId>,
    unknown: Option<Span>,
    limit: Option<(Span, Limit)>,
    missing: Option<Span>,
    uses: Vec<(u32, Span, Way)>,
    used: Bits,
    children: Vec<(&'s Profile, FileId, Way)>,
}

impl<'s> Evaluation<'s, '_> {
    fn text(&self, file: FileId) -> &'s str {
        self.store.sources.get(file).text.as_str()
    }

    fn slice(&self, file: FileId, range: TextRange) -> &'s str {
        self.text(file)
            .get(range.start as usize..range.end as usize)
            .unwrap_or_default()
    }

    fn problem(&mut self, span: Span, via: &[Span], kind: ProblemKind) {
        self.outcome.problems.push(Problem {
            span,
            via: via.to_vec(),
            kind,
        });
    }

    /// Whether one more block or include statement is followed; whoever is told so leaves it again.
    const fn enter(&mut self) -> bool {
        let may_enter = self.depth < MAX_INCLUDE_DEPTH;
        self.depth += may_enter as usize;
        may_enter
    }

    const fn leave(&mut self) {
        self.depth = self.depth.saturating_sub(1);
    }

    /// Notes that what stands at `span` in a profile is not followed.
    fn beyond(&mut self, span: Span, via: &[Span], limit: Limit, body: &mut Body<'s>) {
        body.unknown.get_or_insert(span);
        if body.limit.is_none() {
            body.limit = Some((span, limit));
            self.problem(span, via, ProblemKind::Beyond(limit));
        }
    }

    /// The same of what stands outside of profiles.
    fn beyond_in_preamble(&mut self, span: Span, via: &[Span], limit: Limit) {
        self.unknown.get_or_insert(span);
        if self.limit.is_none() {
            self.limit = Some((span, limit));
            self.problem(span, via, ProblemKind::Beyond(limit));
        }
    }

    /// Blocks of a file that are nested too deep: what stands in them is read as if they were not there.
    fn nested_too_deep(&self, file: FileId, within: Option<TextRange>) -> Option<Span> {
        let faults = self.store.file(file).map(|loaded| &loaded.file.faults);
        let mut faults = faults.into_iter().flatten().filter(|fault| {
            fault.kind == FaultKind::Syntax(SyntaxFault::TooDeep)
                && within.is_none_or(|range| range.contains(fault.range))
        });
        Some(faults.next()?.range.in_file(file))
    }

    /// Variables that a build step defines: those of the configuration, and `@{att}`, which
    /// apparmor.d inserts when it builds a profile.
    fn is_ambient(&self, name: &str) -> bool {
        name == "att" || self.ambient.iter().any(|(ambient, _)| ambient == name)
    }

    // ------------------------------------------------------------ preamble

    fn preamble(&mut self, items: &'s [Item], file: FileId, via: &[Span]) {
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
                    self.profile(profile, file, &Way::from(via), None);
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
    fn check_abi(&mut self, abi: &Abi, file: FileId, via: &[Span]) {
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
            target => {
                if !include.if_exists || matches!(target, Some(IncludeTarget::Unreadable(_))) {
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

    fn target(&self, include: &Include, file: FileId) -> Option<&'s IncludeTarget> {
        self.store.file(file)?.includes.get(include.index)
    }

    fn missing(
        &mut self,
        include: &Include,
        target: Option<IncludeTarget>,
        span: Span,
        via: &[Span],
    ) {
        let kind = match target {
            Some(IncludeTarget::Unreadable(why)) => ProblemKind::UnreadableInclude(why),
            _ if include.if_exists => return,
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
        if let Some(number) = self.digests.number(name) {
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

    fn note_uses(&mut self, file: FileId, range: TextRange) {
        for (name, _) in variable_uses(self.text(file), range) {
            if let Some(number) = self.digests.number(name) {
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

    /// Variables that lead nowhere or back to themselves, of those that this file sets itself.
    fn check_definitions(&mut self, file: FileId) {
        let is_latest = |name: &str, place| {
            let latest = self.env.variable(name);
            latest.is_some_and(|definition| definition.place == place)
        };
        let mut names: Vec<(Span, String)> = self
            .env
            .definitions()
            .map(|(name, definition)| (definition.place, name))
            .filter(|(place, name)| place.file == file && is_latest(name, *place))
            .map(|(place, name)| (place, name.to_owned()))
            .collect();
        names.sort();
        names.dedup();
        let expanded: Vec<_> = names
            .into_iter()
            .map(|(place, name)| (place, self.env.expand(&format!("@{{{name}}}")), name))
            .collect();
        let is_deep = |(_, expanded, _): &(_, Expanded, _)| *expanded == Expanded::TooDeep;
        let circular: FxHashSet<String> = if expanded.iter().any(is_deep) {
            self.env.circular().into_iter().map(str::to_owned).collect()
        } else {
            FxHashSet::default()
        };
        let mut is_first_deep = true;
        for (place, expanded, name) in expanded {
            let kind = match expanded {
                Expanded::TooDeep if !circular.contains(&name) => {
                    // Of a chain all that follow are.
                    if !std::mem::take(&mut is_first_deep) {
                        continue;
                    }
                    ProblemKind::TooDeepValues(name)
                }
                Expanded::Recursive(_) | Expanded::TooDeep => ProblemKind::Recursive(name),
                Expanded::TooLarge => ProblemKind::TooManyValues(name),
                Expanded::Text(_) | Expanded::Undefined(_) => continue,
            };
            self.problem(place, &[], kind);
        }
    }

    // ------------------------------------------------------------ conditions

    /// The value of an expression; `None` if it depends on what cannot be known.
    fn evaluate(&mut self, expression: &'s Expression, file: FileId, via: &[Span]) -> Option<bool> {
        match expression {
            Expression::Or(left, right) => {
                let (left, right) = (
                    self.evaluate(left, file, via),
                    self.evaluate(right, file, via),
                );
                Some(left? | right?)
            }
            Expression::And(left, right) => {
                let (left, right) = (
                    self.evaluate(left, file, via),
                    self.evaluate(right, file, via),
                );
                Some(left? & right?)
            }
            Expression::Not(inner) => self.evaluate(inner, file, via).map(|value| !value),
            Expression::Boolean(word) => {
                let name = bare_name(self.slice(file, word.0));
                let value = self.env.boolean(name).map(|(value, _)| value);
                if value.is_none() && self.unknown.is_none() {
                    self.problem(
                        word.0.in_file(file),
                        via,
                        ProblemKind::UndefinedBoolean(name.to_owned()),
                    );
                }
                value
            }
            Expression::Defined(word) => {
                let written = self.slice(file, word.0);
                let name = bare_name(written);
                let is_defined = self.env.variable(name).is_some() && written.starts_with('@');
                (is_defined || self.unknown.is_none()).then_some(is_defined)
            }
            Expression::Literal(word) => {
                let text = self.slice(file, word.0).trim_matches('"');
                Some(text.eq_ignore_ascii_case("true"))
            }
            Expression::Compare(left, operator, right) => {
                self.compare(*left, *operator, *right, file, via)
            }
            Expression::Unreadable(_) | Expression::TooLong(_) => None,
        }
    }

    fn compare(
        &mut self,
        left: Word,
        operator: Comparison,
        right: Word,
        file: FileId,
        via: &[Span],
    ) -> Option<bool> {
        let place = left.0.cover(right.0).in_file(file);
        let (left, right) = (self.values(left, file, via), self.values(right, file, via));
        let (left, right) = (left?, right?);
        match operator {
            Comparison::Equal => return Some(left == right),
            Comparison::NotEqual => return Some(left != right),
            Comparison::In => return Some(left.iter().all(|value| right.contains(value))),
            _ => {}
        }
        let order = match (number(&left), number(&right)) {
            (Some(left), Some(right)) => left.cmp(&right),
            (None, None) => left.cmp(&right),
            _ => {
                self.problem(place, via, ProblemKind::ComparesMixed);
                return None;
            }
        };
        Some(match operator {
            Comparison::Greater => order.is_gt(),
            Comparison::GreaterOrEqual => order.is_ge(),
            Comparison::Less => order.is_lt(),
            _ => order.is_le(),
        })
    }

    /// A variable's values, or the word itself, sorted and each once.
    fn values(&mut self, word: Word, file: FileId, via: &[Span]) -> Option<Vec<String>> {
        let written = self.slice(file, word.0);
        let value = text::value(written).into_owned();
        let is_variable = variable_uses(
            &value,
            TextRange::new(0, u32::try_from(value.len()).unwrap_or(0)),
        )
        .next()
        .is_some_and(|(_, range)| range.start == 0 && range.end as usize == value.len());
        if !is_variable {
            return Some(vec![value]);
        }
        self.note_uses(file, word.0);
        let name = bare_name(&value).to_owned();
        let Some(definition) = self.env.variable(&name) else {
            if self.unknown.is_none() {
                self.problem(
                    word.0.in_file(file),
                    via,
                    ProblemKind::UndefinedVariable(name),
                );
            }
            return None;
        };
        let mut values: Vec<String> = Vec::new();
        let mut undefined = None;
        for value in &definition.values {
            match self.env.expand(value) {
                Expanded::Text(text) => values.push(text),
                Expanded::Undefined(name) => {
                    undefined.get_or_insert(name);
                }
                Expanded::Recursive(_) | Expanded::TooLarge | Expanded::TooDeep => return None,
            }
        }
        if let Some(name) = undefined {
            if self.unknown.is_none() && !self.is_ambient(&name) {
                let place = word.0.in_file(file);
                self.problem(place, via, ProblemKind::UndefinedVariable(name));
            }
            return None;
        }
        values.sort();
        values.dedup();
        Some(values)
    }

    // ------------------------------------------------------------ profiles

    fn profile(&mut self, profile: &'s Profile, file: FileId, via: &Way, parent: Option<usize>) {
        let written = text::value(self.slice(file, profile.name.0)).into_owned();
        let name = self
            .expand_or_note(
                &written,
                profile.name.0,
                file,
                via,
                profile.attachment.is_none(),
            )
            .unwrap_or(written);
        let attachment = match profile.attachment {
            Some(word) => {
                let written = text::value(self.slice(file, word.0)).into_owned();
                self.expand_or_note(&written, word.0, file, via, true)
            }
            None => {
                let local = name.rsplit("//").next().unwrap_or_default();
                local.starts_with('/').then(|| local.to_owned())
            }
        };
        if let Some(attachment) = &attachment {
            let place = profile.attachment.unwrap_or(profile.name).0.in_file(file);
            self.check_aliases(attachment, place, via, &Arc::clone(&self.env.aliases));
        }
        let outer_name = parent
            .and_then(|parent| self.outcome.profiles.get(parent))
            .map(|p| p.full_name.clone());
        let full_name = outer_name.map_or_else(|| name.clone(), |outer| format!("{outer}//{name}"));
        let mut env = self.env.clone();
        let place = profile.name.0.in_file(file);
        env.set(
            "profile_name",
            Definition {
                place,
                values: vec![escape(without_namespace(&full_name))],
            },
        );
        if let Some(attachment) = &attachment {
            // They hide what the preamble sets (apparmor_parser 5).
            for name in ["attach_path", "exec_path"] {
                let values = vec![attachment.clone()];
                env.set(name, Definition { place, values });
            }
        }
        let mut body = Body {
            rules: Vec::new(),
            segments: Vec::new(),
            dropped: Vec::new(),
            seen: FxHashSet::default(),
            unknown: self.unknown,
            limit: self.limit,
            missing: self.missing,
            uses: Vec::new(),
            used: Bits::default(),
            children: Vec::new(),
        };
        if let Some(span) = self.nested_too_deep(file, Some(profile.range)) {
            body.unknown.get_or_insert(span);
            body.limit.get_or_insert((span, Limit::Nesting));
        }
        self.body(&profile.items, file, via, &Scope::default(), &mut body);
        self.check_flags(profile, file, via);
        self.check_uses(&env, &body, attachment.is_some());
        body.segments.insert(
            0,
            Segment::of_rules(file, via.clone(), std::mem::take(&mut body.rules)),
        );
        self.used.extend(&body.used);
        body.segments.shrink_to_fit();
        let index = self.outcome.profiles.len();
        self.outcome.profiles.push(ProfileView {
            id: ProfileId {
                unit: self.file,
                number: u32::try_from(index).unwrap_or(u32::MAX),
            },
            ast: profile,
            file,
            via: via.clone(),
            parent,
            name,
            full_name,
            attachment,
            env,
            abi: self.abi,
            segments: body.segments,
            dropped: body.dropped,
            has_children: !body.children.is_empty(),
            unknown: body.unknown,
            limit: body.limit,
            missing: body.missing,
        });
        for (child, file, via) in body.children {
            let limit = if self.outcome.profiles.len() >= MAX_PROFILES {
                Limit::Profiles
            } else if self.enter() {
                self.profile(child, file, &via, Some(index));
                self.leave();
                continue;
            } else {
                Limit::Includes
            };
            self.beyond_children(index, child.header.in_file(file), &via, limit);
            break;
        }
    }

    /// Notes that child profiles of a profile are not followed.
    fn beyond_children(&mut self, index: usize, header: Span, via: &[Span], limit: Limit) {
        let kind = ProblemKind::Beyond(limit);
        let is_new = |problem: &Problem| problem.kind != kind;
        if self.outcome.problems.iter().all(is_new) {
            self.problem(header, via, kind);
        }
        if let Some(profile) = self.outcome.profiles.get_mut(index) {
            profile.unknown.get_or_insert(header);
            profile.limit.get_or_insert((header, limit));
        }
    }

    /// Puts variables into a name; notes what is wrong with them, and with the pattern that they make.
    fn expand_or_note(
        &mut self,
        written: &str,
        range: TextRange,
        file: FileId,
        via: &[Span],
        is_pattern: bool,
    ) -> Option<String> {
        self.note_uses(file, range);
        match self.env.expand(written) {
            Expanded::Text(text) => {
                if let (true, Some(fault)) =
                    (is_pattern && written.contains("@{"), glob::check(&text))
                {
                    self.problem(
                        range.in_file(file),
                        via,
                        ProblemKind::Glob(fault, text.clone()),
                    );
                }
                Some(text)
            }
            Expanded::Undefined(name) => {
                if self.unknown.is_none() && !self.is_ambient(&name) {
                    self.problem(
                        range.in_file(file),
                        via,
                        ProblemKind::UndefinedVariable(name),
                    );
                }
                None
            }
            Expanded::Recursive(_) | Expanded::TooLarge | Expanded::TooDeep => None,
        }
    }

    fn body(
        &mut self,
        items: &'s [Item],
        file: FileId,
        via: &Way,
        scope: &Scope<'_>,
        body: &mut Body<'s>,
    ) {
        for item in items {
            match item {
                Item::Rule(rule) => self.rule(rule, file, via, scope, body),
                Item::Block(_) | Item::Conditional(_) if !self.enter() => {
                    self.beyond(item.range().in_file(file), via, Limit::Includes, body);
                }
                Item::Block(block) => {
                    let inner = scope.block(block, file);
                    self.body(&block.items, file, via, &inner, body);
                    self.leave();
                }
                Item::Conditional(conditional) => {
                    self.conditional(conditional, file, via, scope, body);
                    self.leave();
                }
                Item::Profile(child) if scope.is_in_block() => {
                    let item = DroppedItem::Profile(child);
                    let dropped = scope.dropped(item, file, via, DropReason::Block);
                    body.dropped.push(dropped);
                }
                Item::Profile(child) => body.children.push((child, file, via.clone())),
                Item::Include(include) => self.include_body(include, file, via, scope, body),
                Item::Variable(_) | Item::Boolean(_) | Item::Alias(_) => {
                    // In the file itself that is a fault of the file.
                    if !via.is_empty() {
                        self.problem(
                            item.range().in_file(file),
                            via,
                            ProblemKind::PreambleInProfile,
                        );
                    }
                }
                Item::Abi(abi) => self.check_abi(abi, file, via),
                Item::Intent(_) => {}
            }
        }
    }

    fn conditional(
        &mut self,
        conditional: &'s Conditional,
        file: FileId,
        via: &Way,
        scope: &Scope<'_>,
        body: &mut Body<'s>,
    ) {
        let mut is_decided = false;
        for branch in &conditional.branches {
            let value = branch
                .condition
                .as_ref()
                .map_or(Some(true), |condition| self.evaluate(condition, file, via));
            if value.is_none() {
                let header = branch.header.in_file(file);
                if let Some(Expression::TooLong(_)) = branch.condition {
                    body.limit.get_or_insert((header, Limit::Condition));
                }
                body.unknown.get_or_insert(header);
                is_decided = true;
            }
            if value == Some(true) && !is_decided {
                self.body(&branch.items, file, via, &scope.branch(branch, file), body);
                is_decided = true;
            } else {
                self.pass_over(&branch.items, file, via, body);
            }
        }
    }

    /// Reads items that are not loaded. What they include counts as included, and a second include
    /// statement brings nothing: the parser puts files in before it knows which branch holds.
    fn pass_over(&mut self, items: &'s [Item], file: FileId, via: &Way, body: &mut Body<'s>) {
        for item in items {
            match item {
                Item::Include(include) => {
                    let Some((files, inner)) = self.included(include, file, via, body) else {
                        continue;
                    };
                    if !self.enter() {
                        // What it would count as included is not known.
                        self.beyond(include.range.in_file(file), via, Limit::Includes, body);
                        continue;
                    }
                    for &id in files {
                        if body.seen.insert(id)
                            && let Some(loaded) = self.store.file(id)
                        {
                            self.pass_over(&loaded.file.ast.items, id, &inner, body);
                        }
                    }
                    self.leave();
                }
                Item::Block(_) | Item::Conditional(_) if !self.enter() => {
                    self.beyond(item.range().in_file(file), via, Limit::Includes, body);
                }
                Item::Block(block) => {
                    self.pass_over(&block.items, file, via, body);
                    self.leave();
                }
                Item::Conditional(conditional) => {
                    for branch in &conditional.branches {
                        // The parser evaluates it all the same.
                        if let Some(condition) = &branch.condition {
                            self.evaluate(condition, file, via);
                        }
                        self.pass_over(&branch.items, file, via, body);
                    }
                    self.leave();
                }
                Item::Abi(abi) => self.check_abi(abi, file, via),
                _ => {}
            }
        }
    }

    fn rule(
        &mut self,
        rule: &'s Rule,
        file: FileId,
        via: &Way,
        scope: &Scope<'_>,
        body: &mut Body<'s>,
    ) {
        match scope.fact(rule, file, self.digests.parser()) {
            Ok(fact) => {
                self.rule_uses(expanded_part(rule), file, via, body);
                body.rules.push(fact);
            }
            Err(why) => {
                // Variables in it need no value, but they are used.
                self.note_uses(file, rule.range);
                let item = DroppedItem::Rule(rule, scope.denies(rule));
                body.dropped.push(scope.dropped(item, file, via, why));
            }
        }
    }

    /// The files of an include statement in a profile, and the way into them.
    fn included(
        &mut self,
        include: &'s Include,
        file: FileId,
        via: &Way,
        body: &mut Body<'s>,
    ) -> Option<(&'s [FileId], Way)> {
        let span = include.range.in_file(file);
        match self.target(include, file) {
            Some(IncludeTarget::Files(files)) => {
                Some((files, via.iter().copied().chain([span]).collect()))
            }
            Some(IncludeTarget::Unknown) => {
                if !include.if_exists {
                    body.unknown.get_or_insert(span);
                }
                None
            }
            target => {
                if !include.if_exists || matches!(target, Some(IncludeTarget::Unreadable(_))) {
                    body.missing.get_or_insert(span);
                }
                self.missing(include, target.cloned(), span, via);
                None
            }
        }
    }

    fn include_body(
        &mut self,
        include: &'s Include,
        file: FileId,
        via: &Way,
        scope: &Scope<'_>,
        body: &mut Body<'s>,
    ) {
        let span = include.range.in_file(file);
        let Some((files, inner)) = self.included(include, file, via, body) else {
            return;
        };
        if !self.enter() {
            return self.beyond(span, via, Limit::Includes, body);
        }
        for &id in files {
            if !body.seen.insert(id) {
                continue;
            }
            let is_open = inner.iter().any(|include| include.file == id);
            if is_open && self.digests.file(id).is_some_and(|d| d.has_profiles) {
                let range = include.written;
                self.problem(Span { range, ..span }, via, ProblemKind::EndlessInclude);
                continue;
            }
            let (Some(loaded), Some(digest)) = (self.store.file(id), self.digests.file(id)) else {
                continue;
            };
            if let Some(deep) = self.nested_too_deep(id, None) {
                body.unknown.get_or_insert(span);
                body.limit.get_or_insert((deep, Limit::Nesting));
            }
            let is_plain = !digest.has_conditionals && !digest.has_profiles && !digest.has_preamble;
            if is_plain && scope.is_plain() {
                self.plain_include(digest, id, &inner, body);
                self.nested_includes(&loaded.file.ast.items, id, &inner, scope, body);
            } else {
                let outer_rules = std::mem::take(&mut body.rules);
                let is_profile_path = loaded.file.ast.items.iter().any(|item| {
                    matches!(item, Item::Profile(p) if p.form == crate::syntax::ast::ProfileForm::Path)
                });
                if is_profile_path {
                    self.problem(
                        Span {
                            range: include.written,
                            ..span
                        },
                        via,
                        ProblemKind::PreambleInProfile,
                    );
                }
                self.body(&loaded.file.ast.items, id, &inner, scope, body);
                let rules = std::mem::replace(&mut body.rules, outer_rules);
                body.segments
                    .push(Segment::of_rules(id, inner.clone(), rules));
            }
        }
        self.leave();
    }

    /// The rules of a file in which nothing depends on who includes it.
    fn plain_include(&mut self, digest: &Digest<'s>, id: FileId, via: &Way, body: &mut Body<'s>) {
        if !digest.used.is_subset(&body.used) {
            for place in &digest.uses {
                if !body.used.contains(place.name) {
                    body.uses
                        .push((place.name, place.range.in_file(id), via.clone()));
                }
            }
            body.used.extend(&digest.used);
        }
        if !digest.rules.is_empty() {
            body.segments.push(Segment::of_file(id, via.clone()));
        }
        for dropped in &digest.dropped {
            self.note_uses(id, dropped.item.range());
            let via = via.clone();
            body.dropped.push(Dropped {
                via,
                ..dropped.clone()
            });
        }
    }

    fn nested_includes(
        &mut self,
        items: &'s [Item],
        file: FileId,
        via: &Way,
        scope: &Scope<'_>,
        body: &mut Body<'s>,
    ) {
        for item in items {
            match item {
                Item::Include(include) => self.include_body(include, file, via, scope, body),
                Item::Block(_) if !self.enter() => {
                    self.beyond(item.range().in_file(file), via, Limit::Includes, body);
                }
                Item::Block(block) => {
                    let inner = scope.block(block, file);
                    self.nested_includes(&block.items, file, via, &inner, body);
                    self.leave();
                }
                _ => {}
            }
        }
    }

    fn rule_uses(&mut self, range: TextRange, file: FileId, via: &Way, body: &mut Body<'s>) {
        for (name, place) in variable_uses(self.text(file), range) {
            if let Some(number) = self.digests.number(name)
                && !body.used.contains(number)
            {
                body.used.insert(number);
                body.uses.push((number, place.in_file(file), via.clone()));
            }
        }
    }

    fn check_uses(&mut self, env: &Env, body: &Body<'s>, has_attachment: bool) {
        if body.unknown.is_some() {
            return;
        }
        for (number, span, via) in &body.uses {
            let name = self.digests.name(*number);
            if self.defined.contains(*number) && env.variable(name).is_some() {
                // What its values need must be defined too.
                if let Expanded::Undefined(inner) = env.expand(&format!("@{{{name}}}"))
                    && !self.is_ambient(&inner)
                {
                    self.problem(*span, via, ProblemKind::UndefinedVariable(inner));
                }
                continue;
            }
            let is_automatic = matches!(name, "attach_path" | "exec_path") && has_attachment;
            if name != "profile_name"
                && !is_automatic
                && !self.is_ambient(name)
                && env.variable(name).is_none()
            {
                self.problem(*span, via, ProblemKind::UndefinedVariable(name.to_owned()));
            }
        }
        self.check_patterns(env, body);
    }

    /// Patterns that are broken only once variables and aliases are put in. Where all values are patterns by themselves only
    /// those can be that are none as they are written.
    fn check_patterns(&mut self, env: &Env, body: &Body<'s>) {
        let is_sound = !env.has_broken_values() && env.aliases.is_empty();
        for fact in &body.rules {
            self.check_patterns_of(fact, env, &[], is_sound);
        }
        let digests = self.digests;
        for segment in &body.segments {
            let digest = digests.file(segment.file);
            let has_open = digest.is_none_or(|digest| digest.has_open_patterns);
            if is_sound && segment.is_whole_file() && !has_open {
                continue;
            }
            for fact in segment.facts(digests) {
                self.check_patterns_of(fact, env, &segment.via, is_sound);
            }
        }
    }

    fn check_patterns_of(&mut self, fact: &Fact<'s>, env: &Env, via: &[Span], is_sound: bool) {
        // The labels of these are taken as they are written, which is said elsewhere.
        if matches!(fact.rule.body, RuleBody::IoUring(_)) {
            return;
        }
        let takes_aliases = matches!(fact.rule.body, RuleBody::File(_) | RuleBody::Link(_));
        let addresses = patterns::addresses(self.text(fact.file), fact.rule);
        for word in patterns::of_rule(self.text(fact.file), fact.rule) {
            let written = text::value(self.slice(fact.file, word.0));
            let has_variable = written.contains("@{");
            let is_address = addresses.contains(&word) && written.starts_with("@{");
            let is_sound =
                is_sound && !is_address && (!has_variable || glob::check(&written).is_none());
            if is_sound || !has_variable && !takes_aliases {
                continue;
            }
            let Expanded::Text(mut text) = env.expand(&written) else {
                continue;
            };
            if is_address {
                text = text.chars().skip(1).collect();
            }
            let place = word.0.in_file(fact.file);
            if has_variable && let Some(fault) = glob::check(&text) {
                self.problem(place, via, ProblemKind::Glob(fault, text));
                continue;
            }
            if takes_aliases {
                self.check_aliases(&text, place, via, &env.aliases);
            }
        }
    }

    /// Notes a pattern that an alias breaks.
    fn check_aliases(&mut self, pattern: &str, place: Span, via: &[Span], aliases: &Aliases) {
        // The parser puts no values into the end of an alias, and reads alternatives instead.
        let fault = |text: &str| {
            let variable = || glob::first_variable(text);
            glob::check(text)
                .or_else(|| variable().map(|(start, end)| GlobFault::SingleAlternative(start, end)))
        };
        let broken = aliases
            .of(pattern)
            .into_iter()
            .find_map(|text| Some((fault(&text)?, text)));
        if let Some((fault, text)) = broken {
            self.problem(place, via, ProblemKind::AliasedGlob(fault, text));
        }
    }

    fn check_flags(&mut self, profile: &'s Profile, file: FileId, via: &[Span]) {
        let Some(flags) = &profile.flags else { return };
        for flag in &flags.values {
            let written = text::value(self.slice(file, flag.0)).into_owned();
            let path = written
                .strip_prefix("attach_disconnected.path=")
                .or_else(|| written.strip_prefix("attach_disconnected.ipc="));
            self.note_uses(file, flag.0);
            if let Some(path) = path.filter(|path| path.contains("@{"))
                && let Some(text) = self.expand_or_note(path, flag.0, file, via, false)
                && path.starts_with('@')
                && !text.trim_start_matches(['{', ',']).starts_with('/')
            {
                self.problem(flag.0.in_file(file), via, ProblemKind::RelativeDisconnected);
            }
        }
    }

    fn check_duplicates(&mut self) {
        // A profile called `a//b` and the child `b` of a profile `a` are two: the parser compares children with each other.
        let mut first: FxHashMap<(bool, &str), usize> = FxHashMap::default();
        let mut found = Vec::new();
        for (index, profile) in self.outcome.profiles.iter().enumerate() {
            let key = (profile.parent.is_some(), profile.full_name.as_str());
            let Some(&before) = first.get(&key) else {
                first.insert(key, index);
                continue;
            };
            let Some(other) = self.outcome.profiles.get(before) else {
                continue;
            };
            let kind = if profile.parent.is_some() {
                ProblemKind::DuplicateChild(profile.name.clone(), other.name_span())
            } else {
                ProblemKind::DuplicateProfile(profile.name.clone(), other.name_span())
            };
            found.push(Problem {
                span: profile.name_span(),
                via: profile.via.to_vec(),
                kind,
            });
        }
        self.outcome.problems.extend(found);
    }
}

/// What a build step defines, `@{att}` as nothing: profiles that apparmor.d does not attach elsewhere.
fn ambient_definitions(
    file: FileId,
    ambient: &[(String, Vec<String>)],
) -> Arc<FxHashMap<String, Definition>> {
    let att = [("att".to_owned(), vec![String::new()])];
    let definitions = att.iter().chain(ambient).map(|(name, values)| {
        let definition = Definition {
            place: Span::start_of(file),
            values: values.clone(),
        };
        (name.clone(), definition)
    });
    Arc::new(definitions.collect())
}

/// `NAME` in `@{NAME}`, `@NAME`, `${NAME}`, `$NAME`.
fn bare_name(written: &str) -> &str {
    written.trim_matches(['@', '$', '{', '}'])
}

fn number(values: &[String]) -> Option<i64> {
    match values {
        [one] => {
            let digits = one.trim_start_matches(['-', '+']);
            let value = match digits.strip_prefix("0x") {
                Some(hex) => i64::from_str_radix(hex, 16).ok()?,
                None if digits.len() > 1 && digits.starts_with('0') => {
                    i64::from_str_radix(digits, 8).ok()?
                }
                None => digits.parse().ok()?,
            };
            Some(if one.starts_with('-') { -value } else { value })
        }
        _ => None,
    }
}

/// The name behind `:namespace:` or `:namespace://`.
fn without_namespace(name: &str) -> &str {
    let rest = name.strip_prefix(':').and_then(|rest| rest.split_once(':'));
    match rest {
        Some((_, name)) => name.strip_prefix("//").unwrap_or(name),
        None => name,
    }
}

/// Escapes what a pattern would read as its own; what is escaped already stays so.
fn escape(name: &str) -> String {
    let mut escaped = String::with_capacity(name.len());
    let mut chars = name.chars();
    while let Some(c) = chars.next() {
        if "{}[]*?".contains(c) {
            escaped.push('\\');
        }
        escaped.push(c);
        if c == '\\' {
            escaped.extend(chars.next());
        }
    }
    escaped
}
