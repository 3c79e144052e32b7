//! The journal of systemd, by its own program: its files have no other reader that follows their versions.

use std::io::{self, Read};
use std::process::{Child, ChildStdout, Command, Stdio};

/// Where the program lies. Root may run it, so nothing is searched.
const PROGRAMS: &[&str] = &["/usr/bin/journalctl", "/bin/journalctl"];

/// Entries since the machine started, of those who report for AppArmor: what another program logs could be forged.
const ARGUMENTS: &[&str] = &[
    "--boot",
    "--no-pager",
    "--quiet",
    "--output=json",
    "--output-fields=MESSAGE,_AUDIT_ID,_SOURCE_REALTIME_TIMESTAMP",
    "_TRANSPORT=kernel",
    "+",
    "_TRANSPORT=audit",
    "+",
    "_COMM=dbus-daemon",
    "+",
    "_COMM=dbus-broker-lau",
];

/// The entries, while the program writes them.
#[derive(Debug)]
pub struct JournalReader {
    child: Child,
    out: ChildStdout,
}

/// Starts the program that reads the journal; if it `follows`, it waits for further entries.
///
/// # Errors
/// If there is none, or it cannot be started.
#[expect(
    clippy::disallowed_methods,
    reason = "the journal is read by a program of its own"
)]
pub fn journal(follows: bool) -> io::Result<JournalReader> {
    let mut last = io::Error::from(io::ErrorKind::NotFound);
    for program in PROGRAMS {
        let mut command = Command::new(program);
        let follow: &[&str] = if follows {
            &["--follow", "--no-tail"]
        } else {
            &[]
        };
        command
            .args(follow)
            .args(ARGUMENTS)
            .env_clear()
            .env("LC_ALL", "C");
        command.stdin(Stdio::null()).stdout(Stdio::piped());
        match command.spawn() {
            Ok(mut child) => {
                let out = child.stdout.take();
                let out = out.ok_or_else(|| io::Error::other("it has no output"))?;
                return Ok(JournalReader { child, out });
            }
            Err(error) => last = error,
        }
    }
    Err(last)
}

impl JournalReader {
    /// Waits for the end of the program.
    ///
    /// # Errors
    /// If it failed.
    pub fn finish(self) -> io::Result<()> {
        let Self { mut child, out } = self;
        drop(out);
        let status = child.wait()?;
        match status.success() {
            true => Ok(()),
            false => Err(io::Error::other(format!("journalctl ended with {status}"))),
        }
    }
}

impl Read for JournalReader {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        self.out.read(buffer)
    }
}
