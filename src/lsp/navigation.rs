//! From a name to where it is defined and used.

use gen_lsp_types::{DocumentHighlight, DocumentHighlightKind, Location};

use super::outline::is_on_disk;
use super::place::{AskedDocument, around, shown_uses_of, touches};
use crate::source::{Span, TextRange};
use crate::syntax::ast::{Body, Item, Word};
use crate::syntax::text;

/// Where the name at an offset is defined: a variable, an included file, or the profile that an exec leads to.
pub(super) fn definition(offset: u32, asked: &mut AskedDocument<'_, '_>) -> Vec<Location> {
    if let Some((name, _)) = asked.variable(offset) {
        let uses = shown_uses_of(name, asked.workspace());
        let set = uses.into_iter().filter(|(_, is_set)| *is_set);
        return set.map(|(place, _)| asked.places.location(place)).collect();
    }
    if let Some((_, mut files)) = asked.include(offset) {
        files.retain(|file| is_on_disk(*file, asked));
        let starts = files.into_iter().map(Span::start_of);
        return starts.map(|start| asked.places.location(start)).collect();
    }
    let Some(target) = target(offset, asked) else {
        return Vec::new();
    };
    let profiles = profiles_called(&target, offset, asked);
    profiles
        .into_iter()
        .map(|place| asked.places.location(place))
        .collect()
}

/// The name of a profile at an offset, behind `->`.
fn target(offset: u32, asked: &AskedDocument<'_, '_>) -> Option<String> {
    let items = &asked.ast()?.items;
    let Item::Rule(rule) = around(items, offset).pop()? else {
        return None;
    };
    let word = match &rule.body {
        Body::File(rule) if rule.perms.has_exec() => rule.target,
        Body::ChangeProfile(rule) => rule.target,
        _ => None,
    };
    let Word(range) = word.filter(|word| touches(word.0, offset))?;
    Some(text::value(asked.slice(range)).into_owned())
}

/// The names of the profiles that are called so: as a whole, or as children of the profile at an offset.
fn profiles_called(name: &str, offset: u32, asked: &AskedDocument<'_, '_>) -> Vec<Span> {
    let policy = asked.workspace().policy();
    let own = policy.profiles();
    let own = own.filter(|it| it.file == asked.file && touches(it.ast.range, offset));
    let children: Vec<String> = own.map(|it| format!("{}//{name}", it.full_name)).collect();
    let found = policy.profiles();
    let found = found.filter(|it| it.full_name == name || children.contains(&it.full_name));
    found.map(|profile| profile.name_span()).collect()
}

/// Where the variable at an offset stands, in all files of the tree.
pub(super) fn references(
    offset: u32,
    with_definition: bool,
    asked: &mut AskedDocument<'_, '_>,
) -> Vec<Location> {
    let Some((name, _)) = asked.variable(offset) else {
        return Vec::new();
    };
    let uses = shown_uses_of(name, asked.workspace()).into_iter();
    let uses = uses.filter(|(_, is_set)| with_definition || !is_set);
    uses.map(|(place, _)| asked.places.location(place))
        .collect()
}

/// Where the variable at an offset stands in the document.
pub(super) fn highlights(offset: u32, asked: &mut AskedDocument<'_, '_>) -> Vec<DocumentHighlight> {
    let Some((name, _)) = asked.variable(offset) else {
        return Vec::new();
    };
    let file = asked.file;
    let uses = shown_uses_of(name, asked.workspace()).into_iter();
    let here: Vec<(TextRange, bool)> = uses
        .filter(|(place, _)| place.file == file)
        .map(|(place, is_set)| (place.range, is_set))
        .collect();
    let highlight = |(range, is_set): (TextRange, bool)| DocumentHighlight {
        range: asked.range(range),
        kind: Some(match is_set {
            true => DocumentHighlightKind::Write,
            false => DocumentHighlightKind::Read,
        }),
    };
    here.into_iter().map(highlight).collect()
}
