//! Tasks that make the calls of a probe: threads, confined or not.

use std::io::{self, PipeReader, PipeWriter, Read};
use std::os::unix::process::ExitStatusExt;
use std::process::Child;
use std::sync::mpsc::{Receiver, Sender, channel};
use std::thread::{self, Scope};

use rustix::process::Signal;

use super::message::{ProbeOutcome, ProbeResult};
use crate::verify::kernel::LoadedProfile;
use crate::verify::kernel::{OwnLabel, Tasks};

/// What remains to be done once the task is where it should be.
pub(super) type Ready<'r> = Box<dyn FnOnce() -> Performed + 'r>;

/// Calls that were made.
pub(super) struct Performed {
    /// The last of them.
    pub(super) call: &'static str,
    /// How it ended.
    pub(super) result: rustix::io::Result<()>,
    /// The program that was started.
    pub(super) running: Option<Running>,
    /// Whether the label is another one afterwards if it passed.
    pub(super) changes_label: bool,
}

/// A program that runs as long as the pipe is held.
pub(super) struct Running {
    pub(super) child: Child,
    /// Tells a byte when it has begun.
    pub(super) begun: PipeReader,
    pub(super) hold: PipeWriter,
}

impl Performed {
    pub(super) fn of<T>(call: &'static str, result: rustix::io::Result<T>) -> Self {
        Self {
            call,
            result: result.map(drop),
            running: None,
            changes_label: false,
        }
    }
}

/// Makes ready and makes the calls as who is not confined, on the calling thread. What is made ready and
/// done must leave no trace in the thread.
pub(super) fn control(
    tasks: &Tasks,
    ready: impl FnOnce() -> io::Result<Ready<'static>>,
) -> ProbeResult {
    match ready() {
        Ok(ready) => finish(tasks, told(ready())),
        Err(error) => ProbeResult::without_call(unplaced(&error)),
    }
}

/// The same on a thread of its own, with the label of `profile` if there is one.
pub(super) fn trial<'r>(
    tasks: &Tasks,
    profile: Option<&LoadedProfile>,
    ready: impl FnOnce() -> io::Result<Ready<'r>> + Send,
) -> ProbeResult {
    let made = thread::scope(|scope| {
        let thread = scope.spawn(|| {
            let ready = match ready() {
                Ok(ready) => ready,
                Err(error) => return (ProbeResult::without_call(unplaced(&error)), None),
            };
            let Some(profile) = profile else {
                return told(ready());
            };
            match enter(tasks, profile) {
                Ok(own) => under(&own, profile, ready),
                Err(trial) => (trial, None),
            }
        });
        thread.join()
    });
    made.map_or_else(|_| ended_early(), |made| finish(tasks, made))
}

/// A thread that stays under a profile, for what needs no making ready outside of it and leaves no trace
/// in the thread. A thread for each call would take most of the time of a run.
pub(super) struct Inside<Order> {
    orders: Sender<Order>,
    told: Receiver<(ProbeResult, Option<Running>)>,
}

impl<Order: Send> Inside<Order> {
    /// Starts one.
    pub(super) fn start<'s>(
        scope: &'s Scope<'s, '_>,
        tasks: &'s Tasks,
        profile: &'s LoadedProfile,
        ready: impl Fn(&Order) -> io::Result<Ready<'static>> + Send + 's,
    ) -> Self
    where
        Order: 's,
    {
        let (orders, ordered) = channel::<Order>();
        let (tell, told) = channel();
        scope.spawn(move || {
            let own = enter(tasks, profile);
            for order in ordered {
                let made = match (&own, ready(&order)) {
                    (Ok(own), Ok(ready)) => under(own, profile, ready),
                    (Ok(_), Err(error)) => (ProbeResult::without_call(unplaced(&error)), None),
                    (Err(trial), _) => (trial.clone(), None),
                };
                if tell.send(made).is_err() {
                    break;
                }
            }
        });
        Self { orders, told }
    }

    /// Lets it make the calls.
    pub(super) fn make(&self, tasks: &Tasks, order: Order) -> ProbeResult {
        let made = self
            .orders
            .send(order)
            .ok()
            .and_then(|()| self.told.recv().ok());
        made.map_or_else(ended_early, |made| finish(tasks, made))
    }
}

fn ended_early() -> ProbeResult {
    ProbeResult::without_call(ProbeOutcome::Astray("the thread ended early".to_owned()))
}

fn enter(tasks: &Tasks, profile: &LoadedProfile) -> Result<OwnLabel, ProbeResult> {
    let own = tasks.own().and_then(|own| own.enter(profile).map(|()| own));
    own.map_err(|error| ProbeResult::without_call(ProbeOutcome::Astray(error.to_string())))
}

fn under(
    own: &OwnLabel,
    profile: &LoadedProfile,
    ready: Ready<'_>,
) -> (ProbeResult, Option<Running>) {
    let performed = ready();
    let changes_label = performed.changes_label && performed.result.is_ok();
    let (mut trial, running) = told(performed);
    trial.label = Some(profile.label());
    // Policy may change at any time, and with it what the calls show.
    match own.read() {
        Ok(label) if label == profile.label() || changes_label => {}
        Ok(label) => trial.outcome = ProbeOutcome::Astray(format!("its label became `{label}`")),
        Err(error) => trial.outcome = ProbeOutcome::Astray(error.to_string()),
    }
    (trial, running)
}

fn told(performed: Performed) -> (ProbeResult, Option<Running>) {
    let trial = ProbeResult {
        call: performed.call.to_owned(),
        outcome: match performed.result {
            Ok(()) => ProbeOutcome::Passed,
            Err(error) => ProbeOutcome::Failed(error.raw_os_error()),
        },
        label: None,
        started: None,
    };
    (trial, performed.running)
}

/// Looks at the label of a program that was started, and lets it end.
fn finish(tasks: &Tasks, (mut trial, running): (ProbeResult, Option<Running>)) -> ProbeResult {
    let Some(mut running) = running else {
        return trial;
    };
    // The pipe ends without a byte where the program does not get that far; it still has its label then.
    // Before that it may still have the old one: execve(2) tells its caller early.
    let _ = running.begun.read(&mut [0]);
    trial.started = tasks.label_of(running.child.id()).ok();
    drop(running.hold);
    let signal = running.child.wait().ok().and_then(|status| status.signal());
    // A profile that kills does so to the new process, which then never became the program.
    if signal == Some(Signal::KILL.as_raw()) {
        trial.outcome = ProbeOutcome::Killed;
    }
    trial
}

/// What keeps a probe from being made.
pub(super) fn unplaced(error: &io::Error) -> ProbeOutcome {
    ProbeOutcome::Unplaced(error.raw_os_error().unwrap_or_default())
}
