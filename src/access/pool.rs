//! What many profiles share: the entries of files that they include.

use std::hash::Hash;
use std::sync::{Arc, RwLock};

use rustc_hash::{FxHashMap, FxHashSet};

use super::Rules;
use super::encode::{Compiler, Sockets};
use crate::glob::{Program, ProgramFault};
use crate::policy::{Digest, Env, Fact, variable_uses};
use crate::source::{FileId, SourceMap};
use crate::syntax::ast::Body;
use crate::syntax::text;

/// Entries of included files, compiled once for all profiles to which their variables mean the same.
///
/// Nearly all profiles share a foundation of variables, the tunables, and set a few of their own above
/// it, above all their name. So the rules of a file are parted: those that need only the foundation
/// are compiled once, the others by each profile.
#[derive(Debug, Default)]
pub struct Pool {
    files: RwLock<FxHashMap<FileId, Vec<Arc<Shared>>>>,
    /// Compiled patterns of paths by their text.
    paths: RwLock<FxHashMap<String, Arc<Program>>>,
    /// Compiled descriptions of sockets.
    sockets: RwLock<FxHashMap<Sockets, Arc<Program>>>,
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
    /// The variables that rules of the file need.
    used: FxHashSet<String>,
    /// Those of them that profiles set above the foundation.
    above: FxHashSet<String>,
}

impl Shared {
    fn fits(&self, env: &Env) -> bool {
        if self.foundation != env.foundation() || self.aliases != Arc::as_ptr(&env.aliases) as usize
        {
            return false;
        }
        // A profile that sets less has all it needs: what is personal it compiles anyway.
        env.names_above_foundation()
            .all(|name| self.above.contains(name) || !self.used.contains(name))
    }
}

impl Pool {
    /// The entries of a whole file for profiles with the variables of `env`. As long as the pool is
    /// in use, the environments that were given to it must live.
    pub(super) fn of_file(
        &self,
        file: FileId,
        digest: &Digest<'_>,
        env: &Env,
        sources: &SourceMap,
    ) -> Arc<Shared> {
        if let Ok(known) = self.files.read()
            && let Some(shared) = known
                .get(&file)
                .and_then(|all| all.iter().find(|shared| shared.fits(env)))
        {
            return Arc::clone(shared);
        }
        let shared = Arc::new(self.compile(digest, env, sources));
        if let Ok(mut known) = self.files.write() {
            known.entry(file).or_default().push(Arc::clone(&shared));
        }
        shared
    }

    /// The program of a pattern of paths.
    pub(super) fn path(&self, pattern: String) -> Result<Arc<Program>, ProgramFault> {
        once(&self.paths, pattern, |pattern| Program::path(pattern))
    }

    /// The program of sockets with any address.
    pub(super) fn sockets(&self, sockets: &Sockets) -> Result<Arc<Program>, ProgramFault> {
        once(&self.sockets, *sockets, Sockets::anywhere)
    }

    fn compile(&self, digest: &Digest<'_>, env: &Env, sources: &SourceMap) -> Shared {
        let set: FxHashSet<&str> = env.names_above_foundation().collect();
        let mut rules = Rules::default();
        let mut personal = Vec::new();
        let mut used: FxHashSet<String> = FxHashSet::default();
        for (number, fact) in (0..).zip(&digest.rules) {
            let mut of_rule = FxHashSet::default();
            let text = sources.slice(fact.rule.range.in_file(fact.file));
            closure(&text::value(text), env, &set, &mut of_rule);
            let is_personal = of_rule.iter().any(|name| set.contains(name.as_str()));
            used.extend(of_rule);
            if is_personal || names_a_child(fact) {
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
                pool: self,
            };
            compiler.rule();
        }
        let above = used.iter().filter(|name| set.contains(name.as_str()));
        Shared {
            rules: Arc::new(rules),
            personal,
            foundation: env.foundation(),
            aliases: Arc::as_ptr(&env.aliases) as usize,
            above: above.cloned().collect(),
            used,
        }
    }
}

/// What is known of a key; else it is made and remembered.
fn once<K: Eq + Hash>(
    known: &RwLock<FxHashMap<K, Arc<Program>>>,
    key: K,
    make: impl Fn(&K) -> Result<Program, ProgramFault>,
) -> Result<Arc<Program>, ProgramFault> {
    let found = known.read().ok().and_then(|all| all.get(&key).cloned());
    if let Some(found) = found {
        return Ok(found);
    }
    let made = Arc::new(make(&key)?);
    if let Ok(mut all) = known.write() {
        all.insert(key, Arc::clone(&made));
    }
    Ok(made)
}

/// Adds the variables that `text` uses, and those that their values use, down to those of `set`.
fn closure(text: &str, env: &Env, set: &FxHashSet<&str>, used: &mut FxHashSet<String>) {
    let mut open = vec![text];
    while let Some(text) = open.pop() {
        let length = u32::try_from(text.len()).unwrap_or(u32::MAX);
        for (name, _) in variable_uses(text, crate::source::TextRange::new(0, length)) {
            if !used.insert(name.to_owned()) || set.contains(name) {
                continue;
            }
            if let Some(definition) = env.variable(name) {
                open.extend(definition.values.iter().map(String::as_str));
            }
        }
    }
}

/// Whether the rule names a child profile: its full name depends on the profile.
fn names_a_child(fact: &Fact<'_>) -> bool {
    matches!(&fact.rule.body, Body::File(rule) if rule.target.is_some() && rule.perms.has_exec())
}
