//! Requests about a document that are answered from the policy alone.

use gen_lsp_types::{Position, Range};
use serde_json::Value;

use super::client::Client;
use super::completion::completion;
use super::hints::hints;
use super::hover::hover;
use super::place::AskedDocument;
use super::refusal::{NoAnswer, told};
use super::tree::PolicyTrees;
use super::{navigation, outline, rename};

/// The answer to a request; `None` if no such request is known. Of what is no open policy there is nothing to say.
pub(super) fn answered(
    method: &str,
    uri: &str,
    params: &Value,
    trees: &mut PolicyTrees<'_>,
    client: &Client,
) -> Option<Result<Value, NoAnswer>> {
    if method == "workspace/symbol" {
        return Some(told(symbols(params, trees, client)));
    }
    match method {
        "textDocument/rename" => return Some(rename::renamed(uri, params, trees, client)),
        "textDocument/prepareRename" => {
            return Some(rename::prepared(uri, params, trees, client));
        }
        _ => {}
    }
    let answer: DocumentAnswer = match method {
        "textDocument/documentSymbol" => |_, asked| told(outline::symbols(asked)),
        "textDocument/foldingRange" => |_, asked| told(outline::folds(asked)),
        "textDocument/documentLink" => |_, asked| told(outline::links(asked)),
        "textDocument/selectionRange" => selections,
        "textDocument/hover" => |params, asked| at(params, asked, hover),
        "textDocument/completion" => |params, asked| at(params, asked, completion),
        "textDocument/definition" => |params, asked| at(params, asked, navigation::definition),
        "textDocument/documentHighlight" => {
            |params, asked| at(params, asked, navigation::highlights)
        }
        "textDocument/references" => references,
        "textDocument/inlayHint" => |params, asked| {
            let range = params.get("range").cloned().unwrap_or_default();
            let range: Range =
                serde_json::from_value(range).map_err(|_| NoAnswer::no_position())?;
            told(hints(&range, asked))
        },
        _ => return None,
    };
    let documents = trees.documents().clone();
    let asked = AskedDocument::new(uri, trees, &documents, client.encoding);
    Some(asked.map_or(Ok(Value::Null), |mut asked| answer(params, &mut asked)))
}

/// What answers a request about a document.
type DocumentAnswer = fn(&Value, &mut AskedDocument<'_, '_>) -> Result<Value, NoAnswer>;

/// The answer about a position.
fn at<T: serde::Serialize>(
    params: &Value,
    asked: &mut AskedDocument<'_, '_>,
    answer: impl Fn(u32, &mut AskedDocument<'_, '_>) -> T,
) -> Result<Value, NoAnswer> {
    let offset = asked.offset(params).ok_or_else(NoAnswer::no_position)?;
    told(answer(offset, asked))
}

fn references(params: &Value, asked: &mut AskedDocument<'_, '_>) -> Result<Value, NoAnswer> {
    let with_definition = params.pointer("/context/includeDeclaration");
    let with_definition = with_definition.and_then(Value::as_bool) == Some(true);
    at(params, asked, |offset, asked| {
        navigation::references(offset, with_definition, asked)
    })
}

fn selections(params: &Value, asked: &mut AskedDocument<'_, '_>) -> Result<Value, NoAnswer> {
    let positions = params.get("positions").cloned().unwrap_or_default();
    let positions: Vec<Position> =
        serde_json::from_value(positions).map_err(|_| NoAnswer::no_position())?;
    let selection = |position: Position| {
        let range = Range {
            start: position,
            end: position,
        };
        let offset = asked.places.bytes(asked.file, &range).start;
        outline::selection(offset, asked)
    };
    told(positions.into_iter().map(selection).collect::<Vec<_>>())
}

/// The profiles of all trees.
fn symbols(params: &Value, trees: &mut PolicyTrees<'_>, client: &Client) -> Vec<Value> {
    let query = params.get("query").and_then(Value::as_str);
    let documents = trees.documents().clone();
    let mut found = Vec::new();
    for document in documents.iter() {
        let asked = AskedDocument::new(&document.uri, trees, &documents, client.encoding);
        if let Some(mut asked) = asked {
            found.extend(outline::profiles(query.unwrap_or_default(), &mut asked));
        }
    }
    let mut seen: Vec<Value> = Vec::new();
    for symbol in found {
        if !seen.contains(&symbol) {
            seen.push(symbol);
        }
    }
    seen
}
