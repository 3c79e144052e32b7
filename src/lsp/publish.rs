//! Diagnostics: sent to clients that do not ask for them, answered to those that do.

use std::collections::{BTreeMap, BTreeSet};

use gen_lsp_types::{DocumentDiagnosticParams, WorkspaceDiagnosticParams};
use serde_json::{Map, Value, json};

use super::client::Client;
use super::diagnostics::{ByFile, by_file, result_id};
use super::tree::PolicyTrees;

/// What the client was last told of each file.
#[derive(Debug, Default)]
pub(super) struct Told {
    /// By URI, what was sent.
    sent: BTreeMap<String, Value>,
    /// The URIs of files that were told of beside the one that was asked for, by the URI of that one.
    related: BTreeMap<String, BTreeSet<String>>,
}

impl Told {
    /// What is to be sent so that the client knows all diagnostics of the open documents and of what they include.
    pub(super) fn news(&mut self, trees: &mut PolicyTrees<'_>, client: &Client) -> Vec<Value> {
        let mut all = ByFile::new();
        for key in trees.keys() {
            let documents = trees.documents().clone();
            if let Some(tree) = trees.at(&key) {
                let found = by_file(&tree.report, &documents, client.encoding);
                for (uri, mut diagnostics) in found {
                    let known = all.entry(uri).or_default();
                    diagnostics.retain(|diagnostic| !known.contains(diagnostic));
                    known.append(&mut diagnostics);
                }
            }
        }
        let documents = trees.documents();
        let open = documents.iter().map(|document| document.uri.clone());
        let known: BTreeSet<String> = self.sent.keys().cloned().collect();
        let wanted: BTreeSet<String> = all.keys().cloned().chain(open).collect();
        let mut news = Vec::new();
        for uri in known.union(&wanted) {
            let mut params =
                json!({ "uri": uri, "diagnostics": all.get(uri).map_or(&[][..], Vec::as_slice) });
            if let (Some(document), Some(params)) = (documents.get(uri), params.as_object_mut()) {
                params.insert("version".to_owned(), document.version.into());
            }
            if self.sent.get(uri) != Some(&params) {
                news.push(params.clone());
            }
            match wanted.contains(uri) {
                true => self.sent.insert(uri.clone(), params),
                false => self.sent.remove(uri),
            };
        }
        news
    }

    /// The diagnostics of a document that the client asks for.
    pub(super) fn of_document(
        &mut self,
        params: &DocumentDiagnosticParams,
        trees: &mut PolicyTrees<'_>,
        client: &Client,
    ) -> Value {
        let uri = &params.text_document.uri.0;
        let documents = trees.documents().clone();
        let path = documents.get(uri).map(|document| document.path.clone());
        let tree = path.and_then(|path| trees.of(&path));
        let mut found = tree.map_or_else(ByFile::new, |tree| {
            by_file(&tree.report, &documents, client.encoding)
        });
        let items = json!(found.remove(uri).unwrap_or_default());
        let id = result_id(&items);
        let mut report = match params.previous_result_id.as_ref() == Some(&id) {
            true => json!({ "kind": "unchanged", "resultId": id }),
            false => json!({ "kind": "full", "resultId": id, "items": items }),
        };
        if client.takes_related {
            // What is open is asked for by itself.
            found.retain(|uri, _| documents.get(uri).is_none());
            let before = self.related.remove(uri).unwrap_or_default();
            let now: BTreeSet<String> = found.keys().cloned().collect();
            let related: Map<String, Value> = before
                .union(&now)
                .map(|uri| {
                    let items = json!(found.get(uri).map_or(&[][..], Vec::as_slice));
                    (uri.clone(), json!({ "kind": "full", "items": items }))
                })
                .collect();
            if let Some(report) = report.as_object_mut().filter(|_| !related.is_empty()) {
                report.insert("relatedDocuments".to_owned(), Value::Object(related));
            }
            self.related.insert(uri.clone(), now);
        }
        report
    }
}

/// The diagnostics of all files of the workspace that are not open.
pub(super) fn of_workspace(
    params: &WorkspaceDiagnosticParams,
    trees: &PolicyTrees<'_>,
    client: &Client,
) -> Result<Value, String> {
    if trees.folders().is_empty() {
        return Ok(json!({ "items": [] }));
    }
    let report = trees.whole()?;
    let documents = trees.documents();
    let mut found = by_file(&report, documents, client.encoding);
    let before = params.previous_result_ids.iter();
    let before: BTreeMap<&str, &str> = before
        .map(|known| (known.uri.0.as_str(), known.value.as_str()))
        .collect();
    for uri in before.keys() {
        found.entry((*uri).to_owned()).or_default();
    }
    found.retain(|uri, _| documents.get(uri).is_none());
    let report = |(uri, diagnostics)| {
        let items = json!(diagnostics);
        let id = result_id(&items);
        let uri: String = uri;
        match before.get(uri.as_str()) == Some(&id.as_str()) {
            true => json!({ "uri": uri, "version": null, "kind": "unchanged", "resultId": id }),
            false => {
                json!({ "uri": uri, "version": null, "kind": "full", "resultId": id, "items": items })
            }
        }
    };
    let items: Vec<Value> = found.into_iter().map(report).collect();
    Ok(json!({ "items": items }))
}
