//! Intents and assertions: promises in the syntax of rules.

use super::tokens::Tokens;
use super::{Lower, Place};
use crate::source::TextRange;
use crate::syntax::ast::{Intent, Item, Mode, PolicyRule, Word};
use crate::syntax::fault::{Fault, FaultKind, IntentFault};
use crate::syntax::kind::SyntaxKind;
use crate::syntax::tree::{self, Cursor};

impl Lower<'_> {
    pub(super) fn intent(&mut self, node: Cursor<'_>, place: Place) -> Vec<Item> {
        let range = self.range(node);
        let mut tokens = Tokens::new(self, node);
        let keyword = range.part(0, "intent".len());
        if place != Place::Top {
            self.intent_fault(keyword, IntentFault::InProfile);
        }
        let name = tokens.take(SyntaxKind::Name);
        if name.is_none() {
            self.intent_fault(keyword, IntentFault::NoName);
        }
        if let Some(extra) = tokens.peek() {
            self.intent_fault(extra.range, IntentFault::Header);
            tokens.skip_rest();
        }
        if tokens.brace.is_none() {
            self.intent_fault(keyword, IntentFault::NoBlock);
        }
        let name = name.map_or(TextRange::at(keyword.end), |name| name.range);
        let header_end = tokens.brace.map_or(name.end, |brace| brace.start);
        let header = TextRange::new(range.start, header_end);
        let intent = self.named_intent(range, header, name, tokens.block);
        // Without a name nobody can choose it.
        if name.is_empty() { Vec::new() } else { intent }
    }

    /// The intent of that name, with the promises in its block.
    pub(super) fn named_intent(
        &mut self,
        range: TextRange,
        header: TextRange,
        name: TextRange,
        block: Option<Cursor<'_>>,
    ) -> Vec<Item> {
        let known = self.faults.len();
        let items = block.map(|block| self.items(block, Place::Profile));
        let promises = self.promises(items.unwrap_or_default(), known);
        // A block in which something is wrong is not empty.
        if promises.is_empty() && block.is_some() && self.faults.len() == known {
            self.intent_fault(name, IntentFault::Empty);
        }
        vec![Item::Intent(Box::new(Intent {
            range,
            header,
            name: Word(name),
            promises,
        }))]
    }

    fn intent_fault(&mut self, range: TextRange, fault: IntentFault) {
        self.fault(range, FaultKind::Intent(fault));
    }

    /// The rules among `items`; `known` is how many faults there were before these were read.
    fn promises(&mut self, items: Vec<Item>, known: usize) -> Vec<PolicyRule> {
        // A bare `x` asks for an exec of any kind.
        let mut number = 0;
        self.faults.retain(|fault| {
            number += 1;
            number <= known || fault.kind != FaultKind::BareX
        });
        let mut promises = Vec::new();
        for item in items {
            let Item::Rule(rule) = item else {
                self.intent_fault(first_line(self, item.range()), IntentFault::NotARule);
                continue;
            };
            let qualifiers = &rule.qualifiers;
            let is_prompt = qualifiers.mode.filter(|(mode, _)| *mode == Mode::Prompt);
            let other = qualifiers
                .audit
                .or(qualifiers.priority.map(|(_, range)| range));
            if let Some(range) = other.or(is_prompt.map(|(_, range)| range)) {
                self.intent_fault(range, IntentFault::Qualifier);
            }
            promises.push(*rule);
        }
        promises
    }
}

fn first_line(lower: &Lower<'_>, range: TextRange) -> TextRange {
    let length = lower.slice(range).lines().next().map_or(0, str::len);
    range.part(0, length)
}

/// The rule that stands in `part` of `text`, with the faults in it.
pub(in crate::syntax) fn assertion(
    text: &str,
    part: TextRange,
) -> (Option<PolicyRule>, Vec<Fault>) {
    let mut lower = Lower::new(text);
    let written = lower.slice(part).to_owned();
    lower.base = part.start;
    lower.is_recovering = true;
    let tree = tree::parse(&written);
    let items = lower.items(tree.root(), Place::Profile);
    // The comma at the end may be left out.
    lower
        .faults
        .retain(|fault| fault.kind != FaultKind::MissingComma || fault.range.start < part.end);
    let mut promises = lower.promises(items, 0);
    let rule = promises.pop().filter(|_| promises.is_empty());
    let mut faults = lower.faults;
    let fault = match &rule {
        None if faults.is_empty() => Some(IntentFault::NotOneRule),
        Some(rule) if rule.qualifiers.mode.is_none() => Some(IntentFault::NeitherAllowNorDeny),
        _ => None,
    };
    faults.extend(fault.map(|fault| Fault {
        range: part,
        kind: FaultKind::Intent(fault),
    }));
    (rule, faults)
}
