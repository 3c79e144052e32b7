//! Text to tree, tree to typed items.
mod grammar;
mod kind;
mod tree;

pub use kind::Kind;
pub use tree::{Children, Cursor, NestingFault, Node, Tree, parse};
