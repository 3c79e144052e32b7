//! Tree to typed items: the structure of each item, and every fault that shows in the file alone.
//!
//! The grammar takes anything; here it is decided what a word means and what is wrong with it.

mod conditioned;
mod expression;
mod file_rule;
mod intent;
mod items;
mod preamble;
mod profile;
mod recover;
mod rule;
mod tokens;

pub(super) use intent::assertion;

use super::ast::Ast;
use super::fault::{Fault, FaultKind, SyntaxFault};
use super::kind::Kind;
use super::tree::{Cursor, NestingFault, Tree};
use crate::source::TextRange;

/// Where an item stands.
#[derive(Copy, Clone, PartialEq, Eq, Debug)]
enum Place {
    /// Outside of any profile.
    Top,
    /// Directly in a profile or hat.
    Profile,
    /// In a block or conditional of a profile.
    Block,
}

/// Lowers the tree of `text`.
#[must_use]
pub(super) fn lower(text: &str, tree: &Tree) -> (Ast, Vec<Fault>) {
    let mut lower = Lower::new(text);
    let items = lower.items(tree.root(), Place::Top);
    lower.nesting(tree);
    let mut faults = lower.faults;
    faults.sort_by_key(|fault| (fault.range, fault.range.end));
    (
        Ast {
            items,
            comments: lower.comments,
        },
        faults,
    )
}

struct Lower<'t> {
    text: &'t str,
    /// What to add to the ranges of the tree at hand: recovery parses a part of the text anew.
    base: u32,
    /// Whether a part is being parsed anew; it is not taken apart a second time.
    is_recovering: bool,
    faults: Vec<Fault>,
    comments: Vec<TextRange>,
}

impl<'t> Lower<'t> {
    const fn new(text: &'t str) -> Self {
        Self {
            text,
            base: 0,
            is_recovering: false,
            faults: Vec::new(),
            comments: Vec::new(),
        }
    }

    fn range(&self, node: Cursor<'_>) -> TextRange {
        let range = node.range();
        TextRange::new(range.start + self.base, range.end + self.base)
    }

    fn slice(&self, range: TextRange) -> &'t str {
        self.text
            .get(range.start as usize..range.end as usize)
            .unwrap_or_default()
    }

    fn fault(&mut self, range: TextRange, kind: FaultKind) {
        self.faults.push(Fault { range, kind });
    }

    fn syntax(&mut self, range: TextRange, fault: SyntaxFault) {
        self.fault(range, FaultKind::Syntax(fault));
    }

    /// Notes a quote, parenthesis or angle bracket that a word leaves open.
    fn check_closed(&mut self, node: Cursor<'_>) {
        let range = self.range(node);
        let text = self.slice(range);
        let open = match text.as_bytes() {
            [b'"', .., b'"'] => None,
            [b'"', ..] => Some(SyntaxFault::UnclosedQuote),
            [b'<', .., b'>'] => None,
            [b'<', ..] => Some(SyntaxFault::UnclosedAngle),
            _ => None,
        };
        if let Some(fault) = open {
            self.syntax(range, fault);
        }
    }

    fn comment(&mut self, node: Cursor<'_>) {
        self.comments.push(self.range(node));
    }

    fn nesting(&mut self, tree: &Tree) {
        for fault in &tree.faults {
            let (range, kind) = match *fault {
                NestingFault::Unclosed(range) => (range, SyntaxFault::UnclosedBlock),
                NestingFault::Unopened(range) => (range, SyntaxFault::UnopenedBlock),
                NestingFault::TooDeep(range) => (range, SyntaxFault::TooDeep),
            };
            self.syntax(range, kind);
        }
    }
}

/// Whether `kind` is a word of any sort.
fn is_word(kind: Kind) -> bool {
    matches!(
        kind,
        Kind::Path | Kind::Name | Kind::Word | Kind::Operand | Kind::ChangeName | Kind::RlimitWord
    )
}
