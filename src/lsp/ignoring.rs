//! The comment that silences a finding.

use crate::source::{Source, TextRange};
use crate::syntax::ast::{Ast, Item};

/// Where a comment goes that silences the rule called `rule` at `place`, and the comment. `None` where there is no line that
/// it could stand on.
pub(super) fn comment(
    rule: &str,
    place: TextRange,
    source: &Source,
    ast: &Ast,
) -> Option<(TextRange, String)> {
    let end = match source.text.contains("\r\n") {
        true => "\r\n",
        false => "\n",
    };
    let Some(item) = item_at(&ast.items, place.start) else {
        let comment = format!("# aalint: ignore-file({rule}){end}");
        return Some((TextRange::at(0), comment));
    };
    let line = source.line_range(item.start);
    let before = source.slice(TextRange::new(line.start, item.start));
    if before.trim().is_empty() {
        let comment = format!("{before}# aalint: ignore({rule}){end}");
        return Some((TextRange::at(line.start), comment));
    }
    // Behind other text a comment covers the items that end on its line.
    let last = source.line_range(item.end.saturating_sub(1).max(item.start));
    let behind = source.slice(TextRange::new(item.end.min(last.end), last.end));
    let is_last = behind.trim().is_empty();
    is_last.then(|| {
        (
            TextRange::at(last.end),
            format!(" # aalint: ignore({rule})"),
        )
    })
}

/// The innermost item at an offset: of a profile its header.
fn item_at(items: &[Item], offset: u32) -> Option<TextRange> {
    let next = items.partition_point(|item| item.range().end <= offset);
    let item = items.get(next)?;
    if offset < item.range().start {
        return None;
    }
    match item {
        Item::Profile(profile) if offset < profile.header.end => Some(profile.header),
        Item::Profile(profile) => item_at(&profile.items, offset),
        Item::Block(block) => item_at(&block.items, offset).or(Some(block.range)),
        Item::Conditional(conditional) => {
            let mut branches = conditional.branches.iter();
            let inner = branches.find_map(|branch| item_at(&branch.items, offset));
            inner.or(Some(conditional.range))
        }
        _ => Some(item.range()),
    }
}
