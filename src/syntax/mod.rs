//! Text to tree, tree to typed items.

pub mod ast;
pub mod fault;
mod grammar;
mod kind;
mod lower;
pub mod text;
mod tree;
mod validate;

use ast::Ast;
use fault::Fault;
pub use kind::Kind;
pub use tree::{Children, Cursor, MAX_NESTING, NestingFault, Node, Tree, parse};

/// A file, read: its tree, its typed items, and what is wrong with it taken alone.
#[derive(Clone, Debug)]
pub struct File {
    /// The items.
    pub ast: Ast,
    /// What is wrong, in the order of the text.
    pub faults: Vec<Fault>,
}

/// Reads a file: parses, lowers and checks every rule against the tables of [`crate::lang`].
#[must_use]
pub fn read(text: &str) -> File {
    let tree = parse(text);
    let (ast, mut faults) = lower::lower(text, &tree);
    validate::validate(text, &ast, &mut faults);
    faults.sort_by_key(|fault| (fault.range.start, fault.range.end));
    File { ast, faults }
}
