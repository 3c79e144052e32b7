//! Code actions: the edits that findings suggest, and comments that silence them.

use gen_lsp_types::{CodeActionKind, CodeActionParams, Edit as LspEdit, TextEdit};
use serde_json::{Map, Value, json};

use super::client::Client;
use super::diagnostics::{ClientPlaces, diagnostic};
use super::documents::OpenDocuments;
use super::line_edits::line_edits;
use super::refusal::{NoAnswer, told};
use super::tree::{PolicyTree, PolicyTrees, is_below};
use crate::diagnostic::{Applicability, Diagnostic, Edit};
use crate::rules;
use crate::session::fix::{Edits, FixJob, fix};
use crate::session::{IgnoredPlace, Report};
use crate::source::FileId;

/// What all safe edits at once are called.
const FIX_ALL: &str = "source.fixAll.aalint";

/// The actions for a range of a document.
pub(super) fn offered(
    params: &CodeActionParams,
    trees: &mut PolicyTrees<'_>,
    client: &Client,
) -> Vec<Value> {
    let uri = &params.text_document.uri.0;
    let folders = trees.folders().to_vec();
    let documents = trees.documents().clone();
    let Some(tree) = tree_of(uri, &documents, trees) else {
        return Vec::new();
    };
    let Some(file) = file_of(uri, &documents, &tree.report) else {
        return Vec::new();
    };
    let only = params.context.only.as_deref();
    let mut places = ClientPlaces::new(&tree.report.store.sources, &documents, client.encoding);
    let wanted = places.bytes(file, &params.range);
    let at_range = |finding: &&Diagnostic| {
        let place = finding.place().filter(|place| place.file == file);
        place
            .is_some_and(|place| place.range.start <= wanted.end && wanted.start <= place.range.end)
    };
    let mut actions = Vec::new();
    if is_wanted("quickfix", only) {
        let writer = Writer {
            report: &tree.report,
            documents: &documents,
            folders: &folders,
            client,
        };
        let found: Vec<&Diagnostic> = tree.report.findings.iter().filter(at_range).collect();
        actions.extend(found.iter().filter_map(|one| writer.fix(one, &mut places)));
        actions.extend(
            found
                .iter()
                .filter_map(|one| writer.ignore(one, &mut places)),
        );
        actions.dedup();
    }
    if is_wanted(FIX_ALL, only) && has_safe_edits(&tree.report, file) {
        let mut action = json!({ "title": "Make all safe edits", "kind": FIX_ALL });
        let version = documents.get(uri).map(|document| document.version);
        let more = match client.resolves_edits {
            true => ("data", json!({ "uri": uri, "version": version })),
            false => ("edit", all_fixed(uri, trees, client)),
        };
        enter(&mut action, more);
        actions.push(action);
    }
    actions
}

/// An action with its edit.
pub(super) fn resolved(
    mut action: Value,
    trees: &mut PolicyTrees<'_>,
    client: &Client,
) -> Result<Value, NoAnswer> {
    let at = |path: &str| action.pointer(path).cloned();
    let uri = at("/data/uri");
    let Some(uri) = uri.as_ref().and_then(Value::as_str) else {
        return Ok(action);
    };
    let documents = trees.documents().clone();
    let version = documents.get(uri).map(|document| document.version);
    if json!(version) != at("/data/version").unwrap_or_default() {
        return Err(NoAnswer::modified());
    }
    let edit = all_fixed(uri, trees, client);
    enter(&mut action, ("edit", edit));
    told(action)
}

fn tree_of<'t, 'v>(
    uri: &str,
    documents: &OpenDocuments,
    trees: &'t mut PolicyTrees<'v>,
) -> Option<&'t PolicyTree<'v>> {
    let document = documents.get(uri)?;
    trees.of(&document.path)
}

fn file_of(uri: &str, documents: &OpenDocuments, report: &Report) -> Option<FileId> {
    let path = &documents.get(uri)?.path;
    let mut sources = report.store.sources.iter();
    let found = sources.find(|(_, source)| source.path == *path);
    found.map(|(file, _)| file)
}

fn enter(action: &mut Value, (name, value): (&str, Value)) {
    if let Some(action) = action.as_object_mut() {
        action.insert(name.to_owned(), value);
    }
}

/// Whether a client that wants `only` these kinds wants `kind`: one of them or one around it.
fn is_wanted(kind: &str, only: Option<&[CodeActionKind]>) -> bool {
    let Some(only) = only else {
        return true;
    };
    only.iter().any(|wanted| {
        let wanted = json!(wanted);
        let wanted = wanted.as_str().unwrap_or_default();
        let rest = kind.strip_prefix(wanted);
        wanted.is_empty() || rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('.'))
    })
}

/// What the edits of findings are written with.
struct Writer<'w> {
    report: &'w Report,
    documents: &'w OpenDocuments,
    folders: &'w [String],
    client: &'w Client,
}

impl<'w> Writer<'w> {
    /// The edit that a finding suggests, unless it only shows the idea, or is about files that are neither open nor in
    /// the workspace.
    fn fix(&self, finding: &Diagnostic, places: &mut ClientPlaces<'w>) -> Option<Value> {
        let fix = finding.fix.as_ref()?;
        let is_ours = |edit: &Edit| self.is_ours(edit.span.file);
        if fix.applicability == Applicability::Display || !fix.edits.iter().all(is_ours) {
            return None;
        }
        let is_safe = fix.applicability == Applicability::Safe;
        let title = match is_safe {
            true => capital(&fix.title),
            false => format!("{} ({})", capital(&fix.title), fix.applicability.name()),
        };
        let edits: Vec<&Edit> = fix.edits.iter().collect();
        self.action(&title, is_safe, finding, &edits, places)
    }

    fn ignore(&self, finding: &Diagnostic, places: &mut ClientPlaces<'w>) -> Option<Value> {
        let place = finding.place()?;
        let source = self.report.store.sources.get(place.file);
        let ast = &self.report.store.file(place.file)?.file.ast;
        if source.part.is_some() {
            return None;
        }
        let rule = finding.rule.name;
        let ignored = IgnoredPlace {
            file: place.file,
            source,
            ast,
            offset: place.range.start,
        };
        let edit = ignored.ways(rule, None).into_iter().next()?;
        let title = format!("Ignore `{rule}` here");
        self.action(&title, false, finding, &[&edit], places)
    }

    fn action(
        &self,
        title: &str,
        is_preferred: bool,
        finding: &Diagnostic,
        edits: &[&Edit],
        places: &mut ClientPlaces<'w>,
    ) -> Option<Value> {
        let found = diagnostic(finding, finding.place()?, places);
        Some(json!({
            "title": title,
            "kind": "quickfix",
            "isPreferred": is_preferred,
            "diagnostics": [found],
            "edit": workspace_edit(edits, self.documents, self.client, places),
        }))
    }

    fn is_ours(&self, file: FileId) -> bool {
        let source = self.report.store.sources.get(file);
        self.documents.at(&source.path).is_some() || is_below(&source.path, self.folders)
    }
}

/// A title as it stands in a menu.
fn capital(title: &str) -> String {
    let mut rest = title.chars();
    let first = rest.next().map(char::to_uppercase);
    first.into_iter().flatten().chain(rest).collect()
}

/// Edits in the form of the protocol.
pub(super) fn workspace_edit(
    edits: &[&Edit],
    documents: &OpenDocuments,
    client: &Client,
    places: &mut ClientPlaces<'_>,
) -> Value {
    let mut files: Vec<FileId> = edits.iter().map(|edit| edit.span.file).collect();
    files.sort_unstable();
    files.dedup();
    let mut by_uri: Vec<(String, Vec<LspEdit>)> = Vec::new();
    for file in files {
        let of_file = edits.iter().filter(|edit| edit.span.file == file);
        let edit = |edit: &&Edit| {
            LspEdit::TextEdit(TextEdit {
                range: places.range(edit.span),
                new_text: edit.text.clone(),
            })
        };
        let of_file = of_file.map(edit).collect();
        by_uri.push((places.uri(file), of_file));
    }
    if !client.versioned_edits {
        let changes: Map<String, Value> = by_uri
            .into_iter()
            .map(|(uri, edits)| (uri, json!(edits)))
            .collect();
        return json!({ "changes": changes });
    }
    let changes = by_uri.into_iter().map(|(uri, edits)| {
        let version = documents.get(&uri).map(|document| document.version);
        json!({ "textDocument": { "uri": uri, "version": version }, "edits": edits })
    });
    json!({ "documentChanges": changes.collect::<Vec<Value>>() })
}

/// Whether a file has findings with safe edits.
fn has_safe_edits(report: &Report, file: FileId) -> bool {
    let fixes = report.findings.iter();
    let mut fixes = fixes.filter_map(|finding| finding.fix.as_ref());
    fixes.any(|fix| {
        let mut edits = fix.edits.iter();
        fix.applicability == Applicability::Safe && edits.any(|edit| edit.span.file == file)
    })
}

/// The edits of all safe edits in a document that are proved, as `check --fix` makes them.
fn all_fixed(uri: &str, trees: &mut PolicyTrees<'_>, client: &Client) -> Value {
    let documents = trees.documents().clone();
    let Some(document) = documents.get(uri) else {
        return Value::Null;
    };
    let around = trees.policy_of_workspace();
    let Some(tree) = trees.of(&document.path) else {
        return Value::Null;
    };
    let job = FixJob {
        edits: Edits::Safe,
        may_write: &|path| path == document.path,
        around: &|_| around.clone(),
    };
    let workspace = &tree.workspace;
    let fixed = fix(workspace.files(), workspace.options(), rules::all(), &job);
    let after = fixed.files.first().map(|file| file.after.as_str());
    let edits = after.map_or_else(Vec::new, |after| {
        line_edits(&document.text, after, client.encoding)
    });
    if !client.versioned_edits {
        return json!({ "changes": { uri: edits } });
    }
    json!({ "documentChanges": [{
        "textDocument": { "uri": uri, "version": document.version },
        "edits": edits,
    }] })
}
