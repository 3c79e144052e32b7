//! Starts workers, and takes down what they tell.

use std::io::{self, BufRead, BufReader, Write};
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::{Receiver, RecvTimeoutError, channel};
use std::thread;
use std::time::Duration;

use super::message::{ARGUMENT, Event, Job, Order, ProbeOutcome, ProbeResult, WorkerTask};
use crate::verify::Interrupt;

/// Maximum time between two messages of a worker, in steps.
const MAX_SILENCE: u32 = 20;
/// The same when a probe is made again that took longer: the machine may have been busy.
const MAX_SILENCE_AGAIN: u32 = 150;
/// The same until its first message: it starts a program, on a machine that may be busy.
const MAX_SILENCE_AT_START: u32 = 300;
/// How long a step is.
const STEP: Duration = Duration::from_millis(100);

/// What came of a probe: for who is not confined, and for who is, where that was tried.
pub(super) type Both = (ProbeResult, Option<ProbeResult>);

/// Lets workers make all probes of a job. Fewer come back where somebody interrupts.
pub(super) fn drive(proc: &str, mut job: Job, interrupt: &Interrupt) -> io::Result<Vec<Both>> {
    let mut made = Vec::with_capacity(job.specs.len());
    let mut max_silence = MAX_SILENCE;
    while made.len() < job.specs.len() && !interrupt.is_raised() {
        job.first = made.len();
        let mut worker = Worker::start(&Order {
            parent: std::process::id(),
            proc: proc.to_owned(),
            task: WorkerTask::Probe(job.clone()),
        })?;
        let ended = worker.listen(&mut made, &job, max_silence, interrupt);
        worker.end();
        ended?;
        if made.len() == job.first && !interrupt.is_raised() {
            return Err(io::Error::other("the worker stops early"));
        }
        let is_too_slow = max_silence == MAX_SILENCE && made.last().is_some_and(has_hung);
        max_silence = if is_too_slow {
            made.pop();
            MAX_SILENCE_AGAIN
        } else {
            MAX_SILENCE
        };
    }
    Ok(made)
}

fn has_hung((control, confined): &Both) -> bool {
    let last = confined.as_ref().unwrap_or(control);
    last.outcome == ProbeOutcome::TimedOut
}

struct Worker {
    child: Child,
    events: Receiver<io::Result<Event>>,
}

impl Worker {
    #[expect(
        clippy::disallowed_methods,
        reason = "a worker is this program in a process of its own"
    )]
    fn start(order: &Order) -> io::Result<Self> {
        let mut child = Command::new(std::env::current_exe()?)
            .arg(ARGUMENT)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()?;
        let (input, output) = (child.stdin.take(), child.stdout.take());
        let (sender, events) = channel();
        let mut worker = Self { child, events };
        let (Some(mut input), Some(output)) = (input, output) else {
            worker.end();
            return Err(io::ErrorKind::BrokenPipe.into());
        };
        thread::spawn(move || {
            for line in BufReader::new(output).lines() {
                let event = line.and_then(|line| Ok(serde_json::from_str(&line)?));
                if sender.send(event).is_err() {
                    break;
                }
            }
        });
        let order = serde_json::to_string(order)? + "\n";
        let sent = input.write_all(order.as_bytes());
        if sent.is_err() {
            worker.end();
        }
        sent.map(|()| worker)
    }

    /// Takes down what the worker tells, until it ends or is silent for too long.
    fn listen(
        &mut self,
        made: &mut Vec<Both>,
        job: &Job,
        max_silence: u32,
        interrupt: &Interrupt,
    ) -> io::Result<()> {
        let mut control: Option<ProbeResult> = None;
        let mut is_ready = false;
        let outcome = loop {
            let steps = if is_ready {
                max_silence
            } else {
                MAX_SILENCE_AT_START
            };
            match self.next(steps, interrupt) {
                Some(Ok(Event::Ready)) => is_ready = true,
                Some(Ok(Event::Confined(number, trial))) if number == made.len() => {
                    control = Some(trial);
                }
                Some(Ok(Event::Done(number, trial, confined))) if number == made.len() => {
                    control = None;
                    made.push((trial, confined));
                }
                Some(Ok(Event::Failed(why))) => return Err(io::Error::other(why)),
                Some(Ok(_)) => return Err(io::Error::other("the worker lost count")),
                Some(Err(error)) => return Err(error),
                None if interrupt.is_raised() => return Ok(()),
                None if is_ready => break self.how_it_stopped(),
                None => return Err(io::Error::other("the worker does not begin")),
            }
        };
        let Some(outcome) = outcome else {
            return Ok(());
        };
        // It stopped amid a probe, which is then the one behind the last that was done. Only a profile
        // that kills, and only what was made under it, tells something by that.
        let is_by_profile = control.is_some() && job.kills(made.len());
        let ended = ProbeResult::without_call(match outcome {
            ProbeOutcome::Killed if !is_by_profile => {
                ProbeOutcome::Astray("somebody ended the process that makes the probes".to_owned())
            }
            other => other,
        });
        made.push(match control {
            Some(control) => (control, Some(ended)),
            None => (ended, None),
        });
        Ok(())
    }

    /// The next message; `None` when there is none in time, and none to come.
    fn next(&self, max_silence: u32, interrupt: &Interrupt) -> Option<io::Result<Event>> {
        for _ in 0..max_silence {
            match self.events.recv_timeout(STEP) {
                Ok(event) => return Some(event),
                Err(RecvTimeoutError::Disconnected) => return None,
                Err(RecvTimeoutError::Timeout) if interrupt.is_raised() => return None,
                Err(RecvTimeoutError::Timeout) => {}
            }
        }
        None
    }

    /// How a probe ended that ended the worker; `None` if the worker was done.
    fn how_it_stopped(&mut self) -> Option<ProbeOutcome> {
        // It hangs, unless it has closed its side.
        if matches!(
            self.events.try_recv(),
            Err(std::sync::mpsc::TryRecvError::Empty)
        ) {
            return Some(ProbeOutcome::TimedOut);
        }
        let status = self.child.wait().ok()?;
        (!status.success()).then_some(ProbeOutcome::Killed)
    }

    fn end(&mut self) {
        // Where it is gone already there is nothing to end.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
