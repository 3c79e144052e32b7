//! Rules in force.

use crate::source::FileId;
use crate::syntax::ast::{Mode, Owner, PolicyRule};

/// A rule in force: the rule, with the qualifiers of the blocks around it.
#[derive(Copy, Clone, Debug)]
pub struct Fact<'s> {
    /// The rule as written.
    pub rule: &'s PolicyRule,
    /// The file it stands in.
    pub file: FileId,
    /// Allow, deny or prompt.
    pub mode: Mode,
    /// Whose files.
    pub owner: Option<Owner>,
    /// Whether it audits.
    pub is_audit: bool,
    /// Its priority, -1000 to 1000.
    pub priority: i32,
    /// What the parser makes of it in a block.
    pub in_block: InBlock,
}

/// What the parser makes of a rule in a block.
#[derive(Copy, Clone, PartialEq, Eq, Debug)]
pub enum InBlock {
    /// What is written, or there is no block.
    AsWritten,
    /// A rule of another mode: 4.0 to 5.0 go by the block alone, so that a deny rule allows. The
    /// decision goes by the rule, as 3.0 and 6.0 do.
    Inverted(Mode),
    /// It refuses the profile: once it has forgotten the rule's mode, the exec permission is wrong.
    Refused,
}
