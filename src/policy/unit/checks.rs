//! What is wrong once everything is put together: variables, patterns, flags and names.

use rustc_hash::{FxHashMap, FxHashSet};

use super::evaluation::{Evaluation, ProfileBody};
use crate::glob::{self, GlobFault};
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
        for (number, span, via) in &body.uses {
            let name = self.summaries.name(*number);
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
    fn check_patterns(&mut self, env: &Env, body: &ProfileBody<'s>) {
        let is_sound = !env.has_broken_values() && env.aliases.is_empty();
        for fact in &body.rules {
            self.check_patterns_of(fact, env, &[], is_sound);
        }
        let summaries = self.summaries;
        for segment in &body.segments {
            let summary = summaries.file(segment.file);
            let has_open = summary.is_none_or(|summary| summary.has_open_patterns);
            if is_sound && segment.is_whole_file() && !has_open {
                continue;
            }
            for fact in segment.facts(summaries) {
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
