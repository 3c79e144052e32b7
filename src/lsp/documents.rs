//! The documents that the client has open, as it says they are.

use std::collections::BTreeMap;
use std::sync::Arc;

use gen_lsp_types::TextDocumentContentChangeEvent;

use super::encoding::{PositionEncoding, TextLines};
use super::uri;

/// A document that is open.
#[derive(Clone, Debug)]
pub(super) struct OpenDocument {
    /// The URI in the client's spelling.
    pub(super) uri: String,
    /// The path that it is checked under.
    pub(super) path: String,
    /// Whether it is no file of the disk.
    pub(super) is_untitled: bool,
    /// The client's number of the text.
    pub(super) version: i32,
    pub(super) text: Arc<String>,
}

/// The open documents, by URI. A copy shares the texts.
#[derive(Clone, Debug, Default)]
pub(super) struct OpenDocuments {
    all: BTreeMap<String, OpenDocument>,
}

impl OpenDocuments {
    /// Enters a document. One without a path is checked as if it lay in `folder`.
    pub(super) fn open(&mut self, uri: &str, version: i32, text: String, folder: &str) {
        let path = uri::path_of(uri);
        let document = OpenDocument {
            uri: uri.to_owned(),
            is_untitled: path.is_none(),
            path: path.unwrap_or_else(|| untitled(uri, folder)),
            version,
            text: Arc::new(text),
        };
        self.all.insert(uri.to_owned(), document);
    }

    /// Changes a document; nothing if it is not open.
    pub(super) fn change(
        &mut self,
        uri: &str,
        version: i32,
        changes: Vec<TextDocumentContentChangeEvent>,
        encoding: PositionEncoding,
    ) {
        let Some(document) = self.all.get_mut(uri) else {
            return;
        };
        document.version = version;
        // The worker may hold the text as it is.
        let mut text = document.text.as_ref().clone();
        for change in changes {
            match change {
                TextDocumentContentChangeEvent::TextDocumentContentChangeWholeDocument(whole) => {
                    text = whole.text;
                }
                TextDocumentContentChangeEvent::TextDocumentContentChangePartial(part) => {
                    let range = TextLines::new(&text, encoding).bytes(&part.range);
                    text.replace_range(range.start as usize..range.end as usize, &part.text);
                }
            }
        }
        document.text = Arc::new(text);
    }

    pub(super) fn close(&mut self, uri: &str) {
        self.all.remove(uri);
    }

    pub(super) fn get(&self, uri: &str) -> Option<&OpenDocument> {
        self.all.get(uri)
    }

    /// The document that is checked under a path.
    pub(super) fn at(&self, path: &str) -> Option<&OpenDocument> {
        self.iter().find(|document| document.path == path)
    }

    pub(super) fn iter(&self) -> impl Iterator<Item = &OpenDocument> {
        self.all.values()
    }
}

/// The path of a document that has none.
fn untitled(uri: &str, folder: &str) -> String {
    let plain = |c: char| if c.is_alphanumeric() { c } else { '-' };
    let name: String = uri.chars().map(plain).collect();
    format!("{}/{name}", folder.trim_end_matches('/'))
}
