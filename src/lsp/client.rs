//! What the client can, and what the server offers it.

use serde_json::{Value, json};

use super::encoding::PositionEncoding;
use super::uri;

/// What the client says of itself in `initialize`. What it does not say, or says in a form that nobody knows, it cannot.
#[derive(Clone, Debug, Default)]
pub(super) struct Client {
    pub(super) encoding: PositionEncoding,
    /// Asks for diagnostics, so that none are sent.
    pub(super) pulls: bool,
    /// Takes diagnostics of other files than the one it asked for.
    pub(super) takes_related: bool,
    /// Can be told to ask for diagnostics again.
    pub(super) refreshes: bool,
    /// Reports files that change on the disk, if it is asked to.
    pub(super) watches: bool,
    /// Takes edits that name the version of the text that they are for.
    pub(super) versioned_edits: bool,
    /// Asks for the edit of the code action that is chosen.
    pub(super) resolves_edits: bool,
    /// The directories of the workspace.
    pub(super) folders: Vec<String>,
    /// The process that started the server.
    pub(super) process: Option<i64>,
}

impl Client {
    pub(super) fn new(params: &Value) -> Self {
        let at = |path: &str| params.pointer(path);
        let can = |path: &str| {
            let path = format!("/capabilities/{path}");
            at(&path).and_then(Value::as_bool) == Some(true)
        };
        let holds = |path: &str, wanted: &str| {
            let list = at(path).and_then(Value::as_array);
            list.is_some_and(|list| list.iter().any(|value| value == wanted))
        };
        let encoding = match holds("/capabilities/general/positionEncodings", "utf-8") {
            true => PositionEncoding::Utf8,
            false => PositionEncoding::Utf16,
        };
        let path = |value: &Value| value.as_str().and_then(uri::path_of);
        let folders = at("/workspaceFolders").and_then(Value::as_array);
        let folders = folders.into_iter().flatten();
        let mut folders: Vec<String> = folders
            .filter_map(|folder| folder.get("uri").and_then(path))
            .collect();
        if folders.is_empty() {
            folders.extend(at("/rootUri").and_then(path));
        }
        let resolved = "/capabilities/textDocument/codeAction/resolveSupport/properties";
        Self {
            encoding,
            pulls: at("/capabilities/textDocument/diagnostic").is_some_and(Value::is_object),
            takes_related: can("textDocument/diagnostic/relatedDocumentSupport"),
            refreshes: can("workspace/diagnostics/refreshSupport"),
            watches: can("workspace/didChangeWatchedFiles/dynamicRegistration"),
            versioned_edits: can("workspace/workspaceEdit/documentChanges"),
            resolves_edits: holds(resolved, "edit"),
            folders,
            process: at("/processId").and_then(Value::as_i64),
        }
    }

    /// Where documents without a path are said to lie.
    pub(super) fn folder(&self) -> &str {
        self.folders.first().map_or("/", String::as_str)
    }

    /// The result of `initialize`.
    pub(super) fn offer(&self) -> Value {
        let encoding = match self.encoding {
            PositionEncoding::Utf8 => "utf-8",
            PositionEncoding::Utf16 => "utf-16",
        };
        let mut capabilities = json!({
            "positionEncoding": encoding,
            "textDocumentSync": { "openClose": true, "change": 2, "save": true },
            "codeActionProvider": {
                "codeActionKinds": ["quickfix", "source.fixAll.aalint"],
                "resolveProvider": self.resolves_edits,
            },
            "completionProvider": { "triggerCharacters": ["{", "<", "/", "(", ">"] },
            "hoverProvider": true,
            "definitionProvider": true,
            "referencesProvider": true,
            "documentHighlightProvider": true,
            "documentSymbolProvider": true,
            "workspaceSymbolProvider": true,
            "foldingRangeProvider": true,
            "selectionRangeProvider": true,
            "documentLinkProvider": { "resolveProvider": false },
            "renameProvider": { "prepareProvider": true },
            "inlayHintProvider": true,
            "documentFormattingProvider": true,
            "documentRangeFormattingProvider": true,
            "workspace": {
                "workspaceFolders": { "supported": true, "changeNotifications": true },
            },
        });
        if self.pulls
            && let Some(capabilities) = capabilities.as_object_mut()
        {
            let diagnostics = json!({
                "identifier": "aalint",
                "interFileDependencies": true,
                "workspaceDiagnostics": true,
            });
            capabilities.insert("diagnosticProvider".to_owned(), diagnostics);
        }
        json!({
            "capabilities": capabilities,
            "serverInfo": { "name": "aalint", "version": env!("CARGO_PKG_VERSION") },
        })
    }
}
