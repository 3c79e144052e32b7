//! What can break patterns that are sound as they are written.

use std::sync::Arc;

use rustc_hash::FxHashSet;

use crate::policy::beginnings::{Beginning, Beginnings, begin_alike};
use crate::policy::{Bits, Env, Expanded, FileSummaries, variable_uses};
use crate::source::TextRange;

/// Variables with values that are no patterns by themselves, and aliases that can break a pattern.
/// Trees have one or two of them, and without one of them nothing has to be put together to be looked at.
pub(super) struct Doubtful<'e> {
    broken_names: Vec<&'e str>,
    /// The numbers of the variables that need such values.
    pub(super) broken: Bits,
    /// What those aliases replace.
    pub(super) aliases: &'e [String],
    /// The numbers of the variables whose values may begin with what one of them replaces.
    aliased: Bits,
}

impl<'e> Doubtful<'e> {
    /// Of the variables no number is known yet.
    pub(super) fn of(env: &'e Env) -> Self {
        Self {
            broken_names: env.broken_names().collect(),
            broken: Bits::default(),
            aliases: env.aliases.breaking(),
            aliased: Bits::default(),
        }
    }

    /// Looks at a variable with what it needs.
    pub(super) fn enter(
        &mut self,
        number: u32,
        name: &str,
        needs: &Result<Arc<FxHashSet<String>>, Expanded>,
        env: &Env,
    ) {
        let is_broken = match needs {
            Ok(needs) => self.broken_names.iter().any(|name| needs.contains(*name)),
            Err(_) => true,
        };
        if is_broken {
            self.broken.insert(number);
        }
        if !self.aliases.is_empty() && self.is_aliased(&env.beginning(name)) {
            self.aliased.insert(number);
        }
    }

    fn is_aliased(&self, beginning: &str) -> bool {
        self.aliases.iter().any(|from| begin_alike(from, beginning))
    }

    /// Whether a pattern has a variable with a broken value.
    pub(super) fn has_broken(&self, written: &str, summaries: &FileSummaries<'_>) -> bool {
        let length = u32::try_from(written.len()).unwrap_or(u32::MAX);
        let mut uses = variable_uses(written, TextRange::new(0, length));
        !self.broken.is_empty()
            && uses.any(|(name, _)| {
                let number = summaries.number(name);
                number.is_none_or(|number| self.broken.contains(number))
            })
    }

    /// Whether one of the aliases may be about a path as it is written.
    pub(super) fn may_be_aliased_text(&self, written: &str, summaries: &FileSummaries<'_>) -> bool {
        if self.aliases.is_empty() {
            return false;
        }
        match Beginning::of(written) {
            Beginning::Text(text) => self.is_aliased(text),
            Beginning::Variable(name) => {
                let number = summaries.number(name);
                number.is_none_or(|number| self.aliased.contains(number))
            }
        }
    }

    /// The same for one of the paths of a file.
    pub(super) fn may_be_aliased(&self, beginnings: &Beginnings) -> bool {
        let mut aliases = self.aliases.iter();
        beginnings.variables.intersects(&self.aliased)
            || aliases.any(|from| beginnings.may_begin_with(from))
    }
}
