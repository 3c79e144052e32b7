//! What many profiles share: the entries of files that they include.

use std::sync::{Arc, RwLock};

use rustc_hash::{FxHashMap, FxHashSet};

use super::encode::Compiler;
use super::patterns::Patterns;
use crate::access::Rules;
use crate::lang::targets::Version;
use crate::policy::{Env, Fact, FileSummary, variable_uses};
use crate::source::{FileId, SourceMap};
use crate::syntax::ast::Body;
use crate::syntax::text;

/// Entries of included files, compiled once for all profiles to which their variables mean the same.
///
/// Nearly all profiles share a foundation of variables, the tunables, and set a few of their own above
/// it, above all their name. So the rules of a file are parted: those that need only the foundation
/// are compiled once, the others by each profile. What is shared depends on the profiles alone and not
/// on which one comes first, so that the order of entries is the same in each run.
#[derive(Debug, Default)]
pub struct Pool {
    /// What was compiled already.
    pub(super) patterns: Patterns,
    files: RwLock<FxHashMap<FileId, Vec<Arc<Shared>>>>,
    uses: RwLock<UsesByFile>,
}

/// Entries of a file on a certain foundation of variables.
#[derive(Debug)]
pub(super) struct Shared {
    /// The entries that are the same for all profiles on that foundation.
    pub(super) rules: Arc<Rules>,
    /// Numbers of the rules that each profile must compile for itself.
    pub(super) personal: Vec<u32>,
    /// Where the foundation lies: compared, never followed.
    foundation: Option<usize>,
    aliases: usize,
    /// The variables that rules of the file need and that profiles set above the foundation, sorted.
    above: Vec<String>,
}

/// What rules need, by file and foundation.
type UsesByFile = FxHashMap<(FileId, Option<usize>), Arc<Uses>>;

/// The variables that the rules of a file need on a foundation.
#[derive(Debug, Default)]
struct Uses {
    of_rules: Vec<FxHashSet<String>>,
    all: FxHashSet<String>,
}

impl Shared {
    fn is_for(&self, env: &Env, above: &[String]) -> bool {
        self.foundation == env.foundation()
            && self.aliases == Arc::as_ptr(&env.aliases) as usize
            && self.above == above
    }
}

impl Pool {
    /// Room for what the profiles of policy share that this parser loads.
    #[must_use]
    pub fn of(parser: Version) -> Self {
        Self {
            patterns: Patterns::of(parser),
            ..Self::default()
        }
    }

    /// The same after a change of policy, where most patterns are those of `before`.
    #[must_use]
    pub fn after(parser: Version, before: &Self) -> Self {
        Self {
            patterns: Patterns::after(parser, &before.patterns),
            ..Self::default()
        }
    }

    /// The entries of a whole file for profiles with the variables of `env`. As long as the pool is
    /// in use, the environments that were given to it must live.
    pub(super) fn of_file(
        &self,
        file: FileId,
        summary: &FileSummary<'_>,
        env: &Env,
        sources: &SourceMap,
    ) -> Arc<Shared> {
        let uses = self.uses(file, summary, env, sources);
        let names = env.names_above_foundation();
        let mut above: Vec<String> = names
            .filter(|name| uses.all.contains(*name))
            .map(str::to_owned)
            .collect();
        above.sort_unstable();
        above.dedup();
        let find = |known: &FxHashMap<FileId, Vec<Arc<Shared>>>| {
            let mut all = known.get(&file)?.iter();
            all.find(|shared| shared.is_for(env, &above)).cloned()
        };
        if let Some(shared) = self.files.read().ok().and_then(|known| find(&known)) {
            return shared;
        }
        let shared = Arc::new(self.compile(summary, env, sources, &uses, &above));
        let Ok(mut known) = self.files.write() else {
            return shared;
        };
        // Somebody else may have been faster.
        if let Some(first) = find(&known) {
            return first;
        }
        known.entry(file).or_default().push(Arc::clone(&shared));
        shared
    }

    fn uses(
        &self,
        file: FileId,
        summary: &FileSummary<'_>,
        env: &Env,
        sources: &SourceMap,
    ) -> Arc<Uses> {
        let key = (file, env.foundation());
        let known = self.uses.read().ok();
        if let Some(known) = known.and_then(|known| known.get(&key).cloned()) {
            return known;
        }
        let of_rules = summary.rules.iter().map(|fact| {
            let text = sources.slice(fact.rule.range.in_file(fact.file));
            closure(&text::value(text), env)
        });
        let of_rules: Vec<FxHashSet<String>> = of_rules.collect();
        let all = of_rules.iter().flatten().cloned().collect();
        let uses = Arc::new(Uses { of_rules, all });
        if let Ok(mut known) = self.uses.write() {
            known.insert(key, Arc::clone(&uses));
        }
        uses
    }

    fn compile(
        &self,
        summary: &FileSummary<'_>,
        env: &Env,
        sources: &SourceMap,
        uses: &Uses,
        above: &[String],
    ) -> Shared {
        let mut rules = Rules::default();
        let mut personal = Vec::new();
        for ((number, fact), needs) in (0..).zip(&summary.rules).zip(&uses.of_rules) {
            if names_a_child(fact) || above.iter().any(|name| needs.contains(name)) {
                personal.push(number);
                continue;
            }
            let mut compiler = Compiler {
                sources,
                env,
                profile: "",
                fact,
                number,
                rules: &mut rules,
                patterns: &self.patterns,
                is_request: false,
            };
            compiler.rule();
        }
        rules.shrink();
        Shared {
            rules: Arc::new(rules),
            personal,
            foundation: env.foundation(),
            aliases: Arc::as_ptr(&env.aliases) as usize,
            above: above.to_vec(),
        }
    }
}

/// The variables that `text` uses, and those that their values in the foundation use.
fn closure(text: &str, env: &Env) -> FxHashSet<String> {
    let mut used = FxHashSet::default();
    let mut open = vec![text];
    while let Some(text) = open.pop() {
        let length = u32::try_from(text.len()).unwrap_or(u32::MAX);
        for (name, _) in variable_uses(text, crate::source::TextRange::new(0, length)) {
            if !used.contains(name) {
                used.insert(name.to_owned());
                let values = env.values_in_foundation(name).iter();
                open.extend(values.map(String::as_str));
            }
        }
    }
    used
}

/// Whether the rule names a child profile: its full name depends on the profile.
fn names_a_child(fact: &Fact<'_>) -> bool {
    matches!(&fact.rule.body, Body::File(rule) if rule.target.is_some() && rule.perms.has_exec())
}
