//! Comments that ignore findings, as edits.

use crate::diagnostic::Edit;
use crate::lint::Suppressions;
use crate::source::{FileId, Source, Span, TextRange};
use crate::syntax::ast::{Ast, Item};

/// A place at which findings are to be ignored.
#[derive(Copy, Clone, Debug)]
pub struct IgnoredPlace<'p> {
    /// The file.
    pub file: FileId,
    /// Its text.
    pub source: &'p Source,
    /// What stands in it.
    pub ast: &'p Ast,
    /// Where the findings are (bytes).
    pub offset: u32,
}

impl IgnoredPlace<'_> {
    fn edit(&self, at: u32, text: String) -> Edit {
        Edit {
            span: Span {
                file: self.file,
                range: TextRange::at(at),
            },
            text,
        }
    }

    /// Edits that each add a comment which ignores the rules called `names`, the one that is about the least first. `reason` is
    /// written behind them, if there is one.
    #[must_use]
    pub fn ways(&self, names: &str, reason: Option<&str>) -> Vec<Edit> {
        let directive = |word: &str| match reason {
            Some(reason) => format!("# aalint: {word}({names}) {reason}"),
            None => format!("# aalint: {word}({names})"),
        };
        let end = match self.source.text.contains("\r\n") {
            true => "\r\n",
            false => "\n",
        };
        let Some(item) = item_at(&self.ast.items, self.offset) else {
            return vec![self.edit(0, format!("{}{end}", directive("ignore-file")))];
        };
        let mut ways = Vec::new();
        let first = self.source.line_range(item.start);
        let last = self
            .source
            .line_range(item.end.saturating_sub(1).max(item.start));
        let mut comments = self.ast.comments.iter();
        // With `\r\n` a comment ends behind its line.
        let is_here = |comment: &&TextRange| (last.start..=last.end).contains(&comment.start);
        match comments.find(is_here) {
            Some(comment) => ways.extend(self.joined(*comment, names)),
            // Behind a rule of one line the comment is read with it.
            None if first == last => {
                ways.push(self.edit(last.end, format!(" {}", directive("ignore"))));
            }
            None => {}
        }
        let before = self.source.slice(TextRange::new(first.start, item.start));
        if before.trim().is_empty() {
            let line = format!("{before}{}{end}", directive("ignore"));
            ways.push(self.edit(first.start, line));
        }
        ways
    }

    /// The names, added to a comment that ignores others.
    fn joined(&self, comment: TextRange, names: &str) -> Option<Edit> {
        let suppressions = Suppressions::of(self.file, self.source, self.ast).all;
        let mut all = suppressions.iter();
        let own = all.find(|one| one.span.range == comment && !one.is_foreign)?;
        let (_, last) = own.names.last()?;
        Some(self.edit(last.end, format!(", {names}")))
    }
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
