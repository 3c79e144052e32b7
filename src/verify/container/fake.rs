//! An engine for tests: it gives the answers of the test, and records the requests.

use std::io::{Read, Write};
use std::net::Shutdown;
use std::os::unix::net::{UnixListener, UnixStream};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use tempfile::TempDir;

/// The engine. It listens as long as the test runs.
pub(in crate::verify) struct Fake {
    directory: TempDir,
    asked: Arc<Mutex<Vec<String>>>,
}

impl Fake {
    /// Starts one; `answer` gives status and body for `METHOD PATH`.
    pub(in crate::verify) fn start(
        answer: impl Fn(&str) -> (u16, String) + Send + 'static,
    ) -> Self {
        let directory = tempfile::tempdir().unwrap();
        let listener = UnixListener::bind(directory.path().join("engine.sock")).unwrap();
        let asked: Arc<Mutex<Vec<String>>> = Arc::default();
        let kept = Arc::clone(&asked);
        std::thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                serve(stream, &answer, &kept);
            }
        });
        Self { directory, asked }
    }

    /// Where it listens.
    pub(in crate::verify) fn address(&self) -> String {
        format!(
            "unix://{}",
            self.directory.path().join("engine.sock").display()
        )
    }

    /// The requests so far, `METHOD PATH?QUERY`.
    pub(in crate::verify) fn asked(&self) -> Vec<String> {
        self.asked.lock().unwrap().clone()
    }
}

fn serve(
    mut stream: UnixStream,
    answer: &impl Fn(&str) -> (u16, String),
    asked: &Mutex<Vec<String>>,
) {
    let mut head = [0; 4096];
    let length = stream.read(&mut head).unwrap_or_default();
    let head = String::from_utf8_lossy(&head[..length]).into_owned();
    let line = head.lines().next().unwrap_or_default();
    let line = line.trim_end_matches(" HTTP/1.1").to_owned();
    // Before the answer: who has it may look.
    asked.lock().unwrap().push(line.clone());
    let (status, body) = answer(line.split('?').next().unwrap_or_default());
    let length = body.len();
    let _ = write!(
        stream,
        "HTTP/1.1 {status} X\r\nContent-Type: application/json\r\nContent-Length: {length}\r\nConnection: close\r\n\r\n{body}"
    );
    // What was not read yet would make the other side lose the answer.
    let _ = stream.shutdown(Shutdown::Write);
    let _ = stream.set_read_timeout(Some(Duration::from_secs(2)));
    let _ = std::io::copy(&mut stream, &mut std::io::sink());
}
