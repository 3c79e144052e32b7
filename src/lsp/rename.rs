//! Variables are renamed in all files of the workspace, or not at all.

use serde_json::{Value, json};

use super::actions::workspace_edit;
use super::client::Client;
use super::diagnostics::ClientPlaces;
use super::place::{AskedDocument, uses_of};
use super::refusal::{NoAnswer, told};
use super::tree::PolicyTrees;
use crate::diagnostic::Edit;
use crate::source::{Source, Span, TextRange};

/// The name at a position that can be renamed.
pub(super) fn prepared(
    uri: &str,
    params: &Value,
    trees: &mut PolicyTrees<'_>,
    client: &Client,
) -> Result<Value, NoAnswer> {
    let documents = trees.documents().clone();
    let Some(mut asked) = AskedDocument::new(uri, trees, &documents, client.encoding) else {
        return Ok(Value::Null);
    };
    let offset = asked.offset(params).ok_or_else(NoAnswer::no_position)?;
    let Some((name, range)) = asked.variable(offset) else {
        return Ok(Value::Null);
    };
    told(json!({ "range": asked.range(inside(range)), "placeholder": name }))
}

/// The edits that give the variable at a position another name.
pub(super) fn renamed(
    uri: &str,
    params: &Value,
    trees: &mut PolicyTrees<'_>,
    client: &Client,
) -> Result<Value, NoAnswer> {
    let new = params.get("newName").and_then(Value::as_str);
    let new = new.unwrap_or_default();
    let new = new
        .strip_prefix("@{")
        .and_then(|it| it.strip_suffix('}'))
        .unwrap_or(new);
    if !is_name(new) {
        let why = format!("`{new}` cannot be the name of a variable: letters, digits and `_` can");
        return Err(NoAnswer::failed(why));
    }
    let documents = trees.documents().clone();
    let name = AskedDocument::new(uri, trees, &documents, client.encoding).and_then(|asked| {
        let (name, _) = asked.variable(asked.offset(params)?)?;
        Some(name.to_owned())
    });
    let Some(name) = name else {
        return Err(NoAnswer::failed("there is no variable"));
    };
    // What is open and lies elsewhere counts as well.
    let workspace = trees.opened().map_err(NoAnswer::failed)?;
    if !uses_of(new, &workspace).is_empty() {
        return Err(NoAnswer::failed(format!(
            "`@{{{new}}}` is a variable already"
        )));
    }
    let sources = &workspace.store().sources;
    let uses = uses_of(&name, &workspace);
    let path = documents.get(uri).map(|document| document.path.as_str());
    let is_here = |(place, _): &(Span, bool)| Some(sources.get(place.file).path.as_str()) == path;
    if !uses.iter().any(is_here) {
        let why = "the document is no file that is checked, so not all uses are known";
        return Err(NoAnswer::failed(why));
    }
    let is_ours = |source: &Source| {
        source.part.is_none()
            && (documents.at(&source.path).is_some() || trees.is_in_workspace(&source.path))
    };
    let mut files = uses.iter().map(|(place, _)| sources.get(place.file));
    if let Some(other) = files.find(|source| !is_ours(source)) {
        let path = &other.path;
        let why = format!("`@{{{name}}}` is used in {path}, which is not a file of the workspace");
        return Err(NoAnswer::failed(why));
    }
    let edit = |(place, _): &(Span, bool)| Edit {
        span: inside(place.range).in_file(place.file),
        text: new.to_owned(),
    };
    let edits: Vec<Edit> = uses.iter().map(edit).collect();
    let edits: Vec<&Edit> = edits.iter().collect();
    let mut places = ClientPlaces::new(sources, &documents, client.encoding);
    Ok(workspace_edit(&edits, &documents, client, &mut places))
}

/// The name in `@{NAME}`.
const fn inside(variable: TextRange) -> TextRange {
    TextRange::new(variable.start + 2, variable.end - 1)
}

fn is_name(text: &str) -> bool {
    text.starts_with(|c: char| c.is_ascii_alphabetic())
        && text.chars().all(|c| c.is_ascii_alphanumeric() || c == '_')
}
