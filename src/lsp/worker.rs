//! The thread that computes. It owns the policy, takes the newest texts, and answers one question after the other.

use std::collections::VecDeque;
use std::sync::Arc;

use crossbeam_channel::{Receiver, Sender};
use lsp_server::{ErrorCode, Message, Notification, Request, RequestId, Response};
use serde_json::{Value, json};

use super::client::Client;
use super::documents::OpenDocuments;
use super::editor_files::EditorFiles;
use super::publish::{Told, of_workspace};
use super::refusal::{NoAnswer, params, told};
use super::surroundings::Surroundings;
use super::tree::PolicyTrees;
use super::{actions, formatting, questions};

/// What the loop hands to the worker.
#[derive(Debug)]
pub(super) enum WorkerOrder {
    /// The open documents as they are now.
    Documents(OpenDocuments),
    /// The directories of the workspace as they are now.
    Folders(Vec<String>),
    /// Files at these paths were changed, added or removed.
    Touched(Vec<String>),
    Answer(LspRequest),
    Cancel(RequestId),
    Stop,
}

/// A request of the client.
#[derive(Debug)]
pub(super) struct LspRequest {
    pub(super) request: Request,
    /// The text of the document that it is about, as it was when it was asked.
    pub(super) about: Option<Arc<String>>,
}

/// Takes orders until it is told to stop.
pub(super) fn work(
    orders: &Receiver<WorkerOrder>,
    sender: &Sender<Message>,
    client: Client,
    surroundings: &dyn Surroundings,
) {
    let overlay = EditorFiles::default();
    let trees = PolicyTrees::new(&overlay, surroundings, client.folders.clone());
    let mut worker = LspWorker {
        sender,
        client,
        trees,
        questions: VecDeque::new(),
        held: VecDeque::new(),
        told: Told::default(),
        is_news: false,
        refreshes: 0,
        is_workspace_news: true,
        complaint: None,
    };
    loop {
        // All that is known already is taken up before anything is computed.
        while let Ok(order) = orders.try_recv() {
            if !worker.take(order) {
                return;
            }
        }
        if worker.advance() {
            continue;
        }
        let order = orders.recv();
        if !order.is_ok_and(|order| worker.take(order)) {
            return;
        }
    }
}

struct LspWorker<'w> {
    sender: &'w Sender<Message>,
    client: Client,
    trees: PolicyTrees<'w>,
    questions: VecDeque<LspRequest>,
    /// Questions about the whole workspace, which wait until something may be new.
    held: VecDeque<LspRequest>,
    told: Told,
    is_news: bool,
    /// How often the client was told to ask again.
    refreshes: u64,
    is_workspace_news: bool,
    /// What the client was last told in words.
    complaint: Option<String>,
}

impl LspWorker<'_> {
    /// Takes an order up; `false` if it is the last one.
    fn take(&mut self, order: WorkerOrder) -> bool {
        match order {
            WorkerOrder::Documents(documents) => {
                self.trees.documents_are(documents);
                self.is_news = true;
            }
            WorkerOrder::Folders(folders) => {
                self.trees.folders_are(folders);
                (self.is_news, self.is_workspace_news) = (true, true);
            }
            WorkerOrder::Touched(paths) => {
                self.trees.touched(&paths);
                (self.is_news, self.is_workspace_news) = (true, true);
                if self.client.pulls && self.client.refreshes {
                    self.refreshes += 1;
                    let id = RequestId::from(format!("aalint-refresh-{}", self.refreshes));
                    let method = "workspace/diagnostic/refresh".to_owned();
                    self.send(Request::new(id, method, Value::Null).into());
                }
            }
            WorkerOrder::Answer(question) if question.request.method == "workspace/diagnostic" => {
                self.held.push_back(question);
            }
            WorkerOrder::Answer(question) => self.questions.push_back(question),
            WorkerOrder::Cancel(id) => self.cancel(&id),
            WorkerOrder::Stop => return false,
        }
        true
    }

    /// Does one thing that is to be done; `false` if there is nothing.
    fn advance(&mut self) -> bool {
        if let Some(question) = self.questions.pop_front() {
            self.answer(question);
        } else if self.is_news {
            self.is_news = false;
            if !self.client.pulls {
                for params in self.told.news(&mut self.trees, &self.client) {
                    self.notify("textDocument/publishDiagnostics", params);
                }
            }
            self.complain();
        } else if self.is_workspace_news
            && let Some(question) = self.held.pop_front()
        {
            self.is_workspace_news = false;
            self.answer(question);
        } else {
            return false;
        }
        true
    }

    fn cancel(&mut self, id: &RequestId) {
        let waiting = self.questions.len() + self.held.len();
        self.questions.retain(|one| one.request.id != *id);
        self.held.retain(|one| one.request.id != *id);
        // What has been answered already is not answered again.
        if self.questions.len() + self.held.len() < waiting {
            let code = ErrorCode::RequestCanceled as i32;
            let response = Response::new_err(id.clone(), code, "cancelled".to_owned());
            self.send(response.into());
        }
    }

    fn answer(&mut self, question: LspRequest) {
        let id = question.request.id.clone();
        let response = match self.answered(question) {
            Ok(result) => Response::new_ok(id, result),
            Err(refusal) => Response::new_err(id, refusal.code as i32, refusal.why),
        };
        self.send(response.into());
    }

    fn answered(&mut self, question: LspRequest) -> Result<Value, NoAnswer> {
        let LspRequest { request, about } = question;
        let uri = request.params.pointer("/textDocument/uri");
        let uri = uri.and_then(Value::as_str).unwrap_or_default().to_owned();
        // Diagnostics are those of the newest text, whenever they were asked for.
        let is_about_places = request.method != "textDocument/diagnostic";
        let now = self.trees.documents().get(&uri);
        if let Some(about) = about.filter(|_| is_about_places)
            && !now.is_some_and(|now| Arc::ptr_eq(&now.text, &about))
        {
            return Err(NoAnswer::modified());
        }
        let (trees, client) = (&mut self.trees, &self.client);
        match request.method.as_str() {
            "textDocument/diagnostic" => {
                let params = params(request)?;
                told(self.told.of_document(&params, trees, client))
            }
            "workspace/diagnostic" => {
                let params = params(request)?;
                of_workspace(&params, trees, client).map_err(NoAnswer::failed)
            }
            "textDocument/codeAction" => told(actions::offered(&params(request)?, trees, client)),
            "codeAction/resolve" => actions::resolved(request.params, trees, client),
            "textDocument/formatting" => formatting::whole(&uri, trees, client),
            "textDocument/rangeFormatting" => formatting::range(&params(request)?, trees, client),
            method => {
                let params = &request.params;
                let answer = questions::answered(method, &uri, params, trees, client);
                answer.unwrap_or_else(|| {
                    Err(NoAnswer {
                        code: ErrorCode::MethodNotFound,
                        why: format!("the server does not know `{method}`"),
                    })
                })
            }
        }
    }

    /// Tells once why documents are not checked.
    fn complain(&mut self) {
        let mut failures = Vec::new();
        for key in self.trees.keys() {
            failures.extend(self.trees.at(&key).and_then(|tree| tree.failure.clone()));
        }
        let complaint = failures.into_iter().next();
        if let Some(why) = &complaint
            && self.complaint != complaint
        {
            let message = format!("aalint: {why}");
            self.notify(
                "window/showMessage",
                json!({ "type": 1, "message": message }),
            );
        }
        self.complaint = complaint;
    }

    fn notify(&self, method: &str, params: Value) {
        self.send(Notification::new(method.to_owned(), params).into());
    }

    fn send(&self, message: Message) {
        // The loop notices a client that is gone.
        let _ = self.sender.send(message);
    }
}
