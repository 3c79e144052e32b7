//! Tree to typed items: the structure of each item, and every fault that shows in the file alone.
//!
//! The grammar takes anything; here it is decided what a word means and what is wrong with it.

mod comma;
mod conditioned;
mod expression;
mod file_rule;
mod intent;
mod items;
mod preamble;
mod profile;
mod recover;
mod rule;
mod slip;
mod tokens;

pub use expression::MAX_CONDITION_WORDS;
pub(super) use intent::assertion;

use super::ast::{Ast, Item};
use super::fault::{Fault, FaultKind, SyntaxFault};
use super::kind::SyntaxKind;
use super::tree::{Cursor, NestingFault, Node, SyntaxTree};
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
pub(super) fn lower(text: &str, tree: &SyntaxTree) -> (Ast, Vec<Fault>) {
    let mut lower = Lower::new(text);
    let items = lower.items(tree.root(), Place::Top);
    lower.nesting(tree);
    lower.line_ends(tree, &items);
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

    /// Notes a quote that a word does not close, or an angle bracket where one means something.
    fn check_closed(&mut self, node: Cursor<'_>) {
        let range = self.range(node);
        let text = self.slice(range);
        let is_of_file = matches!(node.kind(), SyntaxKind::IncludePath | SyntaxKind::AbiPath);
        let open = match text.as_bytes() {
            [b'"', .., b'"'] => None,
            [b'"', ..] => Some(SyntaxFault::UnclosedQuote),
            [b'<', .., b'>'] => None,
            [b'<', ..] if is_of_file => Some(SyntaxFault::UnclosedAngle),
            _ => None,
        };
        if let Some(fault) = open {
            self.syntax(range, fault);
        }
    }

    /// A word within a rule that the lexer reads as an include. At the start of a line the comma in front of it is missing,
    /// which is said elsewhere.
    fn check_include_in_rule(&mut self, word: TextRange) {
        let behind = self.text.get(word.end as usize..).unwrap_or_default();
        if self.slice(word) == "include"
            && behind.starts_with([' ', '\t'])
            && !self.starts_line(word.start)
        {
            self.syntax(word, SyntaxFault::IncludeInRule);
        }
    }

    /// What `#include` within a rule is: an include, or a comment where the lexer reads no includes.
    const fn include_in_rule(&self, reads_includes: bool) -> SyntaxFault {
        if reads_includes {
            SyntaxFault::IncludeInRule
        } else {
            SyntaxFault::CommentInRule
        }
    }

    /// Where the parser's grammar takes a path and no variable, a variable that has neither quotes nor anything else beside
    /// it is refused (TOK_SET_VAR in parser_lex.l).
    fn check_bare_variable(&mut self, word: TextRange) {
        let text = self.slice(word);
        let is_variable = |name: &str| {
            name.bytes()
                .all(|byte| byte.is_ascii_alphanumeric() || byte == b'_')
        };
        let braced = text
            .strip_prefix("@{")
            .and_then(|rest| rest.strip_suffix('}'));
        if braced.or(text.strip_prefix('@')).is_some_and(is_variable) {
            self.syntax(word, SyntaxFault::BareVariable);
        }
    }

    fn comment(&mut self, node: Cursor<'_>) {
        self.comments.push(self.range(node));
    }

    /// What the lexer wants of the ends of lines: that one ends a comment, and that a carriage return stands only in front
    /// of one (apparmor_parser 3.0 to 6.0, parser_lex.l). Files of intents are no policy.
    fn line_ends(&mut self, tree: &SyntaxTree, items: &[Item]) {
        if items.iter().any(|item| matches!(item, Item::Intent(_))) {
            return;
        }
        let end = u32::try_from(self.text.len()).unwrap_or(u32::MAX);
        let is_last = |node: &Node| node.kind == SyntaxKind::Comment && node.range.end == end;
        // Behind the values of a variable it is read as one more value.
        let is_value = tree
            .nodes()
            .iter()
            .rev()
            .find(|node| node.kind == SyntaxKind::SetAssignment);
        let is_value = is_value.is_some_and(|assignment| assignment.range.end == end);
        if let Some(last) = tree.nodes().iter().rev().find(|node| is_last(node))
            && !is_value
        {
            self.syntax(last.range, SyntaxFault::CommentAtEnd);
        }
        let has_no_end = |node: &&Node| {
            let rest = self
                .text
                .get(node.range.start as usize..)
                .unwrap_or_default();
            node.kind == SyntaxKind::PoundInclude && !rest.contains('\n')
        };
        if let Some(last) = tree.nodes().iter().rev().find(has_no_end) {
            self.syntax(last.range, SyntaxFault::IncludeAtEnd);
        }
        for (at, _) in self.text.match_indices('\r') {
            let is_ended = self.text.as_bytes().get(at + 1) == Some(&b'\n');
            if is_ended || self.is_quoted_or_comment(tree, at) {
                continue;
            }
            let at = u32::try_from(at).unwrap_or(u32::MAX);
            self.syntax(TextRange::new(at, at + 1), SyntaxFault::CarriageReturn);
            return;
        }
    }

    /// In rules with operands and in lists the lexer reads the carriage return of `\r\n` as a part of the word in front of it,
    /// and in rules that of `,\r\n` as well (IDS_NOEQ in parser_lex.l of 5.0.2).
    fn check_line_end(&mut self, word: TextRange, with_comma: bool) {
        let behind = self.text.get(word.end as usize..).unwrap_or_default();
        let text = self.slice(word);
        // As permissions these end in front of all white space.
        let is_mode = with_comma && matches!(text, "r" | "w" | "rw" | "wr");
        let is_joined =
            behind.starts_with("\r\n") && !is_mode || with_comma && behind.starts_with(",\r\n");
        if is_joined && !text.starts_with('"') {
            self.syntax(word, SyntaxFault::CarriageReturn);
        }
    }

    /// Whether the byte at `at` stands in a comment or in quotes.
    fn is_quoted_or_comment(&self, tree: &SyntaxTree, at: usize) -> bool {
        tree.nodes().iter().any(|node| {
            let range = node.range.start as usize..node.range.end as usize;
            let is_text =
                node.kind == SyntaxKind::Comment || self.slice(node.range).starts_with('"');
            range.contains(&at) && is_text
        })
    }

    fn nesting(&mut self, tree: &SyntaxTree) {
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
fn is_word(kind: SyntaxKind) -> bool {
    matches!(
        kind,
        SyntaxKind::Path
            | SyntaxKind::Name
            | SyntaxKind::Word
            | SyntaxKind::Operand
            | SyntaxKind::ChangeName
            | SyntaxKind::RlimitWord
    )
}
