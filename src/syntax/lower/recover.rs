//! What to do with words that a rule leaves over: most often its comma is missing and the next rule
//! begins on the next line.

use super::tokens::{Token, Tokens};
use super::{Lower, Place, is_word};
use crate::lang::keywords;
use crate::source::TextRange;
use crate::syntax::ast::{Body, Item};
use crate::syntax::fault::{Expected, FaultKind, SyntaxFault};
use crate::syntax::kind::SyntaxKind;
use crate::syntax::tree;

impl Lower<'_> {
    /// Whether only blanks stand in front of `offset` on its line.
    pub(super) fn starts_line(&self, offset: u32) -> bool {
        let before = self
            .text
            .as_bytes()
            .get(..offset as usize)
            .unwrap_or_default();
        let behind_blanks = before
            .iter()
            .rev()
            .find(|byte| !matches!(byte, b' ' | b'\t' | b'\r'));
        behind_blanks.is_none_or(|byte| *byte == b'\n')
    }

    /// The arrow at either end of a word: the parser takes it for a part of the word.
    pub(super) fn glued_arrow(&self, word: TextRange) -> Option<TextRange> {
        let text = self.slice(word);
        if text.len() > 2 && text.starts_with("->") {
            return Some(word.part(0, 2));
        }
        let is_glued = text.len() > 2 && text.ends_with("->");
        is_glued.then(|| word.part(text.len() - 2, text.len()))
    }

    /// The arrow at the end of the word in front of `offset`, on the same line.
    fn glued_arrow_before(&self, offset: u32) -> Option<TextRange> {
        let before = self.text.get(..offset as usize)?;
        let word = before.trim_end_matches([' ', '\t']);
        let is_glued = word
            .strip_suffix("->")?
            .ends_with(|c: char| !c.is_whitespace() && c != '"');
        let end = u32::try_from(word.len()).ok()?;
        is_glued.then(|| TextRange::new(end - 2, end))
    }

    /// Whether a word at the start of a line is one that starts a rule or a profile.
    pub(super) fn is_rule_start(&self, token: Token<'_>) -> bool {
        is_word(token.kind)
            && self.starts_line(token.range.start)
            && keywords::starts_item(self.slice(token.range))
    }

    /// Whether a new rule seems to begin with this part.
    pub(super) fn looks_like_start(&self, token: Token<'_>) -> bool {
        if !is_word(token.kind) || !self.starts_line(token.range.start) {
            return false;
        }
        let text = self.slice(token.range);
        keywords::starts_item(text) || text.starts_with(['/', '@', '"', '^'])
    }

    /// The words behind a complete rule: the comma is missing, or they do not belong there.
    pub(super) fn rest_of_rule(
        &mut self,
        tokens: &mut Tokens<'_>,
        range: TextRange,
        place: Place,
        body: &Body,
    ) -> Vec<Item> {
        let rest: Vec<_> = tokens.rest().to_vec();
        let Some(first) = rest.first().copied() else {
            return Vec::new();
        };
        let is_path = self.slice(first.range).starts_with('/');
        let begins_rule =
            self.looks_like_start(first) || (is_path && matches!(body, Body::File(_)));
        if !begins_rule || self.is_recovering {
            if matches!(body, Body::Unreadable) {
                // Its own fault says enough.
            } else if begins_rule {
                self.fault(TextRange::at(tokens.end), FaultKind::MissingComma);
            } else if let Some(arrow) = self
                .glued_arrow(first.range)
                .or_else(|| self.glued_arrow_before(first.range.start))
            {
                self.syntax(arrow, SyntaxFault::ArrowBlanks);
            } else if let Some(slip) = self.slip_behind(first, tokens, body) {
                self.slip(slip);
            } else {
                self.syntax(first.range, SyntaxFault::Unexpected(Expected::EndOfRule));
            }
            return tokens
                .block
                .map(|block| self.items(block, Place::Block))
                .unwrap_or_default();
        }
        if !matches!(body, Body::Unreadable) {
            self.fault(TextRange::at(tokens.end), FaultKind::MissingComma);
        }
        self.parse_again(&rest, tokens, range, place)
    }

    /// Parses the words left over as rules of their own, each in one go, so that the cost stays
    /// linear however many commas are missing.
    fn parse_again(
        &mut self,
        rest: &[Token<'_>],
        tokens: &Tokens<'_>,
        range: TextRange,
        place: Place,
    ) -> Vec<Item> {
        let header_end = tokens
            .block
            .map_or(range.end, |block| self.range(block).start);
        let mut starts: Vec<u32> = Vec::new();
        for (index, token) in rest.iter().enumerate() {
            let is_continued = rest
                .get(index.wrapping_sub(1))
                .is_some_and(|before| before.kind == SyntaxKind::Arrow);
            if index == 0 || (self.looks_like_start(*token) && !is_continued) {
                starts.push(token.range.start);
            }
        }
        let mut items = Vec::new();
        for (index, start) in starts.iter().enumerate() {
            let is_last = index + 1 == starts.len();
            let end = starts.get(index + 1).copied().unwrap_or(header_end);
            items.append(&mut self.parse_part(TextRange::new(*start, end), place, is_last));
        }
        if let Some(block) = tokens.block {
            let inner = self.items(block, Place::Profile);
            attach(&mut items, inner);
        }
        items
    }

    fn parse_part(&mut self, part: TextRange, place: Place, is_last: bool) -> Vec<Item> {
        let text = self.slice(part).to_owned();
        let tree = tree::parse(&text);
        let before = (self.base, self.is_recovering);
        self.base = part.start;
        self.is_recovering = true;
        let known = self.faults.len();
        let items = self.items(tree.root(), place);
        (self.base, self.is_recovering) = before;
        // The last part ends where the whole rule ends, and that has been looked at.
        if is_last
            && self
                .text
                .get(part.end as usize..)
                .is_some_and(|rest| rest.starts_with(','))
        {
            let kept = self.faults.split_off(known);
            self.faults.extend(
                kept.into_iter()
                    .filter(|fault| fault.kind != FaultKind::MissingComma),
            );
        }
        items
    }
}

/// Gives the block to the item whose header was read last.
fn attach(items: &mut Vec<Item>, inner: Vec<Item>) {
    match items.last_mut() {
        Some(Item::Profile(profile)) => profile.items = inner,
        Some(Item::Block(block)) => block.items = inner,
        Some(Item::Conditional(conditional)) => match conditional.branches.last_mut() {
            Some(branch) => branch.items = inner,
            None => items.extend(inner),
        },
        _ => items.extend(inner),
    }
}
