//! The loop that takes messages. It applies edits to texts, hands questions to the worker, and computes nothing.

use std::thread;
use std::time::Duration;

use crossbeam_channel::{RecvTimeoutError, Sender, unbounded};
use gen_lsp_types::{
    DidChangeTextDocumentParams, DidChangeWatchedFilesParams, DidChangeWorkspaceFoldersParams,
    DidCloseTextDocumentParams, DidOpenTextDocumentParams, DidSaveTextDocumentParams,
};
use lsp_server::{Connection, ErrorCode, Message, Notification, Request, RequestId, Response};
use serde::de::DeserializeOwned;
use serde_json::{Value, json};

use super::client::Client;
use super::documents::OpenDocuments;
use super::surroundings::Surroundings;
use super::uri;
use super::worker::{LspRequest, WorkerOrder, work};
use crate::host;

/// How often is looked whether the client still lives.
const LOOK_AROUND: Duration = Duration::from_secs(2);

/// Serves a client until it says `exit`, closes the connection or dies. Gives whether it said `shutdown` before.
pub fn serve(connection: Connection, surroundings: Box<dyn Surroundings>) -> bool {
    let Some(client) = greet(&connection) else {
        return false;
    };
    let (orders, received) = unbounded();
    let (sender, of_worker) = (connection.sender.clone(), client.clone());
    let worker = thread::spawn(move || work(&received, &sender, of_worker, &*surroundings));
    let mut server = Server {
        connection,
        client,
        orders,
        documents: OpenDocuments::default(),
        is_shut_down: false,
    };
    server.watch();
    while server.step() {}
    // A worker that is gone needs no end.
    let _ = server.orders.send(WorkerOrder::Stop);
    let _ = worker.join();
    server.is_shut_down
}

/// Waits for `initialize` and answers it.
fn greet(connection: &Connection) -> Option<Client> {
    loop {
        match connection.receiver.recv().ok()? {
            Message::Request(request) if request.method == "initialize" => {
                let client = Client::new(&request.params);
                let response = Response::new_ok(request.id, client.offer());
                connection.sender.send(response.into()).ok()?;
                return Some(client);
            }
            Message::Request(request) => {
                let code = ErrorCode::ServerNotInitialized as i32;
                let why = "the first request is `initialize`".to_owned();
                let response = Response::new_err(request.id, code, why);
                connection.sender.send(response.into()).ok()?;
            }
            Message::Notification(notification) if notification.method == "exit" => return None,
            Message::Notification(_) | Message::Response(_) => {}
        }
    }
}

struct Server {
    connection: Connection,
    client: Client,
    orders: Sender<WorkerOrder>,
    documents: OpenDocuments,
    is_shut_down: bool,
}

impl Server {
    /// Takes the next message; `false` at the end.
    fn step(&mut self) -> bool {
        match self.connection.receiver.recv_timeout(LOOK_AROUND) {
            Ok(Message::Request(request)) => self.request(request),
            Ok(Message::Notification(notification)) if notification.method == "exit" => false,
            Ok(Message::Notification(notification)) => {
                self.notification(notification);
                true
            }
            // What clients say of registrations changes nothing.
            Ok(Message::Response(_)) => true,
            Err(RecvTimeoutError::Timeout) => self.is_wanted(),
            Err(RecvTimeoutError::Disconnected) => false,
        }
    }

    /// Whether the process that started the server lives, as far as that can be seen.
    fn is_wanted(&self) -> bool {
        let is_there = |process: &str| host::is_there(&format!("/proc/{process}"));
        self.client
            .process
            .is_none_or(|process| !is_there("self") || is_there(&process.to_string()))
    }

    fn request(&mut self, request: Request) -> bool {
        if request.method == "shutdown" && !self.is_shut_down {
            self.is_shut_down = true;
            return self.send(Response::new_ok(request.id, Value::Null));
        }
        if self.is_shut_down || request.method == "initialize" {
            let code = ErrorCode::InvalidRequest as i32;
            let why = match self.is_shut_down {
                true => "the server was told to shut down",
                false => "`initialize` comes once",
            };
            return self.send(Response::new_err(request.id, code, why.to_owned()));
        }
        let uri = request.params.pointer("/textDocument/uri");
        let document = uri.and_then(Value::as_str);
        let document = document.and_then(|uri| self.documents.get(uri));
        let question = LspRequest {
            about: document.map(|document| std::sync::Arc::clone(&document.text)),
            request,
        };
        self.orders.send(WorkerOrder::Answer(question)).is_ok()
    }

    fn send(&self, response: Response) -> bool {
        self.connection.sender.send(response.into()).is_ok()
    }

    fn notification(&mut self, notification: Notification) {
        match notification.method.as_str() {
            "textDocument/didOpen" => {
                if let Some(DidOpenTextDocumentParams { text_document }) = read(notification) {
                    let (uri, version) = (&text_document.uri.0, text_document.version);
                    let folder = self.client.folder().to_owned();
                    self.documents
                        .open(uri, version, text_document.text, &folder);
                    self.tell_documents();
                }
            }
            "textDocument/didChange" => {
                let read: Option<DidChangeTextDocumentParams> = read(notification);
                if let Some(DidChangeTextDocumentParams {
                    text_document,
                    content_changes,
                }) = read
                {
                    let version = text_document.version;
                    let uri = text_document.text_document_identifier.uri.0;
                    let encoding = self.client.encoding;
                    self.documents
                        .change(&uri, version, content_changes, encoding);
                    self.tell_documents();
                }
            }
            "textDocument/didClose" => {
                if let Some(DidCloseTextDocumentParams { text_document }) = read(notification) {
                    self.documents.close(&text_document.uri.0);
                    self.tell_documents();
                }
            }
            "textDocument/didSave" => {
                let read: Option<DidSaveTextDocumentParams> = read(notification);
                self.touched(read.into_iter().map(|saved| saved.text_document.uri.0));
            }
            "workspace/didChangeWatchedFiles" => {
                let read: Option<DidChangeWatchedFilesParams> = read(notification);
                let changes = read.into_iter().flat_map(|read| read.changes);
                self.touched(changes.map(|change| change.uri.0));
            }
            "workspace/didChangeWorkspaceFolders" => self.folders(read(notification)),
            "$/cancelRequest" => {
                let id = notification.params.get("id").cloned();
                let id = id.and_then(|id| serde_json::from_value::<RequestId>(id).ok());
                self.tell(id.map(WorkerOrder::Cancel));
            }
            // Others are for servers that know more.
            _ => {}
        }
    }

    fn folders(&mut self, read: Option<DidChangeWorkspaceFoldersParams>) {
        let Some(DidChangeWorkspaceFoldersParams { event }) = read else {
            return;
        };
        let removed = event.removed.iter();
        let removed: Vec<String> = removed.filter_map(|it| uri::path_of(&it.uri.0)).collect();
        let folders = &mut self.client.folders;
        folders.retain(|folder| !removed.contains(folder));
        folders.extend(event.added.iter().filter_map(|it| uri::path_of(&it.uri.0)));
        let folders = folders.clone();
        self.tell(Some(WorkerOrder::Folders(folders)));
    }

    fn touched(&self, uris: impl Iterator<Item = String>) {
        // What git notes for itself is no policy.
        let is_policy = |path: &String| !path.contains("/.git/");
        let paths = uris.filter_map(|uri| uri::path_of(&uri)).filter(is_policy);
        let paths: Vec<String> = paths.collect();
        self.tell((!paths.is_empty()).then_some(WorkerOrder::Touched(paths)));
    }

    fn tell_documents(&self) {
        self.tell(Some(WorkerOrder::Documents(self.documents.clone())));
    }

    fn tell(&self, order: Option<WorkerOrder>) {
        // A worker that is gone is noticed with the next request.
        let _ = order.map(|order| self.orders.send(order));
    }

    /// Asks the client to tell of files that change on the disk.
    fn watch(&self) {
        if !self.client.watches {
            return;
        }
        let watchers = json!([{ "globPattern": "**/*" }]);
        let registration = json!({
            "id": "aalint-files",
            "method": "workspace/didChangeWatchedFiles",
            "registerOptions": { "watchers": watchers },
        });
        let id = RequestId::from("aalint-files".to_owned());
        let params = json!({ "registrations": [registration] });
        let request = Request::new(id, "client/registerCapability".to_owned(), params);
        // A client that is gone is noticed with the next message.
        let _ = self.connection.sender.send(request.into());
    }
}

/// What a notification says; `None` if it cannot be read: nobody waits for an answer.
fn read<T: DeserializeOwned>(notification: Notification) -> Option<T> {
    serde_json::from_value(notification.params).ok()
}
