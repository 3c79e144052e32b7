//! Items of a file or block.

use super::{Lower, Place};
use crate::source::TextRange;
use crate::syntax::ast::{Block, Branch, Conditional, Item, Qualifiers};
use crate::syntax::fault::{Expected, FaultKind, Misplaced, SlipKind, SyntaxFault};
use crate::syntax::kind::SyntaxKind;
use crate::syntax::tree::Cursor;

impl Lower<'_> {
    pub(super) fn items(&mut self, parent: Cursor<'_>, place: Place) -> Vec<Item> {
        let mut items = Vec::new();
        let mut seen_profile = false;
        // Adjacent junk is one fault.
        let mut junk: Option<TextRange> = None;
        let mut nodes = parent.children();
        while let Some(node) = nodes.next() {
            if node.kind() != SyntaxKind::Junk {
                self.flush_junk(&mut junk, &items);
            }
            match node.kind() {
                SyntaxKind::Comment => self.comment(node),
                SyntaxKind::Junk => {
                    let range = self.range(node);
                    if self.slice(range).starts_with('<') {
                        self.flush_junk(&mut junk, &items);
                    }
                    junk = Some(junk.map_or(range, |before| before.cover(range)));
                }
                SyntaxKind::PoundInclude | SyntaxKind::Include => {
                    items.extend(self.include(node).map(Item::Include))
                }
                SyntaxKind::SetAssignment => {
                    self.check_preamble(node, place, seen_profile, Misplaced::VariableInProfile);
                    items.push(Item::Variable(self.variable_assignment(node)));
                }
                SyntaxKind::BooleanAssignment => {
                    self.check_preamble(node, place, seen_profile, Misplaced::VariableInProfile);
                    items.extend(self.boolean_assignment(node).map(Item::Boolean));
                }
                SyntaxKind::Conditional => {
                    let branch = self.branch(node, node, place);
                    items.push(Item::Conditional(Box::new(Conditional {
                        range: branch.range,
                        branches: vec![branch],
                    })));
                }
                SyntaxKind::Otherwise => self.otherwise(node, &mut items, place),
                SyntaxKind::Profile | SyntaxKind::Hat | SyntaxKind::HatCaret => {
                    seen_profile = true;
                    let found = self.profile(node, place);
                    items.extend(found);
                }
                SyntaxKind::Intent => items.extend(self.intent(node, place)),
                SyntaxKind::BlockOpenItem => {
                    let block = node.child(SyntaxKind::Block);
                    if place == Place::Top {
                        self.syntax(
                            TextRange::new(self.range(node).start, self.range(node).start + 1),
                            SyntaxFault::Unexpected(Expected::Item),
                        );
                    }
                    items.push(self.block(self.range(node), Qualifiers::default(), block));
                }
                SyntaxKind::PathRule | SyntaxKind::Rule => {
                    let (found, taken) = self.rule_before(node, nodes.clone(), place);
                    nodes.by_ref().take(taken).for_each(drop);
                    seen_profile |= found.iter().any(|item| matches!(item, Item::Profile(_)));
                    if place == Place::Top && seen_profile {
                        self.check_abi_place(&found);
                    }
                    items.extend(found);
                }
                _ => {}
            }
        }
        self.flush_junk(&mut junk, &items);
        items
    }

    fn flush_junk(&mut self, junk: &mut Option<TextRange>, items: &[Item]) {
        let Some(range) = junk.take() else { return };
        let text = self.slice(range);
        let angle = text.trim_end_matches(',').trim_end();
        if angle.starts_with('<') && angle.ends_with('>') && angle.len() > 2 {
            let edits = vec![(range, format!("include {angle}"))];
            return self.slip((range, SlipKind::BareAngle, edits));
        }
        let after_include = matches!(items.last(), Some(Item::Include(_) | Item::Profile(_)));
        let fault = if after_include && text == "," {
            SyntaxFault::SuperfluousComma
        } else {
            SyntaxFault::Unexpected(Expected::Item)
        };
        self.syntax(range, fault);
    }

    fn check_preamble(
        &mut self,
        node: Cursor<'_>,
        place: Place,
        seen_profile: bool,
        inside: Misplaced,
    ) {
        let misplaced = match place {
            Place::Top if seen_profile => Misplaced::AfterProfile,
            Place::Top => return,
            Place::Profile | Place::Block => inside,
        };
        self.fault(self.range(node), FaultKind::Misplaced(misplaced));
    }

    fn check_abi_place(&mut self, found: &[Item]) {
        for item in found {
            if matches!(item, Item::Abi(_) | Item::Alias(_)) {
                self.fault(item.range(), FaultKind::Misplaced(Misplaced::AfterProfile));
            }
        }
    }

    pub(super) fn block(
        &mut self,
        range: TextRange,
        qualifiers: Qualifiers,
        block: Option<Cursor<'_>>,
    ) -> Item {
        let items = block
            .map(|block| self.items(block, Place::Block))
            .unwrap_or_default();
        Item::Block(Box::new(Block {
            range,
            qualifiers,
            items,
        }))
    }

    /// One branch: `node` is the `if` or `else` item, `head` the node that holds the expression.
    fn branch(&mut self, node: Cursor<'_>, head: Cursor<'_>, place: Place) -> Branch {
        let range = self.range(node);
        let block = node.child(SyntaxKind::Block);
        let header_end = block.map_or(range.end, |block| self.range(block).start);
        let header = TextRange::new(range.start, header_end);
        let condition =
            (head.kind() == SyntaxKind::Conditional).then(|| self.expression(head, header));
        if condition.is_some() && block.is_some() {
            self.check_brace(header_end);
        }
        if block.is_none() {
            self.syntax(
                TextRange::at(header.end),
                SyntaxFault::Missing(Expected::OpeningBrace),
            );
        }
        let inner = if place == Place::Top {
            Place::Top
        } else {
            Place::Block
        };
        let items = block
            .map(|block| self.items(block, inner))
            .unwrap_or_default();
        Branch {
            range,
            header,
            condition,
            items,
        }
    }

    /// In an expression a brace belongs to the word that it touches (apparmor_parser 5.0; 3.0 did not care).
    fn check_brace(&mut self, behind: u32) {
        let at = behind as usize;
        let before = self.text.get(..at.saturating_sub(1)).unwrap_or_default();
        let after = self.text.get(at..).unwrap_or_default();
        let is_apart = before.ends_with([' ', '\t', '\n', ')', '"'])
            && (after.is_empty() || after.starts_with([' ', '\t', '\n', '"', '!']));
        if !is_apart {
            self.syntax(
                TextRange::new(behind.saturating_sub(1), behind),
                SyntaxFault::BraceBlanks,
            );
        }
    }

    fn otherwise(&mut self, node: Cursor<'_>, items: &mut Vec<Item>, place: Place) {
        let head = node.child(SyntaxKind::Conditional).unwrap_or(node);
        let branch = self.branch(node, head, place);
        match items.last_mut() {
            // Nothing may follow an `else` without condition.
            Some(Item::Conditional(conditional))
                if conditional
                    .branches
                    .last()
                    .is_some_and(|last| last.condition.is_some()) =>
            {
                conditional.range = conditional.range.cover(branch.range);
                conditional.branches.push(branch);
            }
            _ => {
                let start = branch.range.start;
                self.syntax(TextRange::new(start, start + 4), SyntaxFault::ElseWithoutIf);
                items.extend(branch.items);
            }
        }
    }
}
