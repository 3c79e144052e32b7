//! The lines of a text, with what the tree knows of each.

use super::layout::{Frozen, Layout};
use crate::source::TextRange;
use crate::syntax::fault::{Fault, FaultKind, SyntaxFault};
use crate::syntax::{self, Cursor, File, Node, SyntaxKind, SyntaxTree};

/// Columns of a tab.
const TAB: usize = 8;

/// A line.
#[derive(Clone, Debug)]
pub(super) struct TextLine<'t> {
    /// Where it begins.
    pub(super) start: u32,
    /// As it is, without its end.
    pub(super) text: &'t str,
    /// `\n`, `\r\n`, or nothing.
    pub(super) end: &'t str,
    /// Without blanks at both ends.
    pub(super) body: &'t str,
    /// The column of the body.
    pub(super) column: usize,
    pub(super) kind: LineKind,
    /// In how many blocks it is.
    pub(super) depth: usize,
    /// The column where the body belongs; of a line that goes on with an item, how far it moves is that of the first line.
    pub(super) indent: usize,
    /// Whether it stays as it is: text that is broken, or part of a word.
    pub(super) is_frozen: bool,
    /// Whether its end belongs to a word, or a word's escaped blank stands there.
    pub(super) ends_within_text: bool,
    /// Whether a block begins here whose first item is on another line.
    pub(super) opens_block: bool,
    /// Of a file rule on a line of its own: where its path and its permissions are, as offsets in the body.
    pub(super) file_rule: Option<FileRuleParts>,
}

/// What a line is.
#[derive(Copy, Clone, PartialEq, Eq, Debug)]
pub(super) enum LineKind {
    Blank,
    Comment,
    /// An item begins.
    Head,
    /// The item of an earlier line goes on.
    Continuation,
    /// A block ends.
    Close,
}

/// A file rule on a line of its own.
#[derive(Copy, Clone, PartialEq, Eq, Debug)]
pub(super) struct FileRuleParts {
    /// Where the path begins.
    pub(super) path: usize,
    /// Where it ends.
    pub(super) path_end: usize,
    /// Where the permissions begin.
    pub(super) permissions: usize,
    /// Where the rule ends.
    pub(super) end: usize,
}

/// The column behind a text that begins in a column.
pub(super) fn column_after(text: &str, column: usize) -> usize {
    text.chars().fold(column, |at, c| match c {
        '\t' => (at / TAB + 1) * TAB,
        _ => at + 1,
    })
}

/// What the tree knows of a text, by offset.
#[derive(Default)]
struct Facts {
    /// Blocks by where they begin.
    blocks: Vec<TextRange>,
    /// Where blocks end, sorted.
    ends: Vec<u32>,
    /// Items without the blocks that they hold: where they begin, and where that part ends.
    items: Vec<Item>,
    comments: Vec<TextRange>,
    closes: Vec<u32>,
    /// Words.
    leaves: Vec<TextRange>,
}

#[derive(Copy, Clone)]
struct Item {
    range: TextRange,
    kind: SyntaxKind,
    is_top: bool,
    parts: Option<[u32; 4]>,
}

impl TextLine<'_> {
    /// Where the body begins.
    fn at(&self) -> u32 {
        let blanks = self.text.len() - self.text.trim_start_matches([' ', '\t']).len();
        self.start + u32::try_from(blanks).unwrap_or(u32::MAX)
    }
}

impl Facts {
    fn of(tree: &SyntaxTree) -> Self {
        let mut facts = Self::default();
        facts.items_of(tree.root(), true);
        let nodes = tree.nodes();
        for (index, node) in nodes.iter().enumerate() {
            let next = nodes.get(index + 1);
            let is_leaf = next.is_none_or(|next| !node.range.contains(next.range));
            match node.kind {
                SyntaxKind::Block => facts.blocks.push(node.range),
                SyntaxKind::BraceClose => facts.closes.push(node.range.start),
                SyntaxKind::Comment => facts.comments.push(node.range),
                SyntaxKind::Path
                | SyntaxKind::Name
                | SyntaxKind::Operand
                | SyntaxKind::ListValue
                | SyntaxKind::Value
                | SyntaxKind::ValueStray
                | SyntaxKind::ExpressionWord
                | SyntaxKind::IncludePath
                | SyntaxKind::AbiPath
                | SyntaxKind::EntryBare
                | SyntaxKind::Stray
                | SyntaxKind::Junk
                | SyntaxKind::ByteOrderMark
                    if is_leaf =>
                {
                    facts.leaves.push(node.range);
                }
                _ => {}
            }
        }
        facts.items.sort_by_key(|item| item.range.start);
        facts.ends = facts.blocks.iter().map(|block| block.end).collect();
        facts.ends.sort_unstable();
        facts
    }

    /// The tree is nested no deeper than the parser of policy follows.
    fn items_of(&mut self, around: Cursor<'_>, is_top: bool) {
        for child in around.children() {
            if matches!(child.kind(), SyntaxKind::Comment | SyntaxKind::BraceClose) {
                continue;
            }
            let mut range = child.range();
            if let Some(block) = child.child(SyntaxKind::Block) {
                range.end = block.range().start;
                self.items_of(block, false);
            }
            self.items.push(Item {
                range,
                kind: kind(child),
                is_top,
                parts: file_rule(child),
            });
        }
    }

    fn depth(&self, offset: u32) -> usize {
        let opened = self.blocks.partition_point(|block| block.start <= offset);
        let closed = self.ends.partition_point(|end| *end <= offset);
        opened.saturating_sub(closed)
    }

    /// The item that begins at or before an offset, the last one.
    fn item(&self, offset: u32) -> Option<&Item> {
        let before = self
            .items
            .partition_point(|item| item.range.start <= offset);
        self.items.get(before.checked_sub(1)?)
    }

    fn leaf(&self, offset: u32) -> Option<&TextRange> {
        let before = self.leaves.partition_point(|leaf| leaf.start <= offset);
        self.leaves.get(before.checked_sub(1)?)
    }
}

/// What an item is; of a rule with or without qualifiers the kind of rule.
fn kind(item: Cursor<'_>) -> SyntaxKind {
    let is_body =
        |node: &Cursor<'_>| !matches!(node.kind(), SyntaxKind::Qualifier | SyntaxKind::Comment);
    match item.kind() {
        SyntaxKind::Rule => item
            .children()
            .find(is_body)
            .map_or(SyntaxKind::Rule, Cursor::kind),
        kind => kind,
    }
}

/// Where the path and the permissions of a file rule are that has no more than these.
fn file_rule(item: Cursor<'_>) -> Option<[u32; 4]> {
    let body = match item.kind() {
        SyntaxKind::PathRule => item,
        SyntaxKind::Rule => item.child(SyntaxKind::PathBody)?,
        _ => return None,
    };
    let mut parts = body.children();
    let path = parts
        .next()
        .filter(|node| node.kind() == SyntaxKind::Path)?;
    let permissions = parts
        .next()
        .filter(|node| node.kind() == SyntaxKind::Word)?;
    (body.child(SyntaxKind::Block).is_none()).then(|| {
        let (path, permissions) = (path.range(), permissions.range());
        [path.start, path.end, permissions.start, body.range().end]
    })
}

/// The lines of a text.
pub(super) fn lines<'t>(
    text: &'t str,
    file: &File,
    layout: &Layout,
    frozen: Frozen,
) -> Vec<TextLine<'t>> {
    let tree = syntax::parse(text);
    let facts = Facts::of(&tree);
    let mut found = Vec::new();
    let mut start = 0;
    for whole in text.split_inclusive('\n') {
        let without = whole.strip_suffix('\n').unwrap_or(whole);
        let own = without.strip_suffix('\r').unwrap_or(without);
        found.push(line(
            own,
            whole.get(own.len()..).unwrap_or_default(),
            start,
            &facts,
        ));
        start += u32::try_from(whole.len()).unwrap_or(u32::MAX);
    }
    freeze(&mut found, file, &tree, frozen);
    indent(&mut found, text, &facts, layout, tree.faults.is_empty());
    found
}

fn line<'t>(text: &'t str, end: &'t str, start: u32, facts: &Facts) -> TextLine<'t> {
    let body = text.trim_matches([' ', '\t']);
    let before = text.len() - text.trim_start_matches([' ', '\t']).len();
    let at = start + u32::try_from(before).unwrap_or(u32::MAX);
    let last = start + u32::try_from(text.len()).unwrap_or(u32::MAX);
    let trimmed = at + u32::try_from(body.len()).unwrap_or(u32::MAX);
    let starts_within = facts
        .leaf(start)
        .is_some_and(|leaf| leaf.start < start && start < leaf.end);
    let ends_within_text = facts
        .leaf(last)
        .is_some_and(|leaf| leaf.start < last && (trimmed < leaf.end || leaf.end > last));
    let item = facts.item(at);
    let kind = if facts
        .comments
        .binary_search_by_key(&at, |comment| comment.start)
        .is_ok()
        && !within(item, at)
    {
        LineKind::Comment
    } else if facts.closes.binary_search(&at).is_ok() {
        LineKind::Close
    } else if within(item, at) {
        LineKind::Continuation
    } else if body.is_empty() {
        LineKind::Blank
    } else {
        LineKind::Head
    };
    let next_block = facts.blocks.partition_point(|block| block.start <= at);
    let next_block = facts.blocks.get(next_block);
    let opens_block = next_block.is_some_and(|block| block.start <= last && block.end > last);
    let parts = item.filter(|item| item.range.start == at && item.range.end <= last);
    let parts = parts.and_then(|item| item.parts).map(|parts| {
        let [path, path_end, permissions, end] =
            parts.map(|offset| offset.saturating_sub(at) as usize);
        FileRuleParts {
            path,
            path_end,
            permissions,
            end,
        }
    });
    TextLine {
        start,
        text,
        end,
        body,
        column: column_after(text.get(..before).unwrap_or_default(), 0),
        kind,
        depth: facts.depth(at),
        indent: 0,
        is_frozen: starts_within,
        ends_within_text,
        opens_block,
        file_rule: parts,
    }
}

/// Whether an offset lies within an item, behind where it begins.
fn within(item: Option<&Item>, offset: u32) -> bool {
    item.is_some_and(|item| item.range.start < offset && offset < item.range.end)
}

/// Whether the grammar refuses something: where it ends is not sure then.
fn is_refused(fault: &Fault) -> bool {
    match &fault.kind {
        FaultKind::Syntax(SyntaxFault::CommentAtEnd | SyntaxFault::IncludeAtEnd) => false,
        kind => matches!(kind, FaultKind::Syntax(_) | FaultKind::MissingComma),
    }
}

/// What is broken stays.
fn freeze(lines: &mut [TextLine<'_>], file: &File, tree: &SyntaxTree, frozen: Frozen) {
    let is_odd = |node: &&Node| {
        matches!(
            node.kind,
            SyntaxKind::Junk | SyntaxKind::Stray | SyntaxKind::TooDeep
        )
    };
    let faults = file.faults.iter().filter(|fault| is_refused(fault));
    let faults = faults.map(|fault| fault.range);
    let nodes = tree.nodes().iter().filter(is_odd).map(|node| node.range);
    let items: Vec<TextRange> = tree.root().children().map(Cursor::range).collect();
    let mut broken: Vec<TextRange> = faults
        .chain(nodes)
        .map(|range| match frozen {
            Frozen::Lines => range,
            Frozen::Items => around(range, &items),
        })
        .collect();
    broken.sort_unstable_by_key(|range| range.start);
    // Many may lie in one item: each line is looked at once.
    let mut done = 0;
    for range in broken {
        let first = lines.partition_point(|line| line.start <= range.start);
        let last = lines.partition_point(|line| line.start <= range.end);
        let touched = lines.get_mut(first.saturating_sub(1).max(done)..last);
        for line in touched.unwrap_or_default() {
            line.is_frozen = true;
        }
        done = done.max(last);
    }
}

/// A range with the items that it touches; these are in the order of the text.
fn around(range: TextRange, items: &[TextRange]) -> TextRange {
    let from = items.partition_point(|item| item.end < range.start);
    let to = items.partition_point(|item| item.start <= range.end);
    let touched = items.get(from..to).unwrap_or_default();
    match (touched.first(), touched.last()) {
        (Some(first), Some(last)) => {
            TextRange::new(range.start.min(first.start), range.end.max(last.end))
        }
        _ => range,
    }
}

/// Where each line belongs.
fn indent(
    lines: &mut [TextLine<'_>],
    text: &str,
    facts: &Facts,
    layout: &Layout,
    is_nested_well: bool,
) {
    let base = base(lines, text, facts, layout);
    let is_fragment = base.is_some();
    let base = base.unwrap_or(0);
    // How far the last item has moved, and where the last comment behind text stood.
    let (mut moved, mut trailing): (isize, Option<usize>) = (0, None);
    for line in lines {
        let top = facts.item(line.at());
        let top = top.filter(|item| item.range.start == line.at() && item.is_top);
        let by_depth = base + line.depth * layout.indent;
        let wanted = match (line.kind, top.map(|item| item.kind)) {
            (LineKind::Blank, _) => 0,
            (LineKind::Comment, _) if line.column == 0 => 0,
            (LineKind::Comment, _) if trailing == Some(line.column) => shifted(line.column, moved),
            (LineKind::Continuation, _) => shifted(line.column, moved),
            // In a fragment these stand here or there.
            (
                LineKind::Head,
                Some(SyntaxKind::Abi | SyntaxKind::Include | SyntaxKind::PoundInclude),
            ) if is_fragment && (line.column == 0 || line.column == layout.indent) => line.column,
            (
                LineKind::Head,
                Some(SyntaxKind::SetAssignment | SyntaxKind::BooleanAssignment | SyntaxKind::Alias),
            ) => 0,
            (LineKind::Comment | LineKind::Close | LineKind::Head, _) => by_depth,
        };
        line.indent = match is_nested_well && !line.is_frozen {
            true => wanted,
            false => line.column,
        };
        if line.kind == LineKind::Head || line.kind == LineKind::Close {
            moved = signed(line.indent) - signed(line.column);
        }
        trailing = match line.kind {
            LineKind::Comment if trailing == Some(line.column) => trailing,
            LineKind::Comment | LineKind::Blank => None,
            _ => comment_behind(line, facts),
        };
    }
}

/// The column of a comment behind text.
fn comment_behind(line: &TextLine<'_>, facts: &Facts) -> Option<usize> {
    let end = line.start + u32::try_from(line.text.len()).unwrap_or(u32::MAX);
    let before = facts
        .comments
        .partition_point(|comment| comment.start < end);
    let comment = facts.comments.get(before.checked_sub(1)?)?;
    let at = comment.start.checked_sub(line.start)? as usize;
    Some(column_after(line.text.get(..at)?, 0))
}

fn signed(column: usize) -> isize {
    isize::try_from(column).unwrap_or(0)
}

fn shifted(column: usize, by: isize) -> usize {
    usize::try_from(signed(column) + by).unwrap_or(0)
}

/// Where the rules of a fragment begin, of a file whose rules stand in a profile elsewhere: at the margin, or one level in, as most of them
/// do. `None` for a file with profiles alone.
fn base(lines: &[TextLine<'_>], text: &str, facts: &Facts, layout: &Layout) -> Option<usize> {
    let tops = || facts.items.iter().filter(|item| item.is_top);
    let has_rules = tops().any(|item| is_rule(item, text));
    if !has_rules && tops().any(|item| opens_profile(item, text)) {
        return None;
    }
    let mut counts = [0_usize; 2];
    for line in lines.iter().filter(|line| line.kind == LineKind::Head) {
        let item = facts.item(line.at());
        let item = item.filter(|item| item.range.start == line.at() && item.is_top);
        // Where there are no rules, what it includes is what it is about.
        let counts_here = |item: &Item| match has_rules {
            true => is_rule(item, text),
            false => matches!(item.kind, SyntaxKind::Include | SyntaxKind::PoundInclude),
        };
        if item.is_some_and(counts_here)
            && let Some(count) = counts.get_mut(usize::from(line.column > 0))
        {
            *count += 1;
        }
    }
    let [margin, indented] = counts;
    Some(if indented > margin { layout.indent } else { 0 })
}

fn is_rule(item: &Item, text: &str) -> bool {
    let is_other = matches!(
        item.kind,
        SyntaxKind::Abi
            | SyntaxKind::Include
            | SyntaxKind::PoundInclude
            | SyntaxKind::Alias
            | SyntaxKind::SetAssignment
            | SyntaxKind::BooleanAssignment
            | SyntaxKind::Conditional
            | SyntaxKind::Otherwise
            | SyntaxKind::Junk
            | SyntaxKind::ByteOrderMark
    );
    !is_other && !opens_profile(item, text)
}

/// Whether an item opens the block of a profile, or another one.
fn opens_profile(item: &Item, text: &str) -> bool {
    let is_condition = matches!(item.kind, SyntaxKind::Conditional | SyntaxKind::Otherwise);
    let range = item.range.start as usize..item.range.end as usize;
    let ends_with_brace = |text: &str| text.trim_end().ends_with('{');
    !is_condition && text.get(range).is_some_and(ends_with_brace)
}
