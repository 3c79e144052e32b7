//! A document, or a position in it, with what is known of it.

use gen_lsp_types::{Position, Range};
use serde_json::Value;

use super::diagnostics::ClientPlaces;
use super::documents::OpenDocuments;
use super::encoding::PositionEncoding;
use super::tree::{PolicyTree, PolicyTrees};
use crate::policy::{Env, Loaded, ProfileView, includes};
use crate::session::Workspace;
use crate::source::{FileId, Source, Span, TextRange};
use crate::syntax::ast::{Ast, Include, Item};

/// A document that is asked about.
pub(super) struct AskedDocument<'t, 'v> {
    pub(super) tree: &'t PolicyTree<'v>,
    pub(super) file: FileId,
    pub(super) places: ClientPlaces<'t>,
}

impl<'t, 'v> AskedDocument<'t, 'v> {
    /// The document of that URI, as it is now; `None` if it is not open or is no policy.
    pub(super) fn new(
        uri: &str,
        trees: &'t mut PolicyTrees<'v>,
        documents: &'t OpenDocuments,
        encoding: PositionEncoding,
    ) -> Option<Self> {
        let path = &documents.get(uri)?.path;
        let tree = trees.of(path)?;
        let store = tree.workspace.store();
        let mut sources = store.sources.iter();
        let (file, _) = sources.find(|(_, source)| source.path == *path)?;
        store.file(file)?;
        Some(Self {
            places: ClientPlaces::new(&store.sources, documents, encoding),
            tree,
            file,
        })
    }

    pub(super) const fn workspace(&self) -> &'t Workspace<'v> {
        &self.tree.workspace
    }

    pub(super) fn source(&self) -> &'t Source {
        self.workspace().store().sources.get(self.file)
    }

    pub(super) fn loaded(&self) -> Option<&'t Loaded> {
        self.workspace().store().file(self.file)
    }

    pub(super) fn ast(&self) -> Option<&'t Ast> {
        self.loaded().map(|loaded| &loaded.file.ast)
    }

    /// The offset in bytes of the position of a request.
    pub(super) fn offset(&self, params: &Value) -> Option<u32> {
        let position = params.get("position")?.clone();
        let position: Position = serde_json::from_value(position).ok()?;
        let range = Range {
            start: position,
            end: position,
        };
        Some(self.places.bytes(self.file, &range).start)
    }

    pub(super) fn range(&mut self, range: TextRange) -> Range {
        self.places.range(range.in_file(self.file))
    }

    /// The text of a part of the document.
    pub(super) fn slice(&self, range: TextRange) -> &'t str {
        self.source().slice(range)
    }

    /// The include statement at an offset, with the files that it leads to.
    pub(super) fn include(&self, offset: u32) -> Option<(&'t Include, Vec<FileId>)> {
        let loaded = self.loaded()?;
        let all = includes(&loaded.file.ast.items);
        let include = all
            .into_iter()
            .find(|include| touches(include.range, offset))?;
        Some((include, self.leads_to(include)))
    }

    /// The files that an include statement of the document leads to.
    pub(super) fn leads_to(&self, include: &Include) -> Vec<FileId> {
        use crate::policy::IncludeTarget;
        let target = self.loaded().and_then(|it| it.includes.get(include.index));
        match target {
            Some(IncludeTarget::Files(files)) => files.clone(),
            _ => Vec::new(),
        }
    }

    /// The variables that are defined where the document is loaded: in the innermost profile at an offset, or else for the
    /// file, or for a file that includes it.
    pub(super) fn env(&self, offset: u32) -> Option<&'t Env> {
        let units = self.workspace().policy().units;
        let mut own = units.iter().filter(|unit| unit.file == self.file);
        let unit = own.next().or_else(|| units.first())?;
        let is_around = |profile: &&ProfileView<'_>| {
            profile.file == self.file && touches(profile.ast.range, offset)
        };
        let inner = unit.profiles.iter().filter(is_around);
        let inner = inner.min_by_key(|profile| profile.ast.range.end - profile.ast.range.start);
        Some(inner.map_or(&unit.env, |profile| &profile.env))
    }

    /// The variable `@{NAME}` at an offset: its name and its place.
    pub(super) fn variable(&self, offset: u32) -> Option<(&'t str, TextRange)> {
        let line = self.source().line_range(offset);
        let mut uses = crate::policy::variable_uses(&self.source().text, line);
        uses.find(|(_, range)| touches(*range, offset))
    }
}

/// Whether an offset lies in a range or at its end.
pub(super) const fn touches(range: TextRange, offset: u32) -> bool {
    range.start <= offset && offset <= range.end
}

/// The items that stand in an item, by branch.
pub(super) fn inner(item: &Item) -> Vec<&[Item]> {
    match item {
        Item::Profile(profile) => vec![&profile.items],
        Item::Block(block) => vec![&block.items],
        Item::Conditional(conditional) => {
            let branches = conditional.branches.iter();
            branches.map(|branch| branch.items.as_slice()).collect()
        }
        _ => Vec::new(),
    }
}

/// The items around an offset, outermost first.
pub(super) fn around(items: &[Item], offset: u32) -> Vec<&Item> {
    let mut found = Vec::new();
    let mut level = vec![items];
    while let Some(items) = level.pop() {
        if let Some(item) = items.iter().find(|item| touches(item.range(), offset)) {
            found.push(item);
            level = inner(item);
            level.retain(|items| items.iter().any(|item| touches(item.range(), offset)));
        }
    }
    found
}

/// All places where a variable of that name stands in the files of a workspace, and whether it is set there.
pub(super) fn uses_of(name: &str, workspace: &Workspace<'_>) -> Vec<(Span, bool)> {
    let store = workspace.store();
    let mut found = Vec::new();
    for (file, loaded) in store.iter() {
        let source = store.sources.get(file);
        let mut set = Vec::new();
        settings(&loaded.file.ast.items, &mut set);
        let length = u32::try_from(source.text.len()).unwrap_or(u32::MAX);
        let uses = crate::policy::variable_uses(&source.text, TextRange::new(0, length));
        for (_, range) in uses.filter(|(one, _)| *one == name) {
            found.push((range.in_file(file), set.contains(&range)));
        }
    }
    found
}

/// The same without files whose text is not to be shown.
pub(super) fn shown_uses_of(name: &str, workspace: &Workspace<'_>) -> Vec<(Span, bool)> {
    let sources = &workspace.store().sources;
    let mut uses = uses_of(name, workspace);
    uses.retain(|(place, _)| !sources.get(place.file).is_outside);
    uses
}

/// Where variables are set.
fn settings(items: &[Item], found: &mut Vec<TextRange>) {
    for item in items {
        if let Item::Variable(variable) = item {
            found.push(variable.written);
        }
        for items in inner(item) {
            settings(items, found);
        }
    }
}
