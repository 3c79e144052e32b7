//! Other processes that probes need: ones to be sent signals and looked at, and one that makes a user
//! namespace, which a process with several threads may not.

use std::io::{self, BufRead, BufReader, Write};
use std::os::unix::process::ExitStatusExt;
use std::path::Path;
use std::process::{Child, ChildStdin, Command, Stdio};
use std::sync::mpsc::{Sender, channel};

use rustix::fs::readlinkat;
use rustix::process::{Pid, PidfdFlags, PidfdGetfdFlags, Signal};
use rustix::process::{kill_process, pidfd_getfd, pidfd_open, test_kill_process};
use rustix::thread::UnshareFlags;

use super::decoy_root::unshare;
use super::message::{ARGUMENT, Event, Order, ProbeOutcome, ProbeResult};
use super::task::{Performed, Ready};
use crate::verify::kernel::LoadedProfile;
use crate::verify::kernel::Tasks;

/// Asks the thread that still sees this program's file to start a process.
pub(super) type Starter = Sender<(Order, Sender<io::Result<Peer>>)>;

/// A process of ours, which ends when this does.
#[derive(Debug)]
pub(super) struct Peer {
    child: Child,
    hold: Option<ChildStdin>,
    /// Its first message.
    pub(super) event: Event,
}

impl Peer {
    /// Lets the thread at the other end start a process that follows the order.
    pub(super) fn ask(starter: &Starter, order: Order) -> io::Result<Self> {
        let gone = || io::Error::other("nobody starts processes any more");
        let (answer, answered) = channel();
        starter.send((order, answer)).map_err(|_| gone())?;
        answered.recv().map_err(|_| gone())?
    }

    /// Starts a process that follows the order, and waits until it tells something.
    #[expect(clippy::disallowed_methods, reason = "a peer is a process")]
    pub(super) fn start(order: &Order) -> io::Result<Self> {
        let mut child = Command::new(std::env::current_exe()?)
            .arg(ARGUMENT)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()?;
        let (mut hold, output) = (child.stdin.take(), child.stdout.take());
        let mut peer = Self {
            child,
            hold: None,
            event: Event::Failed("it told nothing".to_owned()),
        };
        if let Some(input) = &mut hold {
            input.write_all((serde_json::to_string(order)? + "\n").as_bytes())?;
        }
        peer.hold = hold;
        let mut line = String::new();
        if let Some(output) = output {
            BufReader::new(output).read_line(&mut line)?;
        }
        if !line.is_empty() {
            peer.event = serde_json::from_str(&line)?;
        } else if peer.child.wait()?.signal() == Some(Signal::KILL.as_raw()) {
            let killed = ProbeResult::without_call(ProbeOutcome::Killed);
            peer.event = Event::Done(0, killed, None);
        }
        Ok(peer)
    }

    fn pid(&self) -> io::Result<Pid> {
        let pid = i32::try_from(self.child.id()).ok().and_then(Pid::from_raw);
        pid.ok_or_else(|| io::ErrorKind::InvalidInput.into())
    }
}

impl Drop for Peer {
    fn drop(&mut self) {
        // Its profile may let no signal pass, so it ends when its input does.
        drop(self.hold.take());
        let _ = self.child.wait();
    }
}

/// Takes the label of a profile, if there is one, and tells it.
pub(super) fn stand(proc: &Path, profile: Option<&LoadedProfile>) -> io::Result<Event> {
    let own = Tasks::of(proc)?.own()?;
    if let Some(profile) = profile {
        own.enter(profile)?;
    }
    Ok(Event::Stands(own.read()?))
}

/// Makes a user namespace under a profile, if there is one, and tells what came of it.
pub(super) fn make_user_namespace(
    proc: &Path,
    profile: Option<&LoadedProfile>,
) -> io::Result<Event> {
    let own = Tasks::of(proc)?.own()?;
    if let Some(profile) = profile {
        own.enter(profile)?;
    }
    let outcome = match unshare(UnshareFlags::NEWUSER) {
        Ok(()) => ProbeOutcome::Passed,
        Err(error) => ProbeOutcome::Failed(error.raw_os_error().unwrap_or_default()),
    };
    let trial = ProbeResult {
        call: "unshare".to_owned(),
        label: Some(own.read()?),
        ..ProbeResult::without_call(outcome)
    };
    Ok(Event::Done(0, trial, None))
}

/// Makes ready to send a signal; 0 asks whether the process is there.
pub(super) fn ready_to_signal(peer: &Peer, number: u8) -> io::Result<Ready<'_>> {
    let pid = peer.pid()?;
    if number == 0 {
        return Ok(Box::new(move || {
            Performed::of("kill", test_kill_process(pid))
        }));
    }
    let signal = Signal::from_named_raw(number.into()).ok_or(io::ErrorKind::InvalidInput)?;
    Ok(Box::new(move || {
        Performed::of("kill", kill_process(pid, signal))
    }))
}

/// Makes ready to look at a process, or to take one of its files as a debugger may.
pub(super) fn ready_to_trace<'r>(
    peer: &'r Peer,
    tasks: &'r Tasks,
    is_trace: bool,
) -> io::Result<Ready<'r>> {
    let pid = peer.pid()?;
    if is_trace {
        let process = pidfd_open(pid, PidfdFlags::empty())?;
        let flags = PidfdGetfdFlags::empty();
        return Ok(Box::new(move || {
            Performed::of("pidfd_getfd", pidfd_getfd(&process, 0, flags))
        }));
    }
    let link = format!("{}/exe", pid.as_raw_nonzero());
    Ok(Box::new(move || {
        Performed::of(
            "readlinkat",
            readlinkat(tasks.directory(), link, Vec::new()),
        )
    }))
}
