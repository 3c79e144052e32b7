//! Messages on two streams. What is not a message is answered, and what comes behind it is read.

use std::io::{self, BufRead, Read, Write};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::{self, JoinHandle};

use crossbeam_channel::bounded;
use lsp_server::{Connection, ErrorCode, Message};
use serde_json::{Value, json};

/// Longest message that is read, in bytes: a document of the longest file, all of it escaped.
pub const MAX_MESSAGE_BYTES: usize = 64 << 20;

/// Longest line of a message's head that is read, in bytes.
const MAX_HEAD_LINE: u64 = 1024;

/// The threads behind a [`Connection`] that [`connect`] made.
#[derive(Debug)]
pub struct WireThreads {
    writer: JoinHandle<()>,
}

impl WireThreads {
    /// Waits until all that was sent is written. The connection must be gone.
    pub fn finish(self) {
        // A thread that panicked has nothing more to write.
        let _ = self.writer.join();
    }
}

/// A connection over two streams. It ends when `input` does.
pub fn connect(
    mut input: impl BufRead + Send + 'static,
    output: impl Write + Send + 'static,
) -> (Connection, WireThreads) {
    let (incoming, receiver) = bounded(0);
    let (sender, outgoing) = bounded::<Message>(0);
    let output = Arc::new(Mutex::new(output));
    let answers = Arc::clone(&output);
    let writer = thread::spawn(move || {
        for message in outgoing {
            let mut output = output.lock().unwrap_or_else(PoisonError::into_inner);
            if message.write(&mut *output).is_err() {
                break;
            }
        }
    });
    // It is not waited for: it may read for as long as the client lives.
    thread::spawn(move || {
        while let Ok(Some(read)) = next(&mut input) {
            let is_taken = match read {
                Ok(message) => incoming.send(message).is_ok(),
                Err((code, why)) => {
                    let mut output = answers.lock().unwrap_or_else(PoisonError::into_inner);
                    refuse(&mut *output, code, why).is_ok()
                }
            };
            if !is_taken {
                break;
            }
        }
    });
    (Connection { sender, receiver }, WireThreads { writer })
}

/// A message, or how to answer what is not one.
type Incoming = Result<Message, (ErrorCode, &'static str)>;

/// The next message; `None` at the end of the stream.
fn next(input: &mut impl BufRead) -> io::Result<Option<Incoming>> {
    let Some(length) = head(input)? else {
        return Ok(None);
    };
    let Some(length) = length else {
        let why = "the head of a message has no Content-Length";
        return Ok(Some(Err((ErrorCode::ParseError, why))));
    };
    let mut body = input.take(length);
    if length > MAX_MESSAGE_BYTES as u64 {
        io::copy(&mut body, &mut io::sink())?;
        let why = "the message is too long";
        return Ok(Some(Err((ErrorCode::InvalidRequest, why))));
    }
    let mut bytes = Vec::new();
    body.read_to_end(&mut bytes)?;
    if (bytes.len() as u64) < length {
        return Ok(None);
    }
    let Ok(value) = serde_json::from_slice::<Value>(&bytes) else {
        return Ok(Some(Err((ErrorCode::ParseError, "the message is no JSON"))));
    };
    let message = serde_json::from_value(value);
    let why = (ErrorCode::InvalidRequest, "the message is no request");
    Ok(Some(message.map_err(|_| why)))
}

/// The length of the message behind a head, if the head says one; `None` at the end of the stream.
fn head(input: &mut impl BufRead) -> io::Result<Option<Option<u64>>> {
    let mut length = None;
    loop {
        let mut line = Vec::new();
        input.take(MAX_HEAD_LINE).read_until(b'\n', &mut line)?;
        if line.is_empty() {
            return Ok(None);
        }
        let line = String::from_utf8_lossy(&line);
        let line = line.trim();
        if line.is_empty() {
            return Ok(Some(length));
        }
        if let Some((name, value)) = line.split_once(':')
            && name.trim().eq_ignore_ascii_case("content-length")
        {
            length = value.trim().parse().ok();
        }
    }
}

/// Answers what has no number that could be answered.
fn refuse(output: &mut dyn Write, code: ErrorCode, why: &str) -> io::Result<()> {
    let error = json!({ "code": code as i32, "message": why });
    let text = json!({ "jsonrpc": "2.0", "id": null, "error": error }).to_string();
    write!(output, "Content-Length: {}\r\n\r\n{text}", text.len())?;
    output.flush()
}
