//! The application asked over HTTP, from inside of its container's network.
//!
//! No port is published: a thread of aalint enters the network namespace, which is a property of the
//! thread, asks, and ends. HTTP/1.0, so that the answer ends with the connection.

use std::fs::File;
use std::io::{self, Read, Write};
use std::net::{Ipv4Addr, SocketAddr, TcpStream};
use std::path::Path;
use std::time::Duration;

use rustix::thread::{LinkNameSpaceType, move_into_link_name_space};
use std::os::fd::AsFd;

use crate::verify::sha256;

/// Maximum time for one answer.
const MAX_TIME: Duration = Duration::from_secs(10);
/// Most that is read of an answer, in bytes.
const MAX_ANSWER: u64 = 1 << 20;

/// What the application answered.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct HttpAnswer {
    /// The status.
    pub status: u16,
    /// The hash of the body.
    pub sha256: String,
    /// The body's length in bytes.
    pub length: usize,
}

/// Asks the application in the network of the process.
///
/// # Errors
/// If nobody listens, or what comes is no answer.
pub(super) fn ask(proc: &Path, pid: u32, port: u16, path: &str) -> io::Result<HttpAnswer> {
    std::thread::scope(|scope| {
        let thread = scope.spawn(|| {
            enter(&proc.join(format!("{pid}/ns/net")))?;
            get(SocketAddr::from((Ipv4Addr::LOCALHOST, port)), path)
        });
        thread
            .join()
            .unwrap_or_else(|_| Err(io::Error::other("the thread that asks ended early")))
    })
}

#[expect(clippy::disallowed_methods, reason = "namespaces are shown as files")]
fn enter(namespace: &Path) -> io::Result<()> {
    let namespace = File::open(namespace)?;
    Ok(move_into_link_name_space(
        namespace.as_fd(),
        Some(LinkNameSpaceType::Network),
    )?)
}

fn get(address: SocketAddr, path: &str) -> io::Result<HttpAnswer> {
    let mut stream = TcpStream::connect_timeout(&address, MAX_TIME)?;
    stream.set_read_timeout(Some(MAX_TIME))?;
    stream.set_write_timeout(Some(MAX_TIME))?;
    // In one piece: a server that has read enough may close while the rest is on its way.
    let request = format!(
        "GET {path} HTTP/1.0\r\nHost: {address}\r\nUser-Agent: aalint\r\nAccept: */*\r\n\r\n"
    );
    stream.write_all(request.as_bytes())?;
    let mut bytes = Vec::new();
    stream.take(MAX_ANSWER).read_to_end(&mut bytes)?;
    read(&bytes)
}

fn read(bytes: &[u8]) -> io::Result<HttpAnswer> {
    let odd = |why: String| io::Error::new(io::ErrorKind::InvalidData, why);
    let mut headers = [httparse::EMPTY_HEADER; 64];
    let mut response = httparse::Response::new(&mut headers);
    let length = match response.parse(bytes) {
        Ok(httparse::Status::Complete(length)) => length,
        Ok(httparse::Status::Partial) => return Err(odd("the answer ends too early".to_owned())),
        Err(error) => return Err(odd(format!("the answer is no HTTP: {error}"))),
    };
    let body = bytes.get(length..).unwrap_or_default();
    Ok(HttpAnswer {
        status: response.code.unwrap_or_default(),
        sha256: sha256(body),
        length: body.len(),
    })
}

#[cfg(test)]
#[expect(clippy::disallowed_methods, reason = "the tests are a server")]
mod tests {
    use super::*;

    #[test]
    fn answers_are_read() {
        let answered = read(b"HTTP/1.1 404 NOT FOUND\r\nServer: x\r\n\r\nnone").unwrap();
        assert_eq!((answered.status, answered.length), (404, 4));
        assert_eq!(answered.sha256, sha256(b"none"));
        assert!(read(b"HTTP/1.1 200").is_err());
        assert!(read(b"SSH-2.0-OpenSSH_9.2\r\n").is_err());
        assert!(read(b"").is_err());
    }

    #[test]
    fn a_server_is_asked() {
        let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let server = std::thread::spawn(move || {
            let (mut stream, _) = listener.accept().unwrap();
            let mut head = Vec::new();
            while !head.ends_with(b"\r\n\r\n") {
                let mut byte = [0];
                stream.read_exact(&mut byte).unwrap();
                head.extend(byte);
            }
            stream.write_all(b"HTTP/1.0 200 OK\r\n\r\nhello").unwrap();
            String::from_utf8_lossy(&head).into_owned()
        });
        let answered = get(address, "/health?full").unwrap();
        assert_eq!((answered.status, answered.length), (200, 5));
        assert!(
            server
                .join()
                .unwrap()
                .starts_with("GET /health?full HTTP/1.0\r\n")
        );
    }
}
