//! `# aalint: assert RULE,`

use super::ast::{Assertion, Ast, Item};
use super::directive::{directive, is_nearly_assert};
use super::fault::{Fault, FaultKind, IntentFault};
use super::{lower, validate};
use crate::source::TextRange;

/// The word of the directive.
const ASSERT: &str = "assert";

/// The assertions among the comments of a file. What is wrong with them is added to `faults`.
pub(super) fn find(text: &str, ast: &Ast, faults: &mut Vec<Fault>) -> Vec<Assertion> {
    let mut assertions = Vec::new();
    for comment in &ast.comments {
        let written = text.get(comment.start as usize..comment.end as usize);
        let Some((rest, at)) = directive(written.unwrap_or_default()) else {
            continue;
        };
        let word = rest.split_whitespace().next().unwrap_or_default();
        let mut fault = |range, fault| {
            let kind = FaultKind::Intent(fault);
            faults.push(Fault { range, kind });
        };
        if word != ASSERT {
            if is_nearly_assert(word) {
                fault(comment.part(at, at + word.len()), IntentFault::NearlyAssert);
            }
            continue;
        }
        let behind = rest.get(word.len()..).unwrap_or_default();
        let start = at + word.len() + (behind.len() - behind.trim_start().len());
        let part = comment.part(start, at + rest.trim_end().len());
        let Some(profile) = around(&ast.items, *comment) else {
            fault(*comment, IntentFault::OutsideOfProfile);
            continue;
        };
        let (promise, mut found) = lower::assertion(text, part);
        faults.append(&mut found);
        if let Some(promise) = promise {
            validate::validate_promise(text, &promise, faults);
            assertions.push(Assertion {
                comment: *comment,
                profile,
                promise,
            });
        }
    }
    assertions
}

/// The innermost profile around a comment.
fn around(items: &[Item], comment: TextRange) -> Option<TextRange> {
    let start = items.partition_point(|item| item.range().end <= comment.start);
    let item = items
        .get(start)
        .filter(|item| item.range().contains(comment))?;
    match item {
        Item::Profile(profile) => around(&profile.items, comment).or(Some(profile.range)),
        Item::Block(block) => around(&block.items, comment),
        Item::Conditional(conditional) => conditional
            .branches
            .iter()
            .find_map(|branch| around(&branch.items, comment)),
        _ => None,
    }
}
