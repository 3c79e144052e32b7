//! File and link rules.
//!
//! A link needs two matches: its path with `l`, and path, NUL and target with `l` again. A deny rule
//! denies the second only, so that it can name a target (process_dfa_entry in parser_regex.c).

use std::sync::Arc;

use super::{Compiler, Unreadable};
use crate::access::{Class, Exec, bits};
use crate::glob::{Builder, ByteSet, Nfa, collapse_slashes};
use crate::lang::permissions::{APPEND, EXEC, ExecKind, ExecMode, LINK, LOCK, MMAP, READ, WRITE};
use crate::lang::targets::Version;
use crate::syntax::ast::{FileRule, LinkRule, Mode, Safety, Word};

/// The first parser that leaves no `m` of an exec that another rule overrides.
const FIRST_OVERRIDING_MMAP: Version = Version(5, 0);

/// All files, `/` among them.
pub(super) const EVERYTHING: &str = "/{**,}";

impl Compiler<'_, '_> {
    pub(super) fn file(&mut self, rule: &FileRule) -> Result<(), Unreadable> {
        let path = self.expanded(rule.path)?;
        // With `x` the target is a profile, and links go anywhere.
        let link_target = rule.target.filter(|_| !rule.perms.has_exec());
        let exec = self.exec(rule);
        for path in self.with_aliases(path) {
            let nfa = self.patterns.path(path.clone())?;
            self.path_entry(&nfa, rule.perms.bits, exec.clone());
            if rule.perms.has_link() {
                let is_subset = rule.subset.is_some() || link_target.is_none();
                self.link_pair(&path, link_target, is_subset, self.halves(LINK))?;
            }
        }
        Ok(())
    }

    pub(super) fn link(&mut self, rule: &LinkRule) -> Result<(), Unreadable> {
        let path = self.expanded(rule.link)?;
        for path in self.with_aliases(path) {
            let nfa = self.patterns.path(path.clone())?;
            self.path_entry(&nfa, LINK, None);
            self.link_pair(
                &path,
                Some(rule.target),
                rule.subset.is_some(),
                self.halves(LINK),
            )?;
        }
        Ok(())
    }

    /// `file,`
    pub(super) fn all_files(&mut self) -> Result<(), Unreadable> {
        let nfa = self.patterns.path(EVERYTHING.to_owned())?;
        let bits = READ | WRITE | APPEND | LINK | LOCK | MMAP | EXEC;
        let mode = ExecMode {
            kind: ExecKind::Inherit,
            is_unsafe: false,
        };
        let exec = Exec { mode, target: None };
        self.path_entry(&nfa, bits, Some(exec));
        self.link_pair(EVERYTHING, None, true, self.halves(LINK))
    }

    fn path_entry(&mut self, nfa: &Arc<Nfa>, bits: u8, exec: Option<Exec>) {
        let mask = self.halves(bits);
        let link = bits::both(LINK);
        let denied = self.fact.mode == Mode::Deny;
        let mask = if denied { mask & !link } else { mask };
        let left = self.mmap_before_5(exec.as_ref());
        self.push(Class::File, Arc::clone(nfa), mask | left, mask, exec);
    }

    /// The `m` that parsers before 5.0 leave of an exec that may stay in the profile, even where another rule overrides that
    /// exec (3.0.8 and 4.1.0). It is never audited.
    fn mmap_before_5(&self, exec: Option<&Exec>) -> u32 {
        let is_left = self.fact.mode == Mode::Allow
            && !self.is_request
            && self.patterns.parser() < FIRST_OVERRIDING_MMAP
            && exec.is_some_and(Exec::may_inherit);
        if is_left { self.halves(MMAP) } else { 0 }
    }

    /// The entry for a link's path and its target: any target but `//…` if none is given.
    /// `link` are the bits for the halves that it is about.
    pub(super) fn link_pair(
        &mut self,
        path: &str,
        target: Option<Word>,
        is_subset: bool,
        link: u32,
    ) -> Result<(), Unreadable> {
        let targets = match target {
            Some(word) => self.with_aliases(self.expanded(word)?),
            None => Vec::new(),
        };
        let mut builder = Builder::default();
        builder.glob(&collapse_slashes(path))?;
        builder.byte(0);
        if targets.is_empty() {
            // The parser writes `/[^/].*`, in which everything but the slash means NUL as well.
            builder.byte(b'/');
            builder.one_of(ByteSet::of([b'/']).inverse());
            builder.any_of(ByteSet::ALL);
        } else {
            builder.alternatives(&targets, |builder, target| {
                builder.glob(&collapse_slashes(target))
            })?;
        }
        // The parser knows this test for the owner only (LINK_TO_LINK_SUBSET in immunix.h).
        let is_subset = is_subset && link & u32::from(LINK) != 0;
        let subset = if is_subset { bits::SUBSET } else { 0 };
        self.push(Class::File, builder.finish()?, link | subset, link, None);
        Ok(())
    }

    fn exec(&self, rule: &FileRule) -> Option<Exec> {
        let mut mode = rule
            .perms
            .exec_mode
            .filter(|_| self.fact.mode != Mode::Deny)?;
        if let Some((safety, _)) = rule.safety {
            mode.is_unsafe = safety == Safety::Unsafe;
        }
        let Some(word) = rule.target else {
            return Some(Exec { mode, target: None });
        };
        // Variables in it are not put in.
        let name = self.value(word);
        let is_child = matches!(
            mode.kind,
            ExecKind::Child | ExecKind::ChildOrInherit | ExecKind::ChildOrUnconfined
        );
        // With a name only the name and what happens without that profile count; `ux` has no fallback.
        mode.kind = match mode.kind {
            ExecKind::Child | ExecKind::Profile | ExecKind::Unconfined => ExecKind::Profile,
            ExecKind::Inherit | ExecKind::ProfileOrInherit | ExecKind::ChildOrInherit => {
                ExecKind::ProfileOrInherit
            }
            ExecKind::ProfileOrUnconfined | ExecKind::ChildOrUnconfined => {
                ExecKind::ProfileOrUnconfined
            }
        };
        let target = if is_child && !name.starts_with(':') {
            format!("{}//{name}", self.local_name())
        } else {
            name
        };
        Some(Exec {
            mode,
            target: Some(target.into()),
        })
    }

    /// The name of the profile that the rule stands in, without those around it and its namespace:
    /// children are named by it even where it is a child itself.
    fn local_name(&self) -> &str {
        let name = self.profile.strip_prefix(':');
        match name.and_then(|rest| rest.split_once(':')) {
            Some((_, name)) => name.strip_prefix("//").unwrap_or(name),
            None => self.profile,
        }
    }

    /// A path, and what aliases make of it. They rewrite rules; the kernel asks for the path that there is.
    fn with_aliases(&self, path: String) -> Vec<String> {
        if self.is_request {
            return vec![path];
        }
        let mut aliases = self.env.aliases.of(&path);
        aliases.insert(0, path);
        aliases
    }
}
