//! A file boiled down to what profiles that include it need, once for all of them.

use std::sync::OnceLock;

use rustc_hash::FxHashMap;

use super::beginnings::{Beginnings, takes_aliases};
use super::scope::{Dropped, DroppedItem, Scope};
use super::variable_uses::has_strange;
use super::{Bits, Fact, IncludeChain, Store, variable_uses};
use crate::glob;
use crate::lang::targets::Version;
use crate::source::{FileId, TextRange};
use crate::syntax::ast::{Item, Mode, PolicyRule, Word};
use crate::syntax::{patterns, text};

/// A use of a variable.
#[derive(Copy, Clone, Debug)]
pub struct VariableUse {
    /// Number of its name among the names of all summaries.
    pub name: u32,
    /// `@{NAME}` as written.
    pub range: TextRange,
}

/// A file boiled down.
#[derive(Debug, Default)]
pub struct FileSummary<'s> {
    /// The rules that stand outside of any profile and conditional.
    pub rules: Vec<Fact<'s>>,
    /// What stands in blocks and is not loaded.
    pub dropped: Vec<Dropped<'s>>,
    /// The variables that its rules outside of profiles use; each once, at its first place.
    pub uses: Vec<VariableUse>,
    /// The same as bits.
    pub used: Bits,
    /// Indices into `rules` of file rules with exec permission.
    pub execs: Vec<u32>,
    /// Indices into `rules` of deny rules.
    pub denies: Vec<u32>,
    /// Whether the variables in a pattern of its rules decide whether it is one.
    pub has_open_patterns: bool,
    /// How the paths in its rules begin; see [`Self::beginnings`].
    beginnings: OnceLock<Beginnings>,
    /// Whether conditionals stand outside of profiles: the rules then depend on who includes it.
    pub has_conditionals: bool,
    /// Whether variables or aliases stand in it.
    pub has_preamble: bool,
    /// Whether profiles stand in it.
    pub has_profiles: bool,
}

/// The summaries of all files of a store, and the numbers of all variable names.
#[derive(Debug)]
pub struct FileSummaries<'s> {
    files: Vec<FileSummary<'s>>,
    numbers: FxHashMap<&'s str, u32>,
    names: Vec<&'s str>,
    parser: Version,
}

impl<'s> FileSummaries<'s> {
    /// Boils down every file of `store` as a version of apparmor_parser loads it.
    #[must_use]
    pub fn new(store: &'s Store, parser: Version) -> Self {
        let mut summaries = Self {
            parser,
            files: Vec::new(),
            numbers: FxHashMap::default(),
            names: Vec::new(),
        };
        for (id, loaded) in store.iter() {
            let text = store.sources.get(id).text.as_str();
            let mut summary = FileSummary::default();
            let items = &loaded.file.ast.items;
            summaries.items(&mut summary, id, text, items, &Scope::default());
            summaries.number_definitions(text, &loaded.file.ast.items);
            summaries.files.push(summary);
        }
        summaries
    }

    /// The parser that loads the policy.
    #[must_use]
    pub const fn parser(&self) -> Version {
        self.parser
    }

    /// The summary of a file.
    #[must_use]
    pub fn file(&self, id: FileId) -> Option<&FileSummary<'s>> {
        self.files.get(id.0 as usize)
    }

    /// The number of a variable name, if any file mentions it.
    #[must_use]
    pub fn number(&self, name: &str) -> Option<u32> {
        self.numbers.get(name).copied()
    }

    /// The name with that number.
    #[must_use]
    pub fn name(&self, number: u32) -> &'s str {
        self.names.get(number as usize).copied().unwrap_or_default()
    }

    fn intern(&mut self, name: &'s str) -> u32 {
        if let Some(number) = self.numbers.get(name) {
            return *number;
        }
        let number = u32::try_from(self.names.len()).unwrap_or(u32::MAX);
        self.names.push(name);
        self.numbers.insert(name, number);
        number
    }

    fn number_definitions(&mut self, text: &'s str, items: &'s [Item]) {
        for item in items {
            match item {
                Item::Variable(variable) => {
                    let range = variable.name;
                    self.intern(
                        text.get(range.start as usize..range.end as usize)
                            .unwrap_or_default(),
                    );
                }
                // Names in profiles are numbered as well, so that units can ask for them.
                Item::Profile(profile) => {
                    self.number_uses(text, profile.range);
                }
                _ => {}
            }
        }
    }

    fn items(
        &mut self,
        summary: &mut FileSummary<'s>,
        id: FileId,
        text: &'s str,
        items: &'s [Item],
        scope: &Scope<'_>,
    ) {
        for item in items {
            match item {
                Item::Rule(rule) => match scope.fact(rule, id, self.parser) {
                    Ok(fact) => {
                        summary.has_open_patterns |= is_open(text, rule);
                        self.uses(summary, text, expanded_part(rule));
                        summary.push(fact);
                    }
                    Err(why) => {
                        self.number_uses(text, rule.range);
                        let item = DroppedItem::Rule(rule, scope.denies(rule));
                        let dropped = scope.dropped(item, id, &IncludeChain::default(), why);
                        summary.dropped.push(dropped);
                    }
                },
                Item::Block(block) => {
                    let inner = scope.block(block, id);
                    self.items(summary, id, text, &block.items, &inner);
                }
                Item::Conditional(_) => summary.has_conditionals = true,
                Item::Variable(_) | Item::Boolean(_) | Item::Alias(_) => {
                    summary.has_preamble = true
                }
                Item::Profile(_) => summary.has_profiles = true,
                Item::Include(_) | Item::Abi(_) | Item::Intent(_) => {}
            }
        }
    }

    /// Numbers the names of the variables in `range`.
    fn number_uses(&mut self, text: &'s str, range: TextRange) {
        for (name, _) in variable_uses(text, range) {
            self.intern(name);
        }
    }

    /// Enters the variables that stand in `range`.
    pub(super) fn uses(&mut self, summary: &mut FileSummary<'s>, text: &'s str, range: TextRange) {
        for (name, place) in variable_uses(text, range) {
            let number = self.intern(name);
            if !summary.used.contains(number) {
                summary.used.insert(number);
                summary.uses.push(VariableUse {
                    name: number,
                    range: place,
                });
            }
        }
    }
}

impl<'s> FileSummary<'s> {
    /// How the paths in its rules begin, which aliases depend on. `text` is that of the file, and `number` gives the number of a
    /// name.
    pub(super) fn beginnings(
        &self,
        text: &str,
        number: impl Fn(&str) -> Option<u32>,
    ) -> &Beginnings {
        self.beginnings.get_or_init(|| {
            let paths = self.rules.iter().filter(|fact| takes_aliases(fact.rule));
            let words = paths.flat_map(|fact| patterns::of_rule(text, fact.rule));
            let written = words.map(|word| {
                let written = text.get(word.0.start as usize..word.0.end as usize);
                text::value(written.unwrap_or_default())
            });
            Beginnings::of(written, number)
        })
    }

    pub(super) fn push(&mut self, fact: Fact<'s>) {
        let index = u32::try_from(self.rules.len()).unwrap_or(u32::MAX);
        if let crate::syntax::ast::Body::File(file) = &fact.rule.body
            && file.perms.has_exec()
        {
            self.execs.push(index);
        }
        if fact.mode == Mode::Deny {
            self.denies.push(index);
        }
        self.rules.push(fact);
    }
}

/// Whether variables decide whether a pattern of a rule is one: it is no pattern as it is written, or the address of a socket.
fn is_open(text: &str, rule: &PolicyRule) -> bool {
    let is_open = |word: Word| {
        let written = text.get(word.0.start as usize..word.0.end as usize);
        let written = text::value(written.unwrap_or_default());
        written.contains("@{") && (glob::check(&written).is_some() || has_strange(&written))
    };
    let begins_with_variable = |word: Word| {
        let written = text.get(word.0.start as usize..word.0.end as usize);
        text::value(written.unwrap_or_default()).starts_with("@{")
    };
    patterns::of_rule(text, rule).into_iter().any(is_open)
        || patterns::addresses(text, rule)
            .into_iter()
            .any(begins_with_variable)
}

/// The part of a rule in which the parser puts variables in: all but the target of an exec, which it keeps as it is written
/// (apparmor_parser 3.0 to 6.0), and the list of what `io_uring` allows, in which 5.0 takes any word.
pub(super) fn expanded_part(rule: &PolicyRule) -> TextRange {
    if let crate::syntax::ast::Body::IoUring(io_uring) = &rule.body {
        let start = io_uring.access_range.end.max(rule.range.start);
        return TextRange::new(start, rule.range.end);
    }
    let target = match &rule.body {
        crate::syntax::ast::Body::File(file) if file.perms.has_exec() => file.target,
        _ => None,
    };
    target.map_or(rule.range, |target| {
        TextRange::new(rule.range.start, target.0.start)
    })
}
