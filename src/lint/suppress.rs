//! Comments that silence findings.
//!
//! `# aalint: ignore(rule, …) reason` silences the rules on its own line; on a line of its own, in
//! the item that begins on the next line with anything on it; as the first thing in a block, in the
//! whole block. `# aalint: ignore-file(rule, …) reason` silences them in the file. The directives of
//! other tools, `#aa:lint ignore=…` and `# apparmor-lint: ignore=…`, are honoured where their names
//! mean something here.

use crate::source::{FileId, Source, Span, TextRange};
use crate::syntax::ast::{Ast, Item};
use crate::syntax::directive;

/// One directive.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Suppression {
    /// The comment.
    pub span: Span,
    /// What it names, with the place of each name.
    pub names: Vec<(String, TextRange)>,
    /// What it covers; `None` is the whole file.
    pub covers: Option<TextRange>,
    /// Whether it says why.
    pub has_reason: bool,
    /// Written for another tool: unknown names and missing reasons are its own affair.
    pub is_foreign: bool,
}

impl Suppression {
    /// First and last offset that it covers.
    const fn extent(&self) -> (u32, u32) {
        match self.covers {
            Some(range) => (range.start, range.end),
            None => (0, u32::MAX),
        }
    }
}

/// The directives of a file.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Suppressions {
    /// In the order of the text.
    pub all: Vec<Suppression>,
}

impl Suppressions {
    /// Finds the directives of a file.
    #[must_use]
    pub fn of(id: FileId, source: &Source, ast: &Ast) -> Self {
        let mut all = Vec::new();
        for comment in &ast.comments {
            let text = source.slice(*comment);
            if let Some(directive) = Directive::parse(text) {
                let covers = if directive.is_file {
                    None
                } else {
                    Some(covered(source, ast, *comment))
                };
                let place =
                    |(name, start, end): (String, usize, usize)| (name, comment.part(start, end));
                all.push(Suppression {
                    span: comment.in_file(id),
                    names: directive.names.into_iter().map(place).collect(),
                    covers,
                    has_reason: directive.has_reason,
                    is_foreign: directive.is_foreign,
                });
            }
        }
        all.sort_by_key(|suppression| suppression.span);
        Self { all }
    }

    /// For each of the `offsets`, which are sorted, the numbers of the directives that cover it.
    #[must_use]
    pub fn covering(&self, offsets: &[u32]) -> Vec<Vec<usize>> {
        let mut waiting: Vec<(u32, u32, usize)> = self
            .all
            .iter()
            .enumerate()
            .map(|(index, suppression)| {
                let (first, last) = suppression.extent();
                (first, last, index)
            })
            .collect();
        waiting.sort_unstable_by(|left, right| right.cmp(left));
        let mut active: Vec<(u32, usize)> = Vec::new();
        let mut covering = Vec::with_capacity(offsets.len());
        for offset in offsets {
            while let Some((_, last, index)) = waiting.pop_if(|(first, ..)| *first <= *offset) {
                active.push((last, index));
            }
            active.retain(|(last, _)| last >= offset);
            covering.push(active.iter().map(|(_, index)| *index).collect());
        }
        covering
    }
}

struct Directive {
    /// Name, and where it stands in the comment.
    names: Vec<(String, usize, usize)>,
    is_file: bool,
    has_reason: bool,
    is_foreign: bool,
}

impl Directive {
    fn parse(comment: &str) -> Option<Self> {
        let body = comment.trim_start_matches('#').trim_start();
        if let Some((rest, _)) = directive(comment) {
            let (is_file, rest) = match rest.strip_prefix("ignore-file(") {
                Some(rest) => (true, rest),
                None => (false, rest.strip_prefix("ignore(")?),
            };
            let (list, reason) = rest.split_once(')')?;
            let start = comment.len() - rest.len();
            return Some(Self {
                names: split(list, start),
                is_file,
                has_reason: !reason.trim().is_empty(),
                is_foreign: false,
            });
        }
        let rest = body
            .strip_prefix("aa:lint")
            .or_else(|| body.strip_prefix("apparmor-lint:"))?;
        let list = rest.trim_start().strip_prefix("ignore=")?;
        let list = list.split_whitespace().next().unwrap_or_default();
        let names = split(list, 0)
            .into_iter()
            .filter_map(|(name, ..)| foreign(&name))
            .map(|n| (n.to_owned(), 0, 0));
        Some(Self {
            names: names.collect(),
            is_file: false,
            has_reason: true,
            is_foreign: true,
        })
    }
}

fn split(list: &str, start: usize) -> Vec<(String, usize, usize)> {
    let mut names = Vec::new();
    let mut at = start;
    for part in list.split(',') {
        let name = part.trim();
        let left = at + (part.len() - part.trim_start().len());
        if !name.is_empty() {
            names.push((name.to_owned(), left, left + name.len()));
        }
        at += part.len() + 1;
    }
    names
}

/// Our name for what another tool calls a check: apparmor.d's `just check`, apparmor-language-server.
fn foreign(name: &str) -> Option<&'static str> {
    Some(match name {
        "abstractions" => "dangerous-abstraction",
        "transition" => "nondeterministic-transition",
        "abi" | "missing-abi-declaration" => "abi-missing",
        "profile" | "profile-name-mismatch" => "profile-name-mismatch",
        "dangerous-exec" => "unconfined-exec",
        "deny-with-exec-transition" => "deny-with-exec-mode",
        "bare-x-without-deny" => "bare-x",
        "regex-syntax-in-aare" => "regex-in-glob",
        "undefined-variable" => "undefined-variable",
        "unused-variable" => "unused-variable",
        "unused-include" => "unused-include",
        "missing-include" => "missing-include",
        "empty-profile" => "ineffective-mode",
        _ => return None,
    })
}

/// What a directive in `comment` covers.
fn covered(source: &Source, ast: &Ast, comment: TextRange) -> TextRange {
    let line = source.line_range(comment.start);
    let before = source.slice(TextRange::new(line.start, comment.start));
    if !before.trim().is_empty() {
        // At the end of a line: the items that end on it may begin earlier.
        return item_ending_on(&ast.items, line).map_or(line, |range| range.cover(line));
    }
    if let Some(block) = block_begun_by(source, &ast.items, comment) {
        return block;
    }
    next_item(&ast.items, comment.end)
        .map_or_else(|| source.line_range(line.end.saturating_add(1)), own_range)
}

/// The part of an item that is the item itself: a profile's header, not what stands in it.
fn own_range(item: &Item) -> TextRange {
    match item {
        Item::Profile(profile) => profile.header,
        _ => item.range(),
    }
}

fn children(item: &Item) -> Vec<&[Item]> {
    match item {
        Item::Profile(profile) => vec![&profile.items],
        Item::Block(block) => vec![&block.items],
        Item::Conditional(conditional) => conditional
            .branches
            .iter()
            .map(|b| b.items.as_slice())
            .collect(),
        _ => Vec::new(),
    }
}

/// The items, which stand in order and apart, from the first on that ends behind `offset`.
fn from(items: &[Item], offset: u32) -> &[Item] {
    let start = items.partition_point(|item| item.range().end <= offset);
    items.get(start..).unwrap_or_default()
}

fn next_item(items: &[Item], offset: u32) -> Option<&Item> {
    let item = from(items, offset).first()?;
    if item.range().start >= offset {
        return Some(item);
    }
    children(item)
        .into_iter()
        .find_map(|inner| next_item(inner, offset))
}

fn item_ending_on(items: &[Item], line: TextRange) -> Option<TextRange> {
    from(items, line.start)
        .iter()
        .take_while(|item| item.range().start <= line.end)
        .find_map(|item| {
            let range = own_range(item);
            if (line.start..=line.end).contains(&range.end) && range.end > line.start {
                return Some(range);
            }
            children(item)
                .into_iter()
                .find_map(|inner| item_ending_on(inner, line))
        })
}

/// The profile whose first line inside is the comment, if there is one.
fn block_begun_by(source: &Source, items: &[Item], comment: TextRange) -> Option<TextRange> {
    let item = from(items, comment.start).first()?;
    if let Item::Profile(profile) = item {
        let between = TextRange::new(profile.header.end, comment.start);
        if profile.range.contains(comment) && source.slice(between).trim() == "{" {
            return Some(profile.range);
        }
    }
    children(item)
        .into_iter()
        .find_map(|inner| block_begun_by(source, inner, comment))
}

/// A directive and what came of it.
#[derive(Debug)]
pub struct SuppressionView<'c> {
    /// The directive.
    pub suppression: &'c Suppression,
    /// The names of all rules.
    pub rule_names: &'c [&'static str],
    /// For each of its names, what is known of it.
    pub names: Vec<SuppressedName>,
}

/// A name in a directive.
#[derive(Copy, Clone, PartialEq, Eq, Debug)]
pub struct SuppressedName {
    /// Whether a rule is called so.
    pub is_known: bool,
    /// Whether that rule ran.
    pub has_run: bool,
    /// Whether it silenced anything.
    pub is_used: bool,
}
