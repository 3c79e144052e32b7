//! The process that makes the probes.
//!
//! It is this program itself, started with a hidden argument, so that the one that loaded the policy
//! never changes its label or its namespaces. A profile that kills ends the worker with the task; then
//! the next worker goes on behind that probe.

use std::collections::BTreeMap;
use std::io::{self, BufRead, Write};
use std::path::Path;
use std::sync::mpsc::channel;
use std::thread;

use rustix::fd::AsFd;
use rustix::process::{Pid, PidfdFlags, Signal};
use rustix::process::{getppid, pidfd_open, set_parent_process_death_signal};
use rustix::thread::{ThreadNameSpaceType, move_into_thread_name_spaces};

use super::decoy_root::DecoyRoot;
use super::message::{Event, Job, Order, ProbeOutcome, ProbeResult, ProbeSpec, WorkerTask};
use super::operation::ProbeOperation;
use super::peer::{self, Peer, Starter};
use super::task::{Inside, Performed, Ready, control, trial, unplaced};
use super::{capability, file, mount, ring, socket};
use crate::verify::kernel::LoadedProfile;
use crate::verify::kernel::Tasks;

/// Does what the line on `input` says, and tells on `output` what came of it.
///
/// # Errors
/// If the input is no order, or the output fails.
pub fn work(input: &mut dyn BufRead, output: &mut (dyn Write + Send)) -> io::Result<()> {
    let mut line = String::new();
    input.read_line(&mut line)?;
    let order: Order = serde_json::from_str(&line)?;
    // The worker ends with the process that started it, however that one ends.
    set_parent_process_death_signal(Some(Signal::KILL))?;
    let parent = getppid().map(|parent| parent.as_raw_nonzero().get());
    if parent.and_then(|parent| u32::try_from(parent).ok()) != Some(order.parent) {
        return Ok(());
    }
    let proc = Path::new(&order.proc);
    let told = match &order.task {
        WorkerTask::Probe(job) => return probe(&order, job, output),
        WorkerTask::Stand(profile) => peer::stand(proc, profile.as_ref()),
        WorkerTask::UserNamespace(profile) => peer::make_user_namespace(proc, profile.as_ref()),
    };
    let event = told.unwrap_or_else(|error| Event::Failed(error.to_string()));
    tell(output, &event)?;
    // The process that started this one closes the other side when the peer is no longer needed.
    input.read_to_end(&mut Vec::new()).map(drop)
}

/// Starts the thread that probes, and processes as it asks for them: it does not see this program's file.
fn probe(order: &Order, job: &Job, output: &mut (dyn Write + Send)) -> io::Result<()> {
    let (starter, asked) = channel::<(Order, std::sync::mpsc::Sender<io::Result<Peer>>)>();
    let told = thread::scope(|scope| {
        let output = &mut *output;
        let root = scope.spawn(move || in_the_root(order, job, starter, output));
        for (order, answer) in asked {
            // Who asked may be gone, and the peer with it.
            let _ = answer.send(Peer::start(&order));
        }
        root.join()
            .unwrap_or_else(|_| Err(io::Error::other("the thread that probes ended early")))
    });
    told.or_else(|error| tell(output, &Event::Failed(error.to_string())))
}

fn in_the_root(
    order: &Order,
    job: &Job,
    starter: Starter,
    output: &mut dyn Write,
) -> io::Result<()> {
    let tasks = Tasks::of(Path::new(&order.proc))?;
    if let Some(process) = job.join {
        join(process)?;
    }
    let prober = Prober {
        root: DecoyRoot::enter()?,
        tasks,
        starter,
        proc: order.proc.clone(),
    };
    tell(output, &Event::Ready)?;
    thread::scope(|scope| {
        let mut inside = BTreeMap::new();
        for (number, one) in job.specs.iter().enumerate().skip(job.first) {
            let Some(profile) = job.profiles.get(one.profile) else {
                return Err(io::Error::other(
                    "a probe is for a profile that is not there",
                ));
            };
            let outside = prober.outside(&one.operation);
            if !outside.has_passed() {
                tell(output, &Event::Done(number, outside, None))?;
                continue;
            }
            tell(output, &Event::Confined(number, outside.clone()))?;
            let confined = if is_traceless(&one.operation) {
                let thread = inside.entry(one.profile).or_insert_with(|| {
                    Inside::start(
                        scope,
                        &prober.tasks,
                        profile,
                        |operation: &ProbeOperation| traceless(operation),
                    )
                });
                prober.placed(&one.operation, || {
                    thread.make(&prober.tasks, one.operation.clone())
                })
            } else {
                prober.under(profile, one)
            };
            tell(output, &Event::Done(number, outside, Some(confined)))?;
        }
        Ok(())
    })
}

/// Joins the namespaces that matter, but not that of mounts: the decoy root has its own. Process numbers and
/// users stay those of this machine.
fn join(process: u32) -> io::Result<()> {
    let process = i32::try_from(process).ok().and_then(Pid::from_raw);
    let process = process.ok_or(io::ErrorKind::InvalidInput)?;
    let process = pidfd_open(process, PidfdFlags::empty())?;
    let spaces = ThreadNameSpaceType::NETWORK
        | ThreadNameSpaceType::INTER_PROCESS_COMMUNICATION
        | ThreadNameSpaceType::HOST_NAME_AND_NIS_DOMAIN_NAME;
    Ok(move_into_thread_name_spaces(process.as_fd(), spaces)?)
}

fn tell(output: &mut dyn Write, event: &Event) -> io::Result<()> {
    // In one write: a system call for each word would take longer than the probe.
    output.write_all((serde_json::to_string(event)? + "\n").as_bytes())?;
    output.flush()
}

/// Whether it needs no thread and no process of its own.
const fn is_traceless(operation: &ProbeOperation) -> bool {
    matches!(
        operation,
        ProbeOperation::File { .. } | ProbeOperation::Link { .. }
    )
}

/// Makes ready for it.
fn traceless(operation: &ProbeOperation) -> io::Result<Ready<'static>> {
    match operation {
        ProbeOperation::File { path, call, .. } => file::ready(path, *call),
        ProbeOperation::Link { link, target, .. } => Ok(file::ready_to_link(link, target)),
        _ => Err(io::ErrorKind::Unsupported.into()),
    }
}

struct Prober {
    root: DecoyRoot,
    tasks: Tasks,
    starter: Starter,
    proc: String,
}

impl Prober {
    /// Makes the calls without confinement.
    fn outside(&self, operation: &ProbeOperation) -> ProbeResult {
        if is_traceless(operation) {
            return self.placed(operation, || control(&self.tasks, || traceless(operation)));
        }
        self.side(operation, None)
    }

    /// Makes them under a profile.
    fn under(&self, profile: &LoadedProfile, one: &ProbeSpec) -> ProbeResult {
        self.side(&one.operation, Some(profile))
    }

    /// Makes them with the decoys as at the beginning.
    fn placed(
        &self,
        operation: &ProbeOperation,
        make: impl FnOnce() -> ProbeResult,
    ) -> ProbeResult {
        let root = &self.root;
        let placed = root.clear().and_then(|()| match operation {
            ProbeOperation::File { path, is_own, call } => file::place(root, path, *is_own, *call),
            ProbeOperation::Link {
                link,
                target,
                is_own,
            } => file::place_target(root, link, target, *is_own),
            ProbeOperation::Mount(_) => mount::place(root),
            _ => Ok(()),
        });
        match placed {
            Ok(()) => make(),
            Err(error) => ProbeResult::without_call(unplaced(&error)),
        }
    }

    fn side(&self, operation: &ProbeOperation, profile: Option<&LoadedProfile>) -> ProbeResult {
        match operation {
            ProbeOperation::UserNamespace => self.user_namespace(profile),
            ProbeOperation::Signal {
                number,
                is_sender: false,
                ..
            } => self.with_peer(profile, |peer| {
                trial(&self.tasks, None, || peer::ready_to_signal(peer, *number))
            }),
            ProbeOperation::Signal {
                peer: label,
                number,
                is_sender: true,
            } => self.with_peer(profile.filter(|own| own.name == *label), |peer| {
                trial(&self.tasks, profile, || {
                    peer::ready_to_signal(peer, *number)
                })
            }),
            ProbeOperation::Ptrace {
                peer: label,
                is_trace,
            } => self.with_peer(profile.filter(|own| own.name == *label), |peer| {
                trial(&self.tasks, profile, || {
                    peer::ready_to_trace(peer, &self.tasks, *is_trace)
                })
            }),
            _ => self.placed(operation, || {
                trial(&self.tasks, profile, || self.ready(operation))
            }),
        }
    }

    fn ready(&self, operation: &ProbeOperation) -> io::Result<Ready<'static>> {
        match operation {
            ProbeOperation::Capability(number) => capability::ready(*number),
            ProbeOperation::Socket { family, kind, call } => socket::ready(*family, *kind, *call),
            ProbeOperation::Mount(call) => mount::ready(*call),
            ProbeOperation::IoUring => Ok(ring::ready()),
            ProbeOperation::ChangeProfile(name) => {
                let (own, name) = (self.tasks.own()?, name.clone());
                Ok(Box::new(move || Performed {
                    changes_label: true,
                    ..Performed::of("write", own.change(&name))
                }))
            }
            _ => Err(io::ErrorKind::Unsupported.into()),
        }
    }

    /// Does something with another process under a profile, if there is one.
    fn with_peer(
        &self,
        profile: Option<&LoadedProfile>,
        make: impl FnOnce(&Peer) -> ProbeResult,
    ) -> ProbeResult {
        let task = WorkerTask::Stand(profile.cloned());
        match self.peer(task) {
            Ok(peer) => match &peer.event {
                Event::Stands(label) => {
                    let mut trial = make(&peer);
                    trial.label.get_or_insert_with(|| label.clone());
                    trial
                }
                event => ProbeResult::without_call(astray(event)),
            },
            Err(error) => ProbeResult::without_call(unplaced(&error)),
        }
    }

    fn user_namespace(&self, profile: Option<&LoadedProfile>) -> ProbeResult {
        match self.peer(WorkerTask::UserNamespace(profile.cloned())) {
            Ok(peer) => match &peer.event {
                Event::Done(_, trial, _) => trial.clone(),
                event => ProbeResult::without_call(astray(event)),
            },
            Err(error) => ProbeResult::without_call(unplaced(&error)),
        }
    }

    fn peer(&self, task: WorkerTask) -> io::Result<Peer> {
        let order = Order {
            parent: std::process::id(),
            proc: self.proc.clone(),
            task,
        };
        Peer::ask(&self.starter, order)
    }
}

fn astray(event: &Event) -> ProbeOutcome {
    ProbeOutcome::Astray(match event {
        Event::Failed(why) => why.clone(),
        _ => "the other process does not stand".to_owned(),
    })
}
