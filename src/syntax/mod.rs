//! Text to tree, tree to typed items.

mod assertion;
pub mod ast;
mod directive;
pub mod fault;
mod foreign;
mod grammar;
mod kind;
mod lower;
mod newer;
pub mod patterns;
pub mod text;
mod tree;
mod validate;

use crate::source::TextRange;
use ast::{Assertion, Ast};
pub use directive::{DirectiveFault, directive, directive_fault};
use fault::{Fault, FaultKind, SyntaxFault};
pub use kind::SyntaxKind;
pub use lower::MAX_CONDITION_WORDS;
pub use newer::{Newer, newer};
pub use tree::{Children, Cursor, MAX_NESTING, NestingFault, Node, SyntaxTree, parse};

/// A file, read: its tree, its typed items, and what is wrong with it taken alone.
#[derive(Clone, Debug)]
pub struct File {
    /// The items.
    pub ast: Ast,
    /// What is wrong, in the order of the text.
    pub faults: Vec<Fault>,
    /// Where a build step decides what stays: `#aa:only …`, `#aa:exclude …`; sorted and apart.
    pub build_conditions: Vec<TextRange>,
    /// Whether it holds any directive of a build step: it is a source that is built before it is
    /// loaded.
    pub is_build_source: bool,
    /// The assertions about its profiles.
    pub assertions: Vec<Assertion>,
}

impl File {
    /// Whether a build step decides whether `range` stays.
    #[must_use]
    pub fn is_conditional(&self, range: TextRange) -> bool {
        let next = self
            .build_conditions
            .partition_point(|condition| condition.end <= range.start);
        self.build_conditions
            .get(next)
            .is_some_and(|condition| condition.start < range.end)
    }
}

/// Reads a file: parses, lowers and checks every rule against the tables of [`crate::lang`].
#[must_use]
pub fn read(text: &str) -> File {
    let tree = parse(text);
    let (mut ast, mut faults) = lower::lower(text, &tree);
    ast::number_includes(&mut ast.items, 0);
    validate::validate(text, &ast, &mut faults);
    let assertions = assertion::find(text, &ast, &mut faults);
    faults.sort_by_key(|fault| (fault.range.start, fault.range.end));
    if let Some(what) = foreign::foreign(text, &ast.items, &faults) {
        let end = text.lines().next().map_or(0, str::len);
        let end = u32::try_from(end).unwrap_or(u32::MAX);
        faults = vec![Fault {
            range: TextRange::new(0, end),
            kind: FaultKind::Syntax(SyntaxFault::NotPolicy(what)),
        }];
        ast = Ast::default();
    }
    let (build_conditions, is_build_source) = directive::find(text, &ast.comments);
    File {
        ast,
        faults,
        build_conditions,
        is_build_source,
        assertions,
    }
}
