//! The parts of one rule, read from left to right.

use super::Lower;
use crate::source::TextRange;
use crate::syntax::ast::Word;
use crate::syntax::kind::SyntaxKind;
use crate::syntax::tree::Cursor;

/// Whether the lexer reads includes within a rule or header: it does where no keyword leads to a state of its own.
const fn reads_includes(kind: SyntaxKind) -> bool {
    matches!(
        kind,
        SyntaxKind::PathRule
            | SyntaxKind::PathBody
            | SyntaxKind::Other
            | SyntaxKind::FileRule
            | SyntaxKind::Link
            | SyntaxKind::Capability
            | SyntaxKind::PivotRoot
            | SyntaxKind::IoUring
            | SyntaxKind::All
            | SyntaxKind::Alias
            | SyntaxKind::Profile
            | SyntaxKind::Hat
            | SyntaxKind::HatCaret
    )
}

/// One part of a rule.
#[derive(Copy, Clone)]
pub(super) struct Token<'t> {
    pub(super) kind: SyntaxKind,
    pub(super) range: TextRange,
    pub(super) node: Cursor<'t>,
}

impl Token<'_> {
    pub(super) fn word(self) -> Word {
        Word(self.range)
    }
}

/// The parts of a rule that are not read yet. Comments, the comma and the block are not among them.
pub(super) struct Tokens<'t> {
    tokens: Vec<Token<'t>>,
    at: usize,
    /// The comma at the end.
    pub(super) comma: Option<TextRange>,
    /// The opening brace at the end.
    pub(super) brace: Option<TextRange>,
    /// The block behind the brace.
    pub(super) block: Option<Cursor<'t>>,
    /// The comments between the parts.
    pub(super) comments: Vec<TextRange>,
    /// Where the last part that was read ends.
    pub(super) end: u32,
}

impl<'t> Tokens<'t> {
    pub(super) fn new(lower: &mut Lower<'_>, node: Cursor<'t>) -> Self {
        let mut tokens = Self {
            tokens: Vec::new(),
            at: 0,
            comma: None,
            brace: None,
            block: None,
            comments: Vec::new(),
            end: lower.range(node).start,
        };
        let mut is_over = false;
        let includes = reads_includes(node.kind());
        for child in node.children() {
            let range = lower.range(child);
            match child.kind() {
                SyntaxKind::Comment => {
                    lower.comment(child);
                    tokens.comments.push(range);
                }
                SyntaxKind::PoundInclude if !is_over => {
                    lower.syntax(range, lower.include_in_rule(includes));
                }
                // Behind the block stands its closing brace, which is no part of the rule.
                _ if is_over => {}
                SyntaxKind::Comma => {
                    tokens.comma = Some(range);
                    is_over = true;
                }
                SyntaxKind::BraceOpen => tokens.brace = Some(range),
                SyntaxKind::Block => {
                    tokens.block = Some(child);
                    is_over = true;
                }
                kind => {
                    if includes && kind == SyntaxKind::Word {
                        lower.check_include_in_rule(range);
                    }
                    tokens.tokens.push(Token {
                        kind,
                        range,
                        node: child,
                    });
                }
            }
        }
        tokens
    }

    /// What is left of a rule, taken out of `from`.
    pub(super) fn taken(from: &mut Self) -> Self {
        Self {
            tokens: std::mem::take(&mut from.tokens),
            comments: std::mem::take(&mut from.comments),
            ..*from
        }
    }

    pub(super) fn peek(&self) -> Option<Token<'t>> {
        self.tokens.get(self.at).copied()
    }

    pub(super) fn next(&mut self) -> Option<Token<'t>> {
        let token = self.peek()?;
        self.at += 1;
        self.end = token.range.end;
        Some(token)
    }

    /// The next part, if it is of this kind.
    pub(super) fn take(&mut self, kind: SyntaxKind) -> Option<Token<'t>> {
        self.peek()
            .filter(|token| token.kind == kind)
            .and_then(|_| self.next())
    }

    /// The next part, if it is a bare word with one of these texts.
    pub(super) fn take_word(&mut self, lower: &Lower<'_>, texts: &[&str]) -> Option<Token<'t>> {
        let token = self.peek().filter(|token| super::is_word(token.kind))?;
        texts
            .contains(&lower.slice(token.range))
            .then(|| self.next())?
    }

    /// What is not read yet.
    pub(super) fn rest(&self) -> &[Token<'t>] {
        self.tokens.get(self.at..).unwrap_or_default()
    }

    /// All parts, read or not.
    pub(super) fn all(&self) -> &[Token<'t>] {
        &self.tokens
    }

    /// Leaves what is not read yet alone.
    pub(super) fn skip_rest(&mut self) {
        self.at = self.tokens.len();
    }
}
