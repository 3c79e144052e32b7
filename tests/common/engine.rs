//! An engine for tests: it gives the answers of the test, and records the requests. The tests inside of `verify` share it.

use std::io::{self, Read, Write};
use std::net::Shutdown;
use std::os::unix::net::{UnixListener, UnixStream};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use tempfile::TempDir;

/// What the engine does with a request.
pub enum Reply {
    /// It gives a status and a JSON document.
    Json(u16, String),
    /// It sends these bytes, and ends the answer as it should.
    Stream(Vec<u8>),
    /// The same, in pieces of few bytes.
    Crumbs(Vec<u8>),
    /// It sends these bytes, and closes the connection in the middle of the answer.
    Cut(Vec<u8>),
    /// It sends these bytes, and then nothing more.
    Stalls(Vec<u8>),
    /// It sends the first bytes, and then the second ones again and again, until nobody reads them.
    Endless(Vec<u8>, Vec<u8>),
    /// It says nothing.
    Silent,
    /// It sends bytes that are no HTTP.
    Garbage(Vec<u8>),
}

impl From<(u16, String)> for Reply {
    fn from((status, body): (u16, String)) -> Self {
        Self::Json(status, body)
    }
}

/// The engine. It listens as long as the test runs.
pub struct Fake {
    directory: TempDir,
    asked: Arc<Mutex<Vec<String>>>,
}

impl Fake {
    /// Starts one; `answer` gives what it does with `METHOD PATH`.
    pub fn start<R: Into<Reply>>(answer: impl Fn(&str) -> R + Send + 'static) -> Self {
        let directory = tempfile::tempdir().unwrap();
        let listener = UnixListener::bind(directory.path().join("engine.sock")).unwrap();
        let asked: Arc<Mutex<Vec<String>>> = Arc::default();
        let kept = Arc::clone(&asked);
        std::thread::spawn(move || {
            for mut stream in listener.incoming().flatten() {
                let Some(line) = request(&mut stream) else {
                    continue;
                };
                // Before the answer: who has it may look.
                kept.lock().unwrap().push(line.clone());
                let reply = answer(line.split('?').next().unwrap_or_default()).into();
                std::thread::spawn(move || serve(stream, reply));
            }
        });
        Self { directory, asked }
    }

    /// Where it listens.
    pub fn address(&self) -> String {
        format!(
            "unix://{}",
            self.directory.path().join("engine.sock").display()
        )
    }

    /// The requests so far, `METHOD PATH?QUERY`.
    pub fn asked(&self) -> Vec<String> {
        self.asked.lock().unwrap().clone()
    }
}

/// The first line of a request, without the version of HTTP; `None` of a connection without one.
fn request(stream: &mut UnixStream) -> Option<String> {
    let mut head = [0; 4096];
    let length = stream.read(&mut head).unwrap_or_default();
    let head = String::from_utf8_lossy(head.get(..length)?).into_owned();
    let line = head.lines().next()?;
    Some(line.trim_end_matches(" HTTP/1.1").to_owned())
}

fn serve(mut stream: UnixStream, reply: Reply) {
    // What it cannot send, nobody reads any more.
    let _ = send(&mut stream, reply);
    // What was not read yet would make the other side lose the answer.
    let _ = stream.shutdown(Shutdown::Write);
    let _ = stream.set_read_timeout(Some(Duration::from_secs(2)));
    let _ = io::copy(&mut stream, &mut io::sink());
}

fn send(stream: &mut UnixStream, reply: Reply) -> io::Result<()> {
    match reply {
        Reply::Json(status, body) => {
            let length = body.len();
            write!(
                stream,
                "HTTP/1.1 {status} X\r\nContent-Type: application/json\r\nContent-Length: {length}\r\nConnection: close\r\n\r\n{body}"
            )
        }
        Reply::Stream(bytes) => {
            begin(stream)?;
            chunk(stream, &bytes)?;
            stream.write_all(b"0\r\n\r\n")
        }
        Reply::Crumbs(bytes) => {
            begin(stream)?;
            for part in bytes.chunks(3) {
                chunk(stream, part)?;
            }
            stream.write_all(b"0\r\n\r\n")
        }
        Reply::Cut(bytes) => {
            begin(stream)?;
            chunk(stream, &bytes)
        }
        Reply::Stalls(bytes) => {
            begin(stream)?;
            chunk(stream, &bytes)?;
            wait(stream)
        }
        Reply::Endless(first, again) => {
            begin(stream)?;
            chunk(stream, &first)?;
            loop {
                chunk(stream, &again)?;
            }
        }
        Reply::Silent => wait(stream),
        Reply::Garbage(bytes) => stream.write_all(&bytes),
    }
}

/// Waits until the other side closes the connection.
fn wait(stream: &mut UnixStream) -> io::Result<()> {
    io::copy(stream, &mut io::sink()).map(drop)
}

/// Begins an answer in chunks, as Docker sends images.
fn begin(stream: &mut UnixStream) -> io::Result<()> {
    stream.write_all(b"HTTP/1.1 200 OK\r\nContent-Type: application/x-tar\r\nTransfer-Encoding: chunked\r\nConnection: close\r\n\r\n")
}

fn chunk(stream: &mut UnixStream, bytes: &[u8]) -> io::Result<()> {
    // An empty chunk would be the end.
    if bytes.is_empty() {
        return Ok(());
    }
    write!(stream, "{:x}\r\n", bytes.len())?;
    stream.write_all(bytes)?;
    stream.write_all(b"\r\n")
}
