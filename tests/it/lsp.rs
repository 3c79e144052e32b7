//! The language server, as a client sees it.

use std::fs;
use std::path::Path;
use std::thread::{self, JoinHandle};
use std::time::Duration;

use aalint::cli::Around;
use aalint::lsp::{PositionEncoding, TextLines, connect, serve};
use lsp_server::{Connection, Message, Notification, Request, RequestId};
use serde_json::{Value, json};

use crate::common::{aalint, directory, text};
use crate::random::Random;

/// How long a client waits for a message.
const PATIENCE: Duration = Duration::from_secs(60);

/// An editor.
struct Editor {
    connection: Connection,
    server: JoinHandle<bool>,
    next: i32,
    /// What the server said without being asked.
    heard: Vec<Value>,
    offered: Value,
}

impl Editor {
    /// An editor in a directory, which can what `capabilities` says.
    fn start(folder: &Path, capabilities: &Value) -> Self {
        let (connection, of_server) = Connection::memory();
        let server = thread::spawn(move || serve(of_server, Box::new(Around)));
        let mut editor = Self {
            connection,
            server,
            next: 0,
            heard: Vec::new(),
            offered: Value::Null,
        };
        let folder = json!({ "uri": uri(folder), "name": "here" });
        let params = json!({
            "processId": null,
            "workspaceFolders": [folder],
            "capabilities": capabilities,
        });
        editor.offered = editor.ask("initialize", params).unwrap()["capabilities"].clone();
        editor.tell("initialized", json!({}));
        editor
    }

    fn send(&self, message: Message) {
        self.connection.sender.send(message).unwrap();
    }

    fn tell(&self, method: &str, params: Value) {
        self.send(Notification::new(method.to_owned(), params).into());
    }

    /// Asks without waiting; gives the number of the request.
    fn begin(&mut self, method: &str, params: Value) -> RequestId {
        self.next += 1;
        let id = RequestId::from(self.next);
        self.send(Request::new(id.clone(), method.to_owned(), params).into());
        id
    }

    /// The answer to a request, or the code of its error.
    fn answer(&mut self, wanted: &RequestId) -> Result<Value, i32> {
        loop {
            match self.hear() {
                Message::Response(response) if response.id == *wanted => {
                    return response.response_result.map_err(|error| error.code);
                }
                Message::Response(response) => panic!("{response:?}"),
                Message::Notification(said) => {
                    let said = json!({ "method": said.method, "params": said.params });
                    self.heard.push(said);
                }
                Message::Request(asked) => {
                    self.heard
                        .push(json!({ "method": asked.method, "params": asked.params }));
                }
            }
        }
    }

    fn hear(&self) -> Message {
        self.connection.receiver.recv_timeout(PATIENCE).unwrap()
    }

    fn ask(&mut self, method: &str, params: Value) -> Result<Value, i32> {
        let id = self.begin(method, params);
        self.answer(&id)
    }

    fn open(&self, uri: &str, version: i32, text: &str) {
        let document = json!({
            "uri": uri,
            "languageId": "apparmor",
            "version": version,
            "text": text,
        });
        self.tell("textDocument/didOpen", json!({ "textDocument": document }));
    }

    fn change(&self, uri: &str, version: i32, changes: &Value) {
        let document = json!({ "uri": uri, "version": version });
        let params = json!({ "textDocument": document, "contentChanges": changes });
        self.tell("textDocument/didChange", params);
    }

    /// What a request about a document gives.
    fn about(&mut self, method: &str, uri: &str, more: &Value) -> Result<Value, i32> {
        let mut params = json!({ "textDocument": { "uri": uri } });
        let more = more.as_object().unwrap().clone();
        params.as_object_mut().unwrap().extend(more);
        self.ask(method, params)
    }

    fn pull(&mut self, uri: &str) -> Value {
        self.about("textDocument/diagnostic", uri, &json!({}))
            .unwrap()
    }

    /// The actions for a whole document.
    fn actions(&mut self, uri: &str, only: &[&str]) -> Vec<Value> {
        let range = json!({ "start": at(0, 0), "end": at(99, 0) });
        let context = match only {
            [] => json!({ "diagnostics": [] }),
            only => json!({ "diagnostics": [], "only": only }),
        };
        let more = json!({ "range": range, "context": context });
        let actions = self.about("textDocument/codeAction", uri, &more).unwrap();
        actions.as_array().unwrap().clone()
    }

    /// The next list of diagnostics that the server sends.
    fn published(&mut self) -> Value {
        match self.hear() {
            Message::Notification(said) if said.method == "textDocument/publishDiagnostics" => {
                said.params
            }
            other => panic!("{other:?}"),
        }
    }

    fn stop(mut self) {
        assert_eq!(self.ask("shutdown", Value::Null), Ok(Value::Null));
        self.tell("exit", Value::Null);
        assert!(self.server.join().unwrap());
    }
}

fn at(line: u32, character: u32) -> Value {
    json!({ "line": line, "character": character })
}

fn uri(path: &Path) -> String {
    format!("file://{}", path.to_str().unwrap())
}

/// A client that asks for diagnostics, with positions in this encoding.
fn pulling(encoding: &str) -> Value {
    json!({
        "general": { "positionEncodings": [encoding, "utf-16"] },
        "textDocument": { "diagnostic": {} },
        "workspace": { "workspaceEdit": { "documentChanges": true } },
    })
}

fn names(diagnostics: &Value) -> Vec<&str> {
    let diagnostics = diagnostics.as_array().unwrap().iter();
    diagnostics
        .map(|one| one["code"].as_str().unwrap())
        .collect()
}

/// What `check` says of files, as the server would say it of each.
fn checked(here: &Path, paths: &[&Path], encoding: PositionEncoding) -> Vec<Vec<Value>> {
    let mut arguments = vec!["check", "--format", "json"];
    arguments.extend(paths.iter().map(|path| path.to_str().unwrap()));
    let report: Value = serde_json::from_slice(&aalint(here, &arguments).stdout).unwrap();
    let of_path = |path: &&Path| {
        let text = fs::read_to_string(path).unwrap();
        let lines = TextLines::new(&text, encoding);
        let place = |end: &Value| {
            let offset = end["offset"].as_u64().unwrap();
            json!(lines.position(usize::try_from(offset).unwrap()))
        };
        let findings = report["findings"].as_array().unwrap().iter();
        let here = findings.filter(|one| one["path"] == path.to_str().unwrap());
        let one = |one: &Value| {
            let range = &one["range"];
            let mut message = one["message"].as_str().unwrap().to_owned();
            for help in one["help"].as_array().unwrap() {
                message.push_str(&format!("\nhelp: {}", help.as_str().unwrap()));
            }
            let range = json!({ "start": place(&range["start"]), "end": place(&range["end"]) });
            json!({ "range": range, "code": one["rule"], "message": message })
        };
        here.map(one).collect()
    };
    paths.iter().map(of_path).collect()
}

/// The same parts of what the server says.
fn essence(report: &Value) -> Vec<Value> {
    let items = report["items"].as_array().unwrap().iter();
    let one = |one: &Value| json!({ "range": one["range"], "code": one["code"], "message": one["message"] });
    items.map(one).collect()
}

const CONFIG: (&str, &str) = (
    "aalint.toml",
    "[lint]\nextend-select = [\"redundant-rule\"]\n",
);
const TUNABLES: (&str, &str) = ("tunables/global", "@{bin}=/usr/bin\n@{etc}=/etc\n");
const OWN: (&str, &str) = ("abstractions/own", "  /srv/ä/** r,\n");
const WEB: &str = "abi <abi/4.0>,\r\ninclude <tunables/global>\r\nprofile web @{bin}/web {\r\n  \
                   include <abstractions/own>\r\n  /etc/** rw, # 𝄞 ä\r\n  /etc/a r,\r\n}\r\n";

/// Text that edits put in.
const PIECES: [&str; 12] = [
    "",
    "\n",
    "\r\n",
    " ",
    "}",
    "  /etc/ä rw,\n",
    "ä𝄞",
    "deny /etc/** w,\r\n",
    "capability sys_admin,",
    "include <abstractions/gone>\n",
    "  @{etc}/shadow r,",
    "^hat {\n",
];

#[test]
fn diagnostics_are_those_of_check_after_any_edits() {
    for (name, encoding) in [
        ("utf-8", PositionEncoding::Utf8),
        ("utf-16", PositionEncoding::Utf16),
    ] {
        let here = directory(&[CONFIG, TUNABLES, OWN, ("web", WEB)]);
        let paths = [
            here.path().join("web"),
            here.path().join("abstractions/own"),
        ];
        let paths: Vec<&Path> = paths.iter().map(|path| path.as_path()).collect();
        let mut editor = Editor::start(here.path(), &pulling(name));
        assert_eq!(editor.offered["positionEncoding"], name);
        let mut texts = [WEB.to_owned(), OWN.1.to_owned()];
        for (path, text) in paths.iter().zip(&texts) {
            editor.open(&uri(path), 0, text);
        }
        let mut random = Random::new(7);
        for version in 1..=25 {
            let which = random.below(2);
            let mut changes = Vec::new();
            for _ in 0..=random.below(2) {
                let text = &mut texts[which];
                let places: Vec<usize> = text.char_indices().map(|(at, _)| at).collect();
                let first = random.below(places.len() + 1);
                let last = (first + random.below(12)).min(places.len());
                // A position between `\r` and `\n` is one in front of both.
                let place = |index: usize| {
                    let at = places.get(index).copied().unwrap_or(text.len());
                    match text[..at].ends_with('\r') && text[at..].starts_with('\n') {
                        true => at - 1,
                        false => at,
                    }
                };
                let (start, end) = (place(first), place(last));
                let lines = TextLines::new(text, encoding);
                let range = json!({ "start": lines.position(start), "end": lines.position(end) });
                let piece = PIECES[random.below(PIECES.len())];
                changes.push(json!({ "range": range, "text": piece }));
                text.replace_range(start..end, piece);
            }
            editor.change(&uri(paths[which]), version, &json!(changes));
            fs::write(paths[which], &texts[which]).unwrap();
            let wanted = checked(here.path(), &paths, encoding);
            for ((path, text), wanted) in paths.iter().zip(&texts).zip(wanted) {
                let report = editor.pull(&uri(path));
                assert_eq!(essence(&report), wanted, "{name} {version} {text:?}");
            }
        }
        editor.stop();
    }
}

#[test]
fn a_client_that_asks_is_sent_nothing_and_is_told_what_is_unchanged() {
    let here = directory(&[CONFIG, TUNABLES, OWN, ("web", WEB)]);
    let web = uri(&here.path().join("web"));
    let mut editor = Editor::start(here.path(), &pulling("utf-8"));
    editor.open(&web, 1, WEB);
    let report = editor.pull(&web);
    assert_eq!(report["kind"], "full");
    assert_eq!(
        names(&report["items"]),
        ["missing-loader", "unrestricted-etc", "redundant-rule"]
    );
    let redundant = &report["items"][2];
    assert_eq!(redundant["tags"], json!([1]));
    let related = &redundant["relatedInformation"][0];
    assert_eq!(related["message"], "allowed here");
    assert_eq!(related["location"]["uri"], web.as_str());
    assert_eq!(related["location"]["range"]["start"], at(4, 2));
    let more = json!({ "previousResultId": report["resultId"] });
    let again = editor
        .about("textDocument/diagnostic", &web, &more)
        .unwrap();
    assert_eq!(
        again,
        json!({ "kind": "unchanged", "resultId": report["resultId"] })
    );
    assert!(editor.heard.is_empty(), "{:?}", editor.heard);
    editor.stop();
}

#[test]
fn a_client_that_does_not_ask_is_sent_what_is_new() {
    let here = directory(&[CONFIG, TUNABLES, OWN, ("web", WEB)]);
    let web = uri(&here.path().join("web"));
    let own = uri(&here.path().join("abstractions/own"));
    let mut editor = Editor::start(here.path(), &json!({}));
    assert_eq!(editor.offered["diagnosticProvider"], Value::Null);
    assert_eq!(editor.offered["positionEncoding"], "utf-16");
    editor.open(&web, 1, WEB);
    let sent = editor.published();
    assert_eq!((&sent["uri"], &sent["version"]), (&json!(web), &json!(1)));
    assert_eq!(
        names(&sent["diagnostics"]),
        ["missing-loader", "unrestricted-etc", "redundant-rule"]
    );
    // The profile includes the abstraction: an edit there is felt here.
    editor.open(
        &own,
        1,
        "  deny /etc/shadow w,\n  deny /etc/gshadow w,\n  /etc/x zz,\n",
    );
    let mut sent = [editor.published(), editor.published()];
    sent.sort_by_key(|sent| sent["uri"] == web.as_str());
    assert_eq!(names(&sent[0]["diagnostics"]), ["unknown-token"]);
    let message = &sent[1]["diagnostics"][0]["message"];
    assert!(
        message.as_str().unwrap().contains("`/etc/sudoers`"),
        "{sent:?}"
    );
    editor.tell(
        "textDocument/didClose",
        json!({ "textDocument": { "uri": own } }),
    );
    let mut sent = [editor.published(), editor.published()];
    sent.sort_by_key(|sent| sent["uri"] == web.as_str());
    assert_eq!(sent[0]["diagnostics"], json!([]));
    assert_eq!(
        names(&sent[1]["diagnostics"]),
        ["missing-loader", "unrestricted-etc", "redundant-rule"]
    );
    editor.stop();
}

#[test]
fn documents_without_a_file_are_checked() {
    let here = directory(&[CONFIG, TUNABLES, OWN]);
    let mut editor = Editor::start(here.path(), &pulling("utf-8"));
    editor.open("untitled:Untitled-1", 1, WEB);
    let report = editor.pull("untitled:Untitled-1");
    assert!(
        names(&report["items"]).contains(&"redundant-rule"),
        "{report}"
    );
    let file = uri(&here.path().join("not/saved/web"));
    editor.open(&file, 1, "profile web {\n  file,\n");
    assert!(names(&editor.pull(&file)["items"]).contains(&"syntax-error"));
    editor.stop();
}

#[test]
fn the_whole_workspace_is_told_without_what_is_open() {
    let here = directory(&[
        CONFIG,
        TUNABLES,
        OWN,
        ("web", WEB),
        ("b", "profile b {\n  /a zz,\n}\n"),
    ]);
    let (web, b) = (uri(&here.path().join("web")), uri(&here.path().join("b")));
    let mut editor = Editor::start(here.path(), &pulling("utf-8"));
    editor.open(&web, 1, WEB);
    let none = json!({ "previousResultIds": [] });
    let report = editor.ask("workspace/diagnostic", none).unwrap();
    let items = report["items"].as_array().unwrap();
    let uris: Vec<&str> = items
        .iter()
        .map(|item| item["uri"].as_str().unwrap())
        .collect();
    assert_eq!(uris, [b.as_str()]);
    assert!(names(&items[0]["items"]).contains(&"unknown-token"));
    // A second question waits until something may be new.
    let known = json!([{ "uri": b, "value": items[0]["resultId"] }]);
    let waiting = editor.begin(
        "workspace/diagnostic",
        json!({ "previousResultIds": known }),
    );
    fs::write(
        here.path().join("b"),
        "abi <abi/4.0>,\nprofile b {\n  /a r,\n}\n",
    )
    .unwrap();
    let changes = json!({ "changes": [{ "uri": b, "type": 2 }] });
    editor.tell("workspace/didChangeWatchedFiles", changes);
    let report = editor.answer(&waiting).unwrap();
    assert_eq!(report["items"][0]["uri"], b.as_str());
    assert!(!names(&report["items"][0]["items"]).contains(&"unknown-token"));
    editor.stop();
}

/// The text after an action's edit.
fn edited(text: &str, edit: &Value, encoding: PositionEncoding) -> String {
    let mut edits = edit["documentChanges"][0]["edits"]
        .as_array()
        .unwrap()
        .clone();
    edits.reverse();
    let mut text = text.to_owned();
    for edit in edits {
        let range = serde_json::from_value(edit["range"].clone()).unwrap();
        let range = TextLines::new(&text, encoding).bytes(&range);
        let new = edit["newText"].as_str().unwrap();
        text.replace_range(range.start as usize..range.end as usize, new);
    }
    text
}

#[test]
fn findings_offer_their_edits_and_comments_that_silence_them() {
    let here = directory(&[CONFIG, TUNABLES, OWN, ("web", WEB)]);
    let web = uri(&here.path().join("web"));
    let mut editor = Editor::start(here.path(), &pulling("utf-8"));
    editor.open(&web, 3, WEB);
    let actions = editor.actions(&web, &[]);
    let titles: Vec<&str> = actions
        .iter()
        .map(|one| one["title"].as_str().unwrap())
        .collect();
    assert_eq!(
        titles,
        [
            "Remove the rule",
            "Ignore `missing-loader` here",
            "Ignore `unrestricted-etc` here",
            "Ignore `redundant-rule` here",
            "Make all safe edits",
        ]
    );
    assert_eq!(actions[0]["isPreferred"], true);
    assert_eq!(actions[2]["isPreferred"], false);
    let document = &actions[0]["edit"]["documentChanges"][0]["textDocument"];
    assert_eq!(*document, json!({ "uri": web, "version": 3 }));
    let fixed = WEB.replace("  /etc/a r,\r\n", "");
    for action in [&actions[0], &actions[4]] {
        assert_eq!(edited(WEB, &action["edit"], PositionEncoding::Utf8), fixed);
    }
    let silent = edited(WEB, &actions[2]["edit"], PositionEncoding::Utf8);
    let comment = "  # aalint: ignore(unrestricted-etc)\r\n  /etc/**";
    assert_eq!(silent, WEB.replace("  /etc/**", comment));
    editor.change(&web, 4, &json!([{ "text": silent }]));
    assert_eq!(
        names(&editor.pull(&web)["items"]),
        ["missing-loader", "redundant-rule"]
    );
    assert_eq!(editor.actions(&web, &["source.fixAll"]).len(), 1);
    assert_eq!(editor.actions(&web, &["refactor"]).len(), 0);
    editor.stop();
}

#[test]
fn edits_are_resolved_where_the_client_can() {
    let here = directory(&[CONFIG, TUNABLES, OWN, ("web", WEB)]);
    let web = uri(&here.path().join("web"));
    let mut can = pulling("utf-8");
    can["textDocument"]["codeAction"] = json!({ "resolveSupport": { "properties": ["edit"] } });
    let mut editor = Editor::start(here.path(), &can);
    editor.open(&web, 3, WEB);
    let actions = editor.actions(&web, &["source.fixAll.aalint"]);
    assert_eq!(actions[0]["edit"], Value::Null);
    let action = editor
        .ask("codeAction/resolve", actions[0].clone())
        .unwrap();
    let fixed = edited(WEB, &action["edit"], PositionEncoding::Utf8);
    assert_eq!(fixed, WEB.replace("  /etc/a r,\r\n", ""));
    // The action is for a text that is gone.
    editor.change(&web, 4, &json!([{ "text": "" }]));
    let late = editor.ask("codeAction/resolve", actions[0].clone());
    assert_eq!(late, Err(-32801));
    editor.stop();
}

#[test]
fn documents_are_laid_out_as_fmt_does() {
    let ragged = "profile a {\r\n/ä r,\r\n\t/b r,\r\n/c r,\r\n}\r\n";
    let here = directory(&[("aalint.toml", "[format]\nindent = 3\n"), ("a", ragged)]);
    let a = uri(&here.path().join("a"));
    let mut editor = Editor::start(here.path(), &pulling("utf-16"));
    editor.open(&a, 1, ragged);
    let options = json!({ "options": { "tabSize": 8, "insertSpaces": false } });
    let edits = editor
        .about("textDocument/formatting", &a, &options)
        .unwrap();
    let edit = json!({ "documentChanges": [{ "edits": edits }] });
    let formatted = edited(ragged, &edit, PositionEncoding::Utf16);
    assert_eq!(
        formatted,
        "profile a {\r\n   /ä r,\r\n   /b r,\r\n   /c r,\r\n}\r\n"
    );
    let mut of_range = options;
    of_range["range"] = json!({ "start": at(2, 0), "end": at(3, 0) });
    let edits = editor
        .about("textDocument/rangeFormatting", &a, &of_range)
        .unwrap();
    let edit = json!({ "documentChanges": [{ "edits": edits }] });
    let formatted = edited(ragged, &edit, PositionEncoding::Utf16);
    assert_eq!(formatted, ragged.replace("\t/b", "   /b"));
    editor.stop();
}

#[test]
fn outdated_and_cancelled_questions_are_answered() {
    let here = directory(&[CONFIG, TUNABLES, OWN, ("web", WEB)]);
    let web = uri(&here.path().join("web"));
    let mut editor = Editor::start(here.path(), &pulling("utf-8"));
    editor.open(&web, 1, WEB);
    editor
        .ask("workspace/diagnostic", json!({ "previousResultIds": [] }))
        .unwrap();
    let held = editor.begin("workspace/diagnostic", json!({ "previousResultIds": [] }));
    editor.tell("$/cancelRequest", json!({ "id": held }));
    assert_eq!(editor.answer(&held), Err(-32800));
    // What is not there cannot be cancelled.
    editor.tell("$/cancelRequest", json!({ "id": 4711 }));
    editor.tell("$/cancelRequest", json!({}));
    assert_eq!(editor.ask("textDocument/nothing", json!([])), Err(-32601));
    assert_eq!(
        editor.ask("textDocument/codeAction", json!({})),
        Err(-32602)
    );
    // Changes and notifications that nobody can read do no harm.
    editor.change("file:///not/open", 1, &json!([{ "text": "" }]));
    editor.tell("textDocument/didChange", json!(["?"]));
    editor.tell("textDocument/didOpen", Value::Null);
    let beyond = json!({ "start": at(500, 5), "end": at(0, 0) });
    editor.change(&web, 2, &json!([{ "range": beyond, "text": "}" }]));
    assert!(names(&editor.pull(&web)["items"]).contains(&"syntax-error"));
    editor.stop();
}

#[test]
fn what_is_no_message_is_answered_and_the_next_one_is_read() {
    let message = |text: &str| format!("Content-Length: {}\r\n\r\n{text}", text.len());
    let input = [
        message("{"),
        message("[1]"),
        "Content-Type: x\r\n\r\n".to_owned(),
        message(r#"{"jsonrpc":"2.0","id":1,"method":"hello"}"#),
    ];
    let (reader, writer) = std::io::pipe().unwrap();
    let (connection, wire) = connect(std::io::Cursor::new(input.concat()), writer);
    assert!(!serve(connection, Box::new(Around)));
    wire.finish();
    let mut said = String::new();
    std::io::Read::read_to_string(&mut { reader }, &mut said).unwrap();
    let codes: Vec<&str> = said
        .split(r#""code":"#)
        .skip(1)
        .map(|it| &it[..6])
        .collect();
    assert_eq!(codes, ["-32700", "-32600", "-32700", "-32002"], "{said}");
}

#[test]
fn the_server_ends_with_its_client() {
    let here = directory(&[]);
    let editor = Editor::start(here.path(), &json!({}));
    drop(editor.connection);
    assert!(!editor.server.join().unwrap());
    // The process that started it is gone.
    let (connection, of_server) = Connection::memory();
    let server = thread::spawn(move || serve(of_server, Box::new(Around)));
    let params = json!({ "processId": i32::MAX, "capabilities": {} });
    let request = Request::new(RequestId::from(1), "initialize".to_owned(), params);
    connection.sender.send(request.into()).unwrap();
    assert!(!server.join().unwrap());
    let help = text(&aalint(here.path(), &["lsp", "--help"]).stdout);
    assert!(help.starts_with("Serve an editor"), "{help}");
}

/// A profile in which something can be asked about each place.
const ASKED: &str = "abi <abi/4.0>,\ninclude <tunables/global>\n@{dir}=/srv/a /srv/b\n\n# one\n# two\nprofile web @{bin}/web {\n  \
                     include <abstractions/own>\n  @{dir}/** rw,\n  deny /srv/a/secret w,\n  /srv/a/x r,\n  \
                     @{bin}/helper Px -> helper,\n  capability sys_admin,\n  ^hat {\n    @{dir}/hat r,\n  }\n}\n\n\
                     profile helper {\n  \n}\n";

/// An editor with that profile open in a directory with what it includes, and the URI of the profile.
fn asked() -> (tempfile::TempDir, Editor, String) {
    let here = directory(&[CONFIG, TUNABLES, OWN, ("web", ASKED)]);
    let web = uri(&here.path().join("web"));
    let editor = Editor::start(here.path(), &pulling("utf-8"));
    editor.open(&web, 1, ASKED);
    (here, editor, web)
}

/// The position of a text in the profile.
fn position(text: &str) -> Value {
    let lines = TextLines::new(ASKED, PositionEncoding::Utf8);
    json!({ "position": lines.position(ASKED.find(text).unwrap() + 1) })
}

/// What a request about the position of a text gives.
fn there(editor: &mut Editor, web: &str, method: &str, text: &str) -> Value {
    editor
        .about(&format!("textDocument/{method}"), web, &position(text))
        .unwrap()
}

/// The lines, from 0, at which ranges begin.
fn lines_of(ranges: &Value) -> Vec<u64> {
    let ranges = ranges.as_array().unwrap().iter();
    ranges
        .map(|one| one["range"]["start"]["line"].as_u64().unwrap())
        .collect()
}

#[test]
fn a_hover_says_what_is_decided() {
    let (here, mut editor, web) = asked();
    let path = here.path().join("web");
    let path = path.to_str().unwrap();
    let mut hover = |text: &str| {
        let found = there(&mut editor, &web, "hover", text);
        found["contents"]["value"]
            .as_str()
            .unwrap_or_default()
            .to_owned()
    };
    let decided = hover("@{dir}/**").replace(path, "web");
    assert_eq!(decided, "`@{dir}` is one of\n\n- `/srv/a`\n- `/srv/b`");
    let decided = hover("rw,").replace(path, "web");
    assert!(
        decided.starts_with("read, write\n\nWhat `web` decides:\n\n- allowed: `/srv/"),
        "{decided}"
    );
    let denied = "- denied: `/srv/a/secret w`, by `deny /srv/a/secret w` (web:10:3); \
                  overrides `@{dir}/** rw` (web:9:3): deny always wins; order does not matter";
    assert!(decided.contains(denied), "{decided}");
    let nothing = hover("x r,");
    let adds = "`/srv/a/x r` adds nothing: all of it is allowed without this rule";
    assert!(nothing.ends_with(adds), "{nothing}");
    let danger = hover("sys_admin");
    assert!(
        danger.starts_with("`sys_admin` lets the process "),
        "{danger}"
    );
    assert!(danger.contains("\n\ndanger: 10 of 10"), "{danger}");
    assert!(
        hover("Px ->")
            .starts_with("execute under the profile of the program, with the environment scrubbed")
    );
    assert!(hover("include <abs").ends_with("/abstractions/own`"));
    assert_eq!(hover("# one"), "");
    editor.stop();
}

#[test]
fn names_lead_to_what_they_name() {
    let (here, mut editor, web) = asked();
    let mut go = |method: &str, text: &str| there(&mut editor, &web, method, text);
    assert_eq!(lines_of(&go("definition", "@{dir}/**")), [2]);
    assert_eq!(lines_of(&go("definition", "helper,")), [18]);
    let included = go("definition", "include <abs");
    assert_eq!(
        included[0]["uri"],
        uri(&here.path().join("abstractions/own"))
    );
    let of_bin = go("definition", "@{bin}/web");
    assert_eq!(of_bin[0]["uri"], uri(&here.path().join("tunables/global")));
    assert_eq!(go("definition", "# one"), json!([]));
    assert_eq!(lines_of(&go("documentHighlight", "@{dir}/**")), [2, 8, 14]);
    let mut more = position("@{dir}/**");
    more["context"] = json!({ "includeDeclaration": false });
    let references = editor
        .about("textDocument/references", &web, &more)
        .unwrap();
    assert_eq!(lines_of(&references), [8, 14]);
    editor.stop();
}

#[test]
fn the_outline_is_that_of_the_policy() {
    let (_here, mut editor, web) = asked();
    let mut about = |method: &str| {
        editor
            .about(&format!("textDocument/{method}"), &web, &json!({}))
            .unwrap()
    };
    let symbols = about("documentSymbol");
    let names = |symbols: &Value| -> Vec<String> {
        let symbols = symbols.as_array().unwrap().iter();
        symbols
            .map(|it| it["name"].as_str().unwrap().to_owned())
            .collect()
    };
    assert_eq!(names(&symbols), ["@{dir}", "web", "helper"]);
    assert_eq!(names(&symbols[1]["children"]), ["hat"]);
    let folds = about("foldingRange");
    let mut folds: Vec<(u64, u64)> = folds
        .as_array()
        .unwrap()
        .iter()
        .map(|it| {
            (
                it["startLine"].as_u64().unwrap(),
                it["endLine"].as_u64().unwrap(),
            )
        })
        .collect();
    folds.sort_unstable();
    assert_eq!(folds, [(4, 5), (6, 15), (13, 14), (18, 19)]);
    assert_eq!(lines_of(&about("documentLink")), [1, 7]);
    let profiles = editor
        .ask("workspace/symbol", json!({ "query": "HE" }))
        .unwrap();
    assert_eq!(names(&profiles), ["helper"]);
    let positions = json!({ "positions": [position("x r,")["position"]] });
    let selection = editor
        .about("textDocument/selectionRange", &web, &positions)
        .unwrap();
    let around = &selection[0]["parent"];
    assert_eq!(
        around["range"],
        json!({ "start": at(10, 2), "end": at(10, 13) })
    );
    assert_eq!(around["parent"]["range"]["start"], at(6, 0));
    editor.stop();
}

#[test]
fn words_are_completed_by_place() {
    let (_here, mut editor, web) = asked();
    let mut version = 1;
    let mut labels = |typed: &str| -> Vec<String> {
        version += 1;
        let text = ASKED.replace("  \n}", &format!("  {typed}\n}}"));
        editor.change(&web, version, &json!([{ "text": text }]));
        let place = json!({ "position": at(19, 2 + u32::try_from(typed.len()).unwrap()) });
        let items = editor
            .about("textDocument/completion", &web, &place)
            .unwrap();
        let items = items.as_array().unwrap().iter();
        items
            .map(|it| it["label"].as_str().unwrap().to_owned())
            .collect()
    };
    let has = |labels: Vec<String>, name: &str| labels.iter().any(|label| label == name);
    assert!(has(labels(""), "capability"));
    assert!(has(labels("deny net"), "network"));
    assert!(!has(labels(""), "abi"));
    assert!(has(labels("capability sys_"), "sys_admin"));
    assert!(has(labels("audit deny capability "), "chown"));
    assert!(has(labels("network "), "netlink"));
    assert!(has(labels("signal (send) set=("), "term"));
    assert!(has(labels("signal ("), "receive"));
    assert!(has(labels("/a r, # aalint: ignore("), "redundant-rule"));
    assert_eq!(labels("/a r, # a comment "), [""; 0]);
    assert_eq!(labels("include <abstractions/"), ["own"]);
    assert_eq!(labels("/bin/a Px -> "), ["helper", "web"]);
    let variables = labels("@{b");
    assert!(has(variables, "@{bin}"));
    editor.stop();
}

#[test]
fn hints_tell_what_rules_come_to() {
    let (_here, mut editor, web) = asked();
    let range = json!({ "range": { "start": at(0, 0), "end": at(99, 0) } });
    let hints = editor
        .about("textDocument/inlayHint", &web, &range)
        .unwrap();
    let hints = hints.as_array().unwrap().iter();
    let hints: Vec<(&str, &Value)> = hints
        .map(|it| (it["label"].as_str().unwrap(), &it["position"]))
        .collect();
    let expected = [
        ("partly overridden by line 10", &at(8, 15)),
        ("adds nothing", &at(10, 13)),
    ];
    assert_eq!(hints, expected);
    editor.stop();
}

#[test]
fn variables_are_renamed_everywhere_or_not_at_all() {
    let other = "abi <abi/4.0>,\ninclude <tunables/global>\nprofile b @{bin}/b {\n  # @{bin} stays\n  @{bin}/b r,\n}\n";
    let elsewhere = directory(&[("c", "  @{bin}/c r,\n")]);
    let here = directory(&[CONFIG, TUNABLES, OWN, ("web", ASKED), ("b", other)]);
    let web = uri(&here.path().join("web"));
    let mut editor = Editor::start(here.path(), &pulling("utf-8"));
    editor.open(&web, 4, ASKED);
    let place = position("@{bin}/web");
    let prepared = editor
        .about("textDocument/prepareRename", &web, &place)
        .unwrap();
    let range = json!({ "start": at(6, 14), "end": at(6, 17) });
    assert_eq!(prepared, json!({ "range": range, "placeholder": "bin" }));
    let rename = |editor: &mut Editor, name: &str| {
        let mut more = place.clone();
        more["newName"] = json!(name);
        editor.about("textDocument/rename", &web, &more)
    };
    assert_eq!(rename(&mut editor, "a b"), Err(-32803));
    assert_eq!(rename(&mut editor, "etc"), Err(-32803));
    let edit = rename(&mut editor, "@{programs}").unwrap();
    let changes = edit["documentChanges"].as_array().unwrap().iter();
    let mut counts: Vec<(String, usize)> = changes
        .map(|change| {
            let uri = change["textDocument"]["uri"].as_str().unwrap();
            let name = uri.rsplit('/').next().unwrap().to_owned();
            (name, change["edits"].as_array().unwrap().len())
        })
        .collect();
    counts.sort();
    let counts: Vec<(&str, usize)> = counts.iter().map(|(name, n)| (name.as_str(), *n)).collect();
    assert_eq!(counts, [("b", 2), ("global", 1), ("web", 2)]);
    // What is neither open nor in the workspace is not edited.
    let outside = elsewhere.path().join("c").to_str().unwrap().to_owned();
    fs::write(
        here.path().join("b"),
        format!("abi <abi/4.0>,\nprofile b {{\n  include \"{outside}\"\n}}\n"),
    )
    .unwrap();
    assert_eq!(rename(&mut editor, "programs"), Err(-32803));
    editor.stop();
}

/// Requests that the server knows.
const METHODS: [&str; 17] = [
    "codeAction",
    "completion",
    "definition",
    "diagnostic",
    "documentHighlight",
    "documentLink",
    "documentSymbol",
    "foldingRange",
    "formatting",
    "hover",
    "inlayHint",
    "prepareRename",
    "rangeFormatting",
    "references",
    "rename",
    "selectionRange",
    "nothing",
];

#[test]
fn every_question_has_one_answer_whatever_the_text_is() {
    let here = directory(&[CONFIG, TUNABLES, OWN, ("web", ASKED)]);
    let web = uri(&here.path().join("web"));
    for encoding in ["utf-8", "utf-16"] {
        let mut random = Random::new(11);
        let mut editor = Editor::start(here.path(), &pulling(encoding));
        editor.open(&web, 0, ASKED);
        for version in 1..=80 {
            let mut place = || at(random.below(22) as u32, random.below(40) as u32);
            let range = json!({ "start": place(), "end": place() });
            let position = place();
            let (whole, piece) = (random.percent(8), PIECES[random.below(PIECES.len())]);
            let change = match whole {
                true => json!([{ "text": ASKED }]),
                false => json!([{ "range": range, "text": piece }]),
            };
            editor.change(&web, version, &change);
            // Several at once, of which some may be outdated by the next edit.
            let mut open = Vec::new();
            for _ in 0..3 {
                let method = METHODS[random.below(METHODS.len())];
                let mut params = json!({
                    "textDocument": { "uri": web },
                    "position": position,
                    "positions": [position],
                    "range": range,
                    "context": { "diagnostics": [], "includeDeclaration": true },
                    "options": { "tabSize": 4, "insertSpaces": true },
                    "newName": "other",
                });
                if random.percent(10) {
                    params = json!([params]);
                }
                open.push((
                    method,
                    editor.begin(&format!("textDocument/{method}"), params),
                ));
                if random.percent(10) {
                    editor.tell("$/cancelRequest", json!({ "id": open[0].1 }));
                }
            }
            for (method, id) in open {
                let answer = editor.answer(&id);
                let known = [-32601, -32602, -32800, -32801, -32803];
                let is_known =
                    |code: &i32| known.contains(code) && (*code != -32601 || method == "nothing");
                assert!(
                    answer.as_ref().err().is_none_or(is_known),
                    "{method}: {answer:?}"
                );
            }
        }
        editor.stop();
    }
}
