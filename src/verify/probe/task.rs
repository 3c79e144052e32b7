//! Tasks that make the calls of a probe: threads, confined or not.

use std::io;
use std::process::Child;
use std::thread;

use rustix::fd::OwnedFd;

use super::message::{Outcome, Trial};
use crate::verify::kernel::Loaded;
use crate::verify::label::{OwnLabel, Tasks};

/// What remains to be done once the task is where it should be.
pub(super) type Ready = Box<dyn FnOnce() -> Performed>;

/// Calls that were made.
pub(super) struct Performed {
    /// The last of them.
    pub(super) call: &'static str,
    /// How it ended.
    pub(super) result: rustix::io::Result<()>,
    /// The program that was started.
    pub(super) running: Option<Running>,
}

/// A program that runs as long as the pipe is held.
pub(super) struct Running {
    pub(super) child: Child,
    pub(super) hold: OwnedFd,
}

impl Performed {
    pub(super) fn of<T>(call: &'static str, result: rustix::io::Result<T>) -> Self {
        Self {
            call,
            result: result.map(drop),
            running: None,
        }
    }
}

/// Lets a thread make ready, take the label of `profile` if there is one, and make the calls.
pub(super) fn trial(
    tasks: &Tasks,
    profile: Option<&Loaded>,
    ready: impl FnOnce() -> io::Result<Ready> + Send,
) -> Trial {
    let made = thread::scope(|scope| {
        let thread = scope.spawn(|| of_this_thread(tasks, profile, ready));
        thread.join()
    });
    let Ok((mut trial, running)) = made else {
        let why = "the thread ended early".to_owned();
        return Trial::without_call(Outcome::Astray(why));
    };
    if let Some(running) = running {
        watch(tasks, running, &mut trial);
    }
    trial
}

fn of_this_thread(
    tasks: &Tasks,
    profile: Option<&Loaded>,
    ready: impl FnOnce() -> io::Result<Ready>,
) -> (Trial, Option<Running>) {
    let ready = match ready() {
        Ok(ready) => ready,
        Err(error) => return (Trial::without_call(unplaced(&error)), None),
    };
    let Some(profile) = profile else {
        return told(ready());
    };
    let own = match tasks.own().and_then(|own| own.enter(profile).map(|()| own)) {
        Ok(own) => own,
        Err(error) => return (Trial::without_call(Outcome::Astray(error.to_string())), None),
    };
    let (mut trial, running) = told(ready());
    // Policy may change at any time, and with it what the calls show.
    match label_after(&own, profile) {
        Ok(label) => trial.label = Some(label),
        Err(why) => trial.outcome = Outcome::Astray(why),
    }
    (trial, running)
}

fn told(performed: Performed) -> (Trial, Option<Running>) {
    let trial = Trial {
        call: performed.call.to_owned(),
        outcome: match performed.result {
            Ok(()) => Outcome::Passed,
            Err(error) => Outcome::Failed(error.raw_os_error()),
        },
        label: None,
        started: None,
    };
    (trial, performed.running)
}

fn label_after(own: &OwnLabel, profile: &Loaded) -> Result<String, String> {
    let label = own.read().map_err(|error| error.to_string())?;
    if label == profile.label() {
        Ok(label)
    } else {
        Err(format!("its label became `{label}`"))
    }
}

/// Looks at the label of a program that was started, and lets it end.
fn watch(tasks: &Tasks, mut running: Running, trial: &mut Trial) {
    trial.started = tasks.label_of(running.child.id()).ok();
    drop(running.hold);
    let status = running.child.wait();
    let signal = status.ok().and_then(|status| {
        use std::os::unix::process::ExitStatusExt;
        status.signal()
    });
    // A profile that kills does so to the new process, which then never became the program.
    if signal == Some(rustix::process::Signal::KILL.as_raw()) {
        trial.outcome = Outcome::Killed;
    }
}

/// What keeps a probe from being made.
pub(super) fn unplaced(error: &io::Error) -> Outcome {
    Outcome::Unplaced(error.raw_os_error().unwrap_or_default())
}
