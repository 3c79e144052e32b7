//! The shape of a document: symbols, folding, selection, links.

use gen_lsp_types::{DocumentLink, DocumentSymbol, FoldingRange, SelectionRange, SymbolKind, Uri};
use serde_json::{Value, json};

use super::place::{AskedDocument, around, inner};
use crate::policy::includes;
use crate::source::TextRange;
use crate::syntax::ast::Item;

/// The profiles, hats, intents and variables of a document.
pub(super) fn symbols(asked: &mut AskedDocument<'_, '_>) -> Vec<DocumentSymbol> {
    let items = asked.ast().map_or(&[][..], |ast| &ast.items);
    symbols_of(items, asked)
}

fn symbols_of(items: &[Item], asked: &mut AskedDocument<'_, '_>) -> Vec<DocumentSymbol> {
    let mut symbols = Vec::new();
    for item in items {
        let inner: Vec<DocumentSymbol> = inner(item)
            .into_iter()
            .flat_map(|items| symbols_of(items, asked))
            .collect();
        let (name, kind) = match item {
            Item::Profile(profile) if profile.form.is_hat() => (profile.name.0, SymbolKind::Method),
            Item::Profile(profile) => (profile.name.0, SymbolKind::Class),
            Item::Intent(intent) => (intent.name.0, SymbolKind::Interface),
            Item::Variable(variable) => (variable.written, SymbolKind::Variable),
            _ => {
                symbols.extend(inner);
                continue;
            }
        };
        let text = asked.slice(name).trim_matches('"').to_owned();
        if text.trim().is_empty() {
            symbols.extend(inner);
            continue;
        }
        #[expect(deprecated, reason = "a field that must be given, and is not")]
        symbols.push(DocumentSymbol {
            name: text,
            detail: None,
            kind,
            tags: None,
            deprecated: None,
            range: asked.range(item.range().cover(name)),
            selection_range: asked.range(name),
            children: (!inner.is_empty()).then_some(inner),
        });
    }
    symbols
}

/// The profiles of a tree whose names hold `query`, whatever the case.
pub(super) fn profiles(query: &str, asked: &mut AskedDocument<'_, '_>) -> Vec<Value> {
    let query = query.to_lowercase();
    let policy = asked.workspace().policy();
    let profiles = policy.profiles();
    let found = profiles.filter(|profile| profile.full_name.to_lowercase().contains(&query));
    let symbol = |profile: &crate::policy::ProfileView<'_>| {
        let kind = match profile.ast.form.is_hat() {
            true => SymbolKind::Method,
            false => SymbolKind::Class,
        };
        let location = asked.places.location(profile.name_span());
        json!({ "name": profile.full_name, "kind": kind, "location": location })
    };
    found.map(symbol).collect()
}

/// The blocks that can be folded, and comments of several lines.
pub(super) fn folds(asked: &mut AskedDocument<'_, '_>) -> Vec<FoldingRange> {
    let Some(ast) = asked.ast() else {
        return Vec::new();
    };
    let mut ranges = Vec::new();
    blocks(&ast.items, &mut ranges);
    let mut folds: Vec<(TextRange, bool)> = ranges.into_iter().map(|it| (it, false)).collect();
    let mut run: Option<TextRange> = None;
    for comment in &ast.comments {
        let line = asked.source().line_range(comment.start);
        let is_alone = asked
            .slice(TextRange::new(line.start, comment.start))
            .trim()
            .is_empty();
        let between = run.map(|run| asked.slice(TextRange::new(run.end, comment.start)));
        let follows =
            between.is_some_and(|text| text.trim().is_empty() && text.matches('\n').count() == 1);
        if is_alone && follows {
            run = run.map(|run| run.cover(*comment));
        } else {
            folds.extend(run.take().map(|run| (run, true)));
            run = is_alone.then_some(*comment);
        }
    }
    folds.extend(run.map(|run| (run, true)));
    let fold = |(range, is_comment): (TextRange, bool)| {
        let range = asked.range(range);
        FoldingRange {
            start_line: range.start.line,
            start_character: None,
            // The line of a closing brace stays.
            end_line: range.end.line.saturating_sub(u32::from(!is_comment)),
            end_character: None,
            kind: is_comment.then_some(gen_lsp_types::FoldingRangeKind::Comment),
            collapsed_text: None,
        }
    };
    let folds = folds.into_iter().map(fold);
    folds
        .filter(|fold| fold.start_line < fold.end_line)
        .collect()
}

fn blocks(items: &[Item], found: &mut Vec<TextRange>) {
    for item in items {
        match item {
            Item::Profile(_) | Item::Intent(_) | Item::Block(_) => found.push(item.range()),
            Item::Conditional(conditional) => {
                found.extend(conditional.branches.iter().map(|branch| branch.range));
            }
            _ => {}
        }
        for items in inner(item) {
            blocks(items, found);
        }
    }
}

/// What lies around an offset: the word, the items, the file.
pub(super) fn selection(offset: u32, asked: &mut AskedDocument<'_, '_>) -> SelectionRange {
    let length = u32::try_from(asked.source().text.len()).unwrap_or(u32::MAX);
    let mut ranges = vec![TextRange::new(0, length)];
    let items = asked.ast().map_or(&[][..], |ast| &ast.items);
    ranges.extend(around(items, offset).into_iter().map(Item::range));
    ranges.push(word(offset, asked));
    let mut selected = SelectionRange {
        range: asked.range(TextRange::new(0, length)),
        parent: None,
    };
    let mut outer = TextRange::new(0, length);
    for range in ranges.into_iter().skip(1) {
        if outer.contains(range) && range != outer && !range.is_empty() {
            outer = range;
            selected = SelectionRange {
                range: asked.range(range),
                parent: Some(Box::new(selected)),
            };
        }
    }
    selected
}

/// The word at an offset: what stands between blanks, without the comma of a rule.
fn word(offset: u32, asked: &AskedDocument<'_, '_>) -> TextRange {
    let line = asked.source().line_range(offset);
    let before = asked.slice(TextRange::new(line.start, offset));
    let behind = asked.slice(TextRange::new(offset.min(line.end), line.end));
    let length = |text: &str| u32::try_from(text.len()).unwrap_or_default();
    let front = before
        .rsplit(char::is_whitespace)
        .next()
        .unwrap_or_default();
    let back = behind.split(char::is_whitespace).next().unwrap_or_default();
    let back = back.trim_end_matches(',');
    TextRange::new(offset - length(front), offset + length(back))
}

/// The include statements that lead to a file.
pub(super) fn links(asked: &mut AskedDocument<'_, '_>) -> Vec<DocumentLink> {
    let all = asked.ast().map(|ast| includes(&ast.items));
    let mut links = Vec::new();
    for include in all.unwrap_or_default() {
        if let [file] = asked.leads_to(include)[..]
            && is_on_disk(file, asked)
        {
            links.push(DocumentLink {
                range: asked.range(include.path),
                target: Some(Uri(asked.places.uri(file))),
                tooltip: None,
                data: None,
            });
        }
    }
    links
}

/// Whether a file can be opened: some come with aalint.
pub(super) fn is_on_disk(file: crate::source::FileId, asked: &AskedDocument<'_, '_>) -> bool {
    let loaded = asked.workspace().store().file(file);
    loaded.is_some_and(|loaded| loaded.origin == crate::policy::Origin::Disk)
}
