//! A process that undoes what a run leaves, should the run die before it can.
//!
//! It is aalint itself, in a session of its own so that no key reaches it, and waits at a pipe of which
//! the run holds the other end. A word there says that nothing is to do; the mere end of the pipe says
//! that the run is gone.

use std::io::{self, Read, Write};
use std::process::{Child, ChildStdin, Command, Stdio};
use std::time::Duration;

use signal_hook::consts::{SIGHUP, SIGINT, SIGTERM};

use super::recover::cleanup_as_reaper;
use crate::verify::deadline::{Deadline, pause};
use crate::verify::interrupt::ignore;
use crate::verify::{Refusal, SystemPaths};

/// The hidden subcommand.
pub const SUBCOMMAND: &str = "__reap";
/// What the run says at its end.
const DONE: &[u8] = b"done";
/// What the reaper says when no signal can end it any more.
const READY: u8 = b'r';
/// How long it tries, where something is in the way: tasks that are about to end, an engine that is
/// about to start.
const MAX_TIME: Duration = Duration::from_secs(30);
const PAUSE: Duration = Duration::from_millis(200);

/// The process, from the side of the run. When this goes without [`Reaper::dismiss`], it acts.
#[derive(Debug)]
pub(super) struct Reaper {
    child: Child,
    pipe: Option<ChildStdin>,
}

impl Reaper {
    /// Starts it.
    #[expect(clippy::disallowed_methods, reason = "the reaper is another process")]
    pub(super) fn start() -> io::Result<Self> {
        let mut child = Command::new("/proc/self/exe")
            .arg(SUBCOMMAND)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()?;
        let pipe = child.stdin.take();
        Ok(Self { child, pipe })
    }

    /// Waits until it is beyond the reach of signals: nothing may be done before.
    pub(super) fn wait_until_ready(&mut self) -> io::Result<()> {
        let mut word = [0];
        let stream = self.child.stdout.take();
        stream.ok_or(io::ErrorKind::NotFound)?.read_exact(&mut word)
    }

    /// Tells it that nothing is to do.
    pub(super) fn dismiss(mut self) {
        if let Some(mut pipe) = self.pipe.take() {
            // A reaper that has ended needs no message.
            let _ = pipe.write_all(DONE);
        }
        let _ = self.child.wait();
    }
}

/// What the reaper does.
///
/// # Errors
/// If it cannot prepare, or something is left that cannot be undone.
#[expect(
    clippy::disallowed_methods,
    reason = "the reaper and the run talk over the standard streams"
)]
pub fn reap(paths: &SystemPaths) -> Result<(), Refusal> {
    let system = |error| Refusal::System("the reaper cannot prepare", error);
    for signal in [SIGINT, SIGTERM, SIGHUP] {
        ignore(signal).map_err(system)?;
    }
    // It may lead a group already; then it is alone in it.
    let _ = rustix::process::setsid();
    let mut stdout = io::stdout();
    stdout
        .write_all(&[READY])
        .and_then(|()| stdout.flush())
        .map_err(system)?;
    let mut said = Vec::new();
    io::stdin().read_to_end(&mut said).map_err(system)?;
    if said == DONE {
        return Ok(());
    }
    let deadline = Deadline::after(MAX_TIME);
    loop {
        match cleanup_as_reaper(paths) {
            Ok(_) => return Ok(()),
            Err(refusal) if deadline.is_past() => return Err(refusal),
            Err(_) => pause(PAUSE),
        }
    }
}
