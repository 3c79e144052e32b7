//! What stands in a file, in the order of the text.

use super::FileView;
use crate::source::TextRange;
use crate::syntax::ast::{Item, PolicyRule};

/// All rules among `items`, those in profiles, blocks and branches included. Promises of intents are not among them.
#[must_use]
pub fn written_rules(items: &[Item]) -> Vec<&PolicyRule> {
    let mut rules = Vec::new();
    collect(items, &mut rules);
    rules
}

fn collect<'i>(items: &'i [Item], rules: &mut Vec<&'i PolicyRule>) {
    for item in items {
        match item {
            Item::Rule(rule) => rules.push(rule),
            Item::Profile(profile) => collect(&profile.items, rules),
            Item::Block(block) => collect(&block.items, rules),
            Item::Conditional(conditional) => {
                for branch in &conditional.branches {
                    collect(&branch.items, rules);
                }
            }
            _ => {}
        }
    }
}

/// Where an include can be put in front of everything but abi rules: the beginning of a line. `None` if something stands before it.
#[must_use]
pub fn preamble_start(file: &FileView<'_>) -> Option<TextRange> {
    let mut items = file.file.ast.items.iter();
    let first = items.find(|item| !matches!(item, Item::Abi(_)))?;
    let line = file.source.line_range(first.range().start);
    let before = file.slice(TextRange::new(line.start, first.range().start));
    before.trim().is_empty().then(|| TextRange::at(line.start))
}
