//! Building profiles: their names, their variables and all their rules.

use std::sync::Arc;

use super::evaluation::{Evaluation, ProfileBody};
use super::preamble::is_gap;
use crate::glob;
use crate::policy::file_summary::expanded_part;
use crate::policy::profile::Segment;
use crate::policy::scope::{DropReason, Dropped, DroppedItem, Scope};
use crate::policy::{
    Definition, Env, Expanded, FileSummary, IncludeChain, IncludeTarget, Limit, MAX_PROFILES,
    Problem, ProblemKind, ProfileId, ProfileView, variable_uses,
};
use crate::source::{FileId, Span, TextRange};
use crate::syntax::ast::{Conditional, Expression, Include, Item, PolicyRule, Profile};
use crate::syntax::text;

impl<'s> Evaluation<'s, '_> {
    /// Enters a profile with its children; `parent` is the index of the one around it.
    pub(super) fn profile(
        &mut self,
        profile: &'s Profile,
        file: FileId,
        via: &IncludeChain,
        parent: Option<usize>,
    ) {
        let (name, attachment) = self.name_and_attachment(profile, file, via);
        let outer = parent.and_then(|parent| self.outcome.profiles.get(parent));
        let full_name = outer.map_or_else(
            || name.clone(),
            |outer| format!("{}//{name}", outer.full_name),
        );
        let place = profile.name.0.in_file(file);
        let env = self.env_of_profile(place, &full_name, attachment.as_ref());
        let mut body = ProfileBody::of(self);
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
        self.children(body.children, index);
    }

    /// The name with variables put in, as written where they cannot be, and what the profile attaches to.
    fn name_and_attachment(
        &mut self,
        profile: &'s Profile,
        file: FileId,
        via: &IncludeChain,
    ) -> (String, Option<String>) {
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
        (name, attachment)
    }

    /// The variables in force in a profile: those of the preamble, and those that the parser sets.
    fn env_of_profile(&self, place: Span, full_name: &str, attachment: Option<&String>) -> Env {
        let mut env = self.env.clone();
        env.set(
            "profile_name",
            Definition {
                place,
                values: vec![escape(without_namespace(full_name))],
            },
        );
        if let Some(attachment) = attachment {
            // They hide what the preamble sets (apparmor_parser 5).
            for name in ["attach_path", "exec_path"] {
                let values = vec![attachment.clone()];
                env.set(name, Definition { place, values });
            }
        }
        env
    }

    /// Enters the children of the profile with that index, as far as they are followed.
    fn children(&mut self, children: Vec<(&'s Profile, FileId, IncludeChain)>, index: usize) {
        for (child, file, via) in children {
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
    pub(super) fn expand_or_note(
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
        via: &IncludeChain,
        scope: &Scope<'_>,
        body: &mut ProfileBody<'s>,
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
        via: &IncludeChain,
        scope: &Scope<'_>,
        body: &mut ProfileBody<'s>,
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
    fn pass_over(
        &mut self,
        items: &'s [Item],
        file: FileId,
        via: &IncludeChain,
        body: &mut ProfileBody<'s>,
    ) {
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
        rule: &'s PolicyRule,
        file: FileId,
        via: &IncludeChain,
        scope: &Scope<'_>,
        body: &mut ProfileBody<'s>,
    ) {
        match scope.fact(rule, file, self.summaries.parser()) {
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
        via: &IncludeChain,
        body: &mut ProfileBody<'s>,
    ) -> Option<(&'s [FileId], IncludeChain)> {
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
            Some(IncludeTarget::Relative(is_below_base)) => {
                body.unknown.get_or_insert(span);
                self.relative(include, *is_below_base, span, via);
                None
            }
            target => {
                if is_gap(include, target) {
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
        via: &IncludeChain,
        scope: &Scope<'_>,
        body: &mut ProfileBody<'s>,
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
            if is_open && self.summaries.file(id).is_some_and(|d| d.has_profiles) {
                let range = include.written;
                self.problem(Span { range, ..span }, via, ProblemKind::EndlessInclude);
                continue;
            }
            let (Some(loaded), Some(summary)) = (self.store.file(id), self.summaries.file(id))
            else {
                continue;
            };
            if let Some(deep) = self.nested_too_deep(id, None) {
                body.unknown.get_or_insert(span);
                body.limit.get_or_insert((deep, Limit::Nesting));
            }
            let is_plain =
                !summary.has_conditionals && !summary.has_profiles && !summary.has_preamble;
            if is_plain && scope.is_plain() {
                self.plain_include(summary, id, &inner, body);
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
    fn plain_include(
        &mut self,
        summary: &FileSummary<'s>,
        id: FileId,
        via: &IncludeChain,
        body: &mut ProfileBody<'s>,
    ) {
        if !summary.used.is_subset(&body.used) {
            for place in &summary.uses {
                if !body.used.contains(place.name) {
                    body.uses
                        .push((place.name, place.range.in_file(id), via.clone()));
                }
            }
            body.used.extend(&summary.used);
        }
        if !summary.rules.is_empty() {
            body.segments.push(Segment::of_file(id, via.clone()));
        }
        for dropped in &summary.dropped {
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
        via: &IncludeChain,
        scope: &Scope<'_>,
        body: &mut ProfileBody<'s>,
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

    fn rule_uses(
        &mut self,
        range: TextRange,
        file: FileId,
        via: &IncludeChain,
        body: &mut ProfileBody<'s>,
    ) {
        for (name, place) in variable_uses(self.text(file), range) {
            if let Some(number) = self.summaries.number(name)
                && !body.used.contains(number)
            {
                body.used.insert(number);
                body.uses.push((number, place.in_file(file), via.clone()));
            }
        }
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
