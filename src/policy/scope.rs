//! What becomes of rules in `{ }` blocks and in `if`.
//!
//! apparmor_parser reads a block into a profile of its own and moves only the lists of file and
//! change_profile rules into the profile around it; the rest is thrown away without a word. Of the
//! branch of an `if` it moves other lists as well, more of them from 4.1 on. Seen in what 3.0.8, 4.0.1,
//! 4.1.0 and 5.0.2 compile; `tests/material/oracle_blocks.rs` compares.

use super::{Fact, InBlock, IncludeChain};
use crate::lang::targets::Version;
use crate::source::{FileId, Span, TextRange};
use crate::syntax::ast::{
    Block, Body, Branch, Mode, Owner, PolicyRule, Profile, Qualifiers, Safety,
};

/// The parser that decides where no target is given: the newest released one.
pub const NEWEST_PARSER: Version = Version(5, 0);

/// The first parser that takes the mode of a block for the mode of every rule in it.
const FIRST_INVERTING: Version = Version(4, 0);

/// The first parser that keeps the modes and priorities of rules in blocks.
const FIRST_KEEPING: Version = Version(6, 0);

/// The first parser that keeps rules of all kinds but resource limits in `if`.
const FIRST_WITH_CONDITIONAL_RULES: Version = Version(4, 1);

/// What stands around an item in its profile.
#[derive(Copy, Clone, Debug, Default)]
pub(super) struct Scope<'a> {
    /// The qualifiers of the innermost block, and what stands around that block.
    block: Option<(&'a Qualifiers, &'a Scope<'a>)>,
    /// Whether an `if` is around it.
    is_conditional: bool,
    /// The innermost block, or branch of an `if`.
    place: Option<Span>,
}

impl<'a> Scope<'a> {
    /// In a block.
    pub(super) const fn block(&'a self, block: &'a Block, file: FileId) -> Self {
        Self {
            block: Some((&block.qualifiers, self)),
            is_conditional: self.is_conditional,
            place: Some(block.range.in_file(file)),
        }
    }

    /// In a branch of an `if`.
    pub(super) const fn branch(&self, branch: &Branch, file: FileId) -> Self {
        Self {
            is_conditional: true,
            place: Some(branch.range.in_file(file)),
            ..*self
        }
    }

    /// What is dropped here.
    pub(super) fn dropped<'s>(
        &self,
        item: DroppedItem<'s>,
        file: FileId,
        via: &IncludeChain,
        why: DropReason,
    ) -> Dropped<'s> {
        let around = self.place.unwrap_or(item.range().in_file(file));
        let via = via.clone();
        Dropped {
            item,
            file,
            via,
            around,
            why,
        }
    }

    /// Whether a block is around it.
    pub(super) const fn is_in_block(&self) -> bool {
        self.block.is_some()
    }

    /// Whether neither a block nor an `if` is around it.
    pub(super) const fn is_plain(&self) -> bool {
        self.block.is_none() && !self.is_conditional
    }

    /// The qualifiers of the blocks around it, the innermost first.
    fn blocks(&self) -> impl Iterator<Item = &'a Qualifiers> {
        let mut at = self.block;
        std::iter::from_fn(move || {
            let (qualifiers, around) = at?;
            at = around.block;
            Some(qualifiers)
        })
    }

    /// A rule in force with the qualifiers of the blocks around it, or why `parser` drops it.
    pub(super) fn fact<'s>(
        &self,
        rule: &'s PolicyRule,
        file: FileId,
        parser: Version,
    ) -> Result<Fact<'s>, DropReason> {
        if let Some(why) = self.drops(&rule.body, parser) {
            return Err(why);
        }
        let own = &rule.qualifiers;
        let mut fact = Fact {
            rule,
            file,
            mode: own.mode.map_or(Mode::Allow, |(mode, _)| mode),
            owner: own.owner.map(|(owner, _)| owner),
            is_audit: own.audit.is_some(),
            priority: own.priority.map_or(0, |(priority, _)| priority),
            in_block: InBlock::AsWritten,
        };
        if self.is_in_block() {
            self.qualify(&mut fact, own, parser)?;
        }
        Ok(fact)
    }

    fn drops(&self, body: &Body, parser: Version) -> Option<DropReason> {
        let is_moved = matches!(
            body,
            Body::File(_)
                | Body::AllFiles
                | Body::Link(_)
                | Body::ChangeProfile(_)
                | Body::Unreadable
        );
        if is_moved {
            return None;
        }
        if self.is_in_block() {
            return Some(DropReason::Block);
        }
        let is_kept = match body {
            Body::Rlimit(_) => false,
            Body::Capability(_) => true,
            _ => parser >= FIRST_WITH_CONDITIONAL_RULES,
        };
        (self.is_conditional && !is_kept).then_some(DropReason::Conditional)
    }

    /// Adds the qualifiers of the blocks, block by block from within, as the parser does: owners are
    /// intersected, and one mask says what an allow rule audits and what a deny rule does not.
    fn qualify(
        &self,
        fact: &mut Fact<'_>,
        own: &Qualifiers,
        parser: Version,
    ) -> Result<(), DropReason> {
        let has_owner = !matches!(fact.rule.body, Body::ChangeProfile(_));
        let mut mode = own.mode.map(|(mode, _)| mode);
        let mut is_masked = fact.is_audit != (mode == Some(Mode::Deny));
        let mut outermost = Mode::Allow;
        let mut is_refused = false;
        // Of a change of profile the parser intersects the owners of the exec alone; nothing is left to refuse where none
        // stays.
        let mut owner_of_exec = None;
        let mut has_exec = true;
        for block in self.blocks() {
            if let Some((theirs, _)) = block.owner {
                let mine = *owner_of_exec.get_or_insert(theirs);
                has_exec &= has_owner || mine == theirs;
            }
            if let (Some(mine), Some((theirs, _)), true) = (fact.owner, block.owner, has_owner)
                && mine != theirs
            {
                return Err(DropReason::Owners(mine));
            }
            fact.owner = fact.owner.or(block.owner.map(|(owner, _)| owner));
            mode = mode.or(block.mode.map(|(mode, _)| mode));
            outermost = block.mode.map_or(Mode::Allow, |(mode, _)| mode);
            // What has forgotten the mode of the rule has forgotten it here as well.
            let around = match takes_mode_of_block(parser) {
                true => block.mode.map(|(mode, _)| mode),
                false => mode,
            };
            is_masked |= block.audit.is_some() != (around == Some(Mode::Deny));
            is_refused |= match (exec(&fact.rule.body), takes_mode_of_block(parser)) {
                _ if !has_exec => false,
                (Exec::None, _) => false,
                (Exec::WithMode, true) => outermost == Mode::Deny,
                (Exec::WithMode, false) => parser < FIRST_KEEPING && mode == Some(Mode::Deny),
                (Exec::Bare, true) => outermost != Mode::Deny,
                (Exec::Bare, false) => parser < FIRST_KEEPING && mode != Some(Mode::Deny),
            };
        }
        if parser < FIRST_KEEPING {
            // Its place is taken by that of the block, which can have none.
            fact.priority = 0;
        }
        fact.mode = mode.unwrap_or(Mode::Allow);
        fact.is_audit = if parser < FIRST_KEEPING {
            is_masked != (fact.mode == Mode::Deny)
        } else {
            // 6.0 keeps `audit` apart from the mode: one block that says so is enough.
            fact.is_audit || self.blocks().any(|block| block.audit.is_some())
        };
        if is_refused {
            fact.in_block = InBlock::Refused;
        } else if takes_mode_of_block(parser) && outermost != fact.mode {
            fact.in_block = InBlock::Inverted(outermost);
        }
        Ok(())
    }
}

/// Whether a parser takes the mode of a block in place of that of a rule in it.
fn takes_mode_of_block(parser: Version) -> bool {
    (FIRST_INVERTING..FIRST_KEEPING).contains(&parser)
}

/// Which exec permission a rule has.
enum Exec {
    None,
    /// `px` and the like; also what `change_profile unsafe /program -> target` has.
    WithMode,
    /// `x`; also what `change_profile /program -> target` has without `unsafe`.
    Bare,
}

fn exec(body: &Body) -> Exec {
    match body {
        Body::AllFiles => Exec::WithMode,
        Body::File(rule) if rule.perms.exec_mode.is_some() => Exec::WithMode,
        Body::File(rule) if rule.perms.has_exec() => Exec::Bare,
        Body::ChangeProfile(rule) if rule.exec.is_some() => match rule.safety {
            // That the environment is kept is a mode of its own to the parser.
            Some((Safety::Unsafe, _)) => Exec::WithMode,
            _ => Exec::Bare,
        },
        _ => Exec::None,
    }
}

/// What the parser reads and does not load.
#[derive(Clone, Debug)]
pub struct Dropped<'s> {
    /// What it is.
    pub item: DroppedItem<'s>,
    /// The file it is written in.
    pub file: FileId,
    /// The include statements that lead there, outermost first.
    pub via: IncludeChain,
    /// The innermost block or branch of an `if` around it. It may lie in a file that includes this one.
    pub around: Span,
    /// Why.
    pub why: DropReason,
}

/// A rule or a profile that is not loaded.
#[derive(Copy, Clone, Debug)]
pub enum DroppedItem<'s> {
    /// A rule, and whether it or a block around it says `deny`.
    Rule(&'s PolicyRule, bool),
    /// A child profile or hat.
    Profile(&'s Profile),
}

impl DroppedItem<'_> {
    /// Its text.
    #[must_use]
    pub fn range(&self) -> TextRange {
        match self {
            Self::Rule(rule, _) => rule.range,
            Self::Profile(profile) => profile.header,
        }
    }
}

/// Why the parser does not load something.
#[derive(Copy, Clone, PartialEq, Eq, Debug)]
pub enum DropReason {
    /// Of a `{ }` block only file, link and change_profile rules are loaded.
    Block,
    /// Of an `if` rules of its kind are not loaded.
    Conditional,
    /// The rule is about files of this owner, a block around it about those of the other.
    Owners(Owner),
}

impl Scope<'_> {
    /// Whether a rule here denies.
    pub(super) fn denies(&self, rule: &PolicyRule) -> bool {
        let modes = std::iter::once(rule.qualifiers.mode).chain(self.blocks().map(|b| b.mode));
        let mut modes = modes.flatten();
        matches!(modes.next(), Some((Mode::Deny, _)))
    }
}
