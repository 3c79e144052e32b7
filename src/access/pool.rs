//! What many profiles share: the entries of files that they include.

use std::sync::{Arc, RwLock};

use rustc_hash::{FxHashMap, FxHashSet};

use super::Rules;
use super::encode::Compiler;
use crate::glob::{Program, ProgramFault};
use crate::policy::{Definition, Digest, Env, Fact, variable_uses};
use crate::source::{FileId, SourceMap};
use crate::syntax::ast::Body;
use crate::syntax::text;

/// Variables that each profile sets anew.
const PERSONAL: [&str; 3] = ["profile_name", "attach_path", "exec_path"];

/// Entries of included files, compiled once for all profiles to which their variables mean the same.
#[derive(Debug, Default)]
pub struct Pool {
    files: RwLock<FxHashMap<FileId, Vec<Arc<Shared>>>>,
    /// Compiled patterns of paths by their text.
    paths: RwLock<FxHashMap<String, Arc<Program>>>,
}

/// Entries of a file under certain values of the variables that it uses.
#[derive(Debug)]
pub(super) struct Shared {
    /// The entries that are the same for all profiles with these variables.
    pub(super) rules: Arc<Rules>,
    /// Numbers of the rules that each profile must compile for itself.
    pub(super) personal: Vec<u32>,
    /// The variables and where their values lie: these addresses are compared, never followed.
    values: Vec<(String, Option<usize>)>,
    /// The same names.
    used: FxHashSet<String>,
    /// The part of the environments that all these values come from, if it is one.
    foundation: Option<usize>,
    aliases: usize,
}

fn address(definition: &Definition) -> usize {
    std::ptr::from_ref(definition) as usize
}

impl Shared {
    fn fits(&self, env: &Env) -> bool {
        if self.aliases != Arc::as_ptr(&env.aliases) as usize {
            return false;
        }
        let sets_none = |env: &Env| {
            env.names_above_foundation()
                .all(|name| !self.used.contains(name))
        };
        if self.foundation.is_some() && self.foundation == env.foundation() && sets_none(env) {
            return true;
        }
        self.values
            .iter()
            .all(|(name, known)| env.variable(name).map(address) == *known)
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
        if let Some(known) = self
            .paths
            .read()
            .ok()
            .and_then(|all| all.get(&pattern).cloned())
        {
            return Ok(known);
        }
        let program = Arc::new(Program::path(&pattern)?);
        if let Ok(mut all) = self.paths.write() {
            all.insert(pattern, Arc::clone(&program));
        }
        Ok(program)
    }

    fn compile(&self, digest: &Digest<'_>, env: &Env, sources: &SourceMap) -> Shared {
        let mut rules = Rules::default();
        let mut personal = Vec::new();
        let mut used: FxHashSet<String> = FxHashSet::default();
        for (number, fact) in (0..).zip(&digest.rules) {
            let mut of_rule = FxHashSet::default();
            let text = sources.slice(fact.rule.range.in_file(fact.file));
            closure(&text::value(text), env, &mut of_rule);
            let is_personal = PERSONAL.iter().any(|name| of_rule.contains(*name));
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
        used.retain(|name| !PERSONAL.contains(&name.as_str()));
        let values = used.iter().map(|name| {
            let place = env.variable(name).map(address);
            (name.clone(), place)
        });
        let values = values.collect();
        let is_on_foundation = env
            .names_above_foundation()
            .all(|name| !used.contains(name));
        Shared {
            rules: Arc::new(rules),
            personal,
            values,
            used,
            foundation: env.foundation().filter(|_| is_on_foundation),
            aliases: Arc::as_ptr(&env.aliases) as usize,
        }
    }
}

/// Adds the variables that `text` uses, and those that their values use.
fn closure(text: &str, env: &Env, used: &mut FxHashSet<String>) {
    let mut open = vec![text];
    while let Some(text) = open.pop() {
        let length = u32::try_from(text.len()).unwrap_or(u32::MAX);
        for (name, _) in variable_uses(text, crate::source::TextRange::new(0, length)) {
            if !used.insert(name.to_owned()) || PERSONAL.contains(&name) {
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
