//! What is wrong once everything is put together: variables, patterns, flags and names.

use rustc_hash::{FxHashMap, FxHashSet};

use super::doubtful::Doubtful;
use super::evaluation::{Evaluation, ProfileBody};
use crate::glob::{self, GlobFault};
use crate::policy::beginnings::takes_aliases;
use crate::policy::variable_uses::has_strange;
use crate::policy::{Aliases, Env, Expanded, Fact, Problem, ProblemKind};
use crate::source::{FileId, Span};
use crate::syntax::ast::{Body as RuleBody, Profile};
use crate::syntax::fault::{Fault, FaultKind};
use crate::syntax::{patterns, text};

impl<'s> Evaluation<'s, '_> {
    /// Variables that lead nowhere or back to themselves, of those that this file sets itself.
    pub(super) fn check_definitions(&mut self, file: FileId) {
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

    /// Drops what only follows from something else: where an include outside of profiles is not found or stands where it
    /// cannot, variables that seem undefined may be what it defines.
    pub(super) fn drop_consequences(&mut self, file: FileId) {
        let is_misplaced = |problem: &Problem| {
            let kind = &problem.kind;
            matches!(
                kind,
                ProblemKind::PreambleInProfile | ProblemKind::PreambleAfterProfile
            )
        };
        let is_open = self.missing.is_some() || self.outcome.problems.iter().any(is_misplaced);
        let misplaced = match self.store.file(file) {
            Some(loaded) => self.misplaced_variables(file, &loaded.file.faults),
            None => return,
        };
        self.outcome.problems.retain(|problem| match &problem.kind {
            ProblemKind::UndefinedVariable(name) => !is_open && !misplaced.contains(name.as_str()),
            ProblemKind::UndefinedBoolean(_) | ProblemKind::AppendedBeforeDefined(_) => !is_open,
            _ => true,
        });
    }

    /// Names of the variables that a file sets where it cannot.
    fn misplaced_variables(&self, file: FileId, faults: &[Fault]) -> FxHashSet<&'s str> {
        let is_misplaced = |fault: &&Fault| matches!(fault.kind, FaultKind::Misplaced(_));
        let written = faults.iter().filter(is_misplaced);
        let names = written.filter_map(|fault| {
            let text = self.slice(file, fault.range).strip_prefix('@')?;
            let braced = text.strip_prefix('{').and_then(|rest| rest.split_once('}'));
            let bare = || text.split(['=', '+', ' ', '\t']).next();
            braced.map(|(name, _)| name).or_else(bare)
        });
        names.collect()
    }

    pub(super) fn check_uses(&mut self, env: &Env, body: &ProfileBody<'s>, has_attachment: bool) {
        if body.unknown.is_some() {
            return;
        }
        let mut doubtful = Doubtful::of(env);
        for (number, span, via) in &body.uses {
            let name = self.summaries.name(*number);
            let needs = env.needs(name);
            doubtful.enter(*number, name, &needs, env);
            if self.defined.contains(*number) && env.variable(name).is_some() {
                // What its values need must be defined too.
                if let Err(Expanded::Undefined(inner)) = needs
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
        self.check_patterns(env, body, &doubtful);
    }

    /// Patterns that are broken only once variables and aliases are put in. Where the values of its variables are patterns by
    /// themselves and the aliases keep patterns, only one can be broken that is so as it is written.
    fn check_patterns(&mut self, env: &Env, body: &ProfileBody<'s>, doubtful: &Doubtful<'_>) {
        for fact in &body.rules {
            self.check_patterns_of(fact, env, &[], doubtful);
        }
        let summaries = self.summaries;
        for segment in &body.segments {
            let text = self.text(segment.file);
            let summary = summaries.file(segment.file);
            let is_sound = summary.is_some_and(|summary| {
                let beginnings = || summary.beginnings(text, |name| summaries.number(name));
                !summary.has_open_patterns
                    && !summary.used.intersects(&doubtful.broken)
                    && (doubtful.aliases.is_empty() || !doubtful.may_be_aliased(beginnings()))
            });
            if is_sound && segment.is_whole_file() {
                continue;
            }
            for fact in segment.facts(summaries) {
                self.check_patterns_of(fact, env, &segment.via, doubtful);
            }
        }
    }

    fn check_patterns_of(
        &mut self,
        fact: &Fact<'s>,
        env: &Env,
        via: &[Span],
        doubtful: &Doubtful<'_>,
    ) {
        // The labels of these are taken as they are written, which is said elsewhere.
        if matches!(fact.rule.body, RuleBody::IoUring(_)) {
            return;
        }
        let takes_aliases = takes_aliases(fact.rule);
        let addresses = patterns::addresses(self.text(fact.file), fact.rule);
        for word in patterns::of_rule(self.text(fact.file), fact.rule) {
            let written = text::value(self.slice(fact.file, word.0));
            let has_variable = written.contains("@{");
            let is_address = addresses.contains(&word) && written.starts_with("@{");
            let is_open = has_variable
                && (is_address
                    || glob::check(&written).is_some()
                    || has_strange(&written)
                    || doubtful.has_broken(&written, self.summaries));
            let may_be_aliased =
                takes_aliases && doubtful.may_be_aliased_text(&written, self.summaries);
            if !is_open && !may_be_aliased {
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
    pub(super) fn check_aliases(
        &mut self,
        pattern: &str,
        place: Span,
        via: &[Span],
        aliases: &Aliases,
    ) {
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

    pub(super) fn check_flags(&mut self, profile: &'s Profile, file: FileId, via: &[Span]) {
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

    pub(super) fn check_duplicates(&mut self) {
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
