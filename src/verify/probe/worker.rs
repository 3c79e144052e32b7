//! The process that makes the probes.
//!
//! It is this program itself, started with a hidden argument, so that the one that loaded the policy
//! never changes its label or its namespaces. A profile that kills ends the worker with the task; then
//! the next worker goes on behind that probe.

use std::io::{self, BufRead, Write};
use std::path::Path;
use std::thread;

use rustix::process::{Pid, PidfdFlags, Signal};
use rustix::process::{getppid, pidfd_open, set_parent_process_death_signal};
use rustix::thread::{ThreadNameSpaceType, move_into_thread_name_spaces};

use super::act::Act;
use super::file;
use super::message::{Event, Job, Trial, Try};
use super::room::Room;
use super::task::{Ready, trial, unplaced};
use crate::verify::kernel::Loaded;
use crate::verify::label::Tasks;

/// Does what the line on `input` says, and tells on `output` what came of it.
///
/// # Errors
/// If the input is no order, or the output fails.
pub fn work(input: &mut dyn BufRead, output: &mut (dyn Write + Send)) -> io::Result<()> {
    let mut line = String::new();
    input.read_line(&mut line)?;
    let job: Job = serde_json::from_str(&line)?;
    // Whatever happens to whoever started this.
    set_parent_process_death_signal(Some(Signal::KILL))?;
    let parent = getppid().map(|parent| parent.as_raw_nonzero().get());
    if parent.and_then(|parent| u32::try_from(parent).ok()) != Some(job.parent) {
        return Ok(());
    }
    let told = thread::scope(|scope| {
        let room = scope.spawn(|| in_the_room(&job, output));
        room.join()
            .unwrap_or_else(|_| Err(io::Error::other("the thread that probes ended early")))
    });
    told.or_else(|error| tell(output, &Event::Failed(error.to_string())))
}

fn in_the_room(job: &Job, output: &mut dyn Write) -> io::Result<()> {
    let tasks = Tasks::of(Path::new(&job.proc))?;
    if let Some(process) = job.join {
        join(process)?;
    }
    let profiles: Vec<Loaded> = job.profiles.iter().map(loaded).collect();
    let room = Room::enter()?;
    tell(output, &Event::Ready)?;
    for (number, one) in job.tries.iter().enumerate().skip(job.first) {
        let Some(profile) = profiles.get(one.profile) else {
            return Err(io::Error::other("a probe is for a profile that is not there"));
        };
        let control = side(&room, &tasks, None, one);
        if !control.has_passed() {
            tell(output, &Event::Done(number, control, None))?;
            continue;
        }
        tell(output, &Event::Confined(number, control.clone()))?;
        let confined = side(&room, &tasks, Some(profile), one);
        tell(output, &Event::Done(number, control, Some(confined)))?;
    }
    Ok(())
}

fn loaded((name, mode): &(String, String)) -> Loaded {
    Loaded {
        name: name.clone(),
        mode: mode.clone(),
    }
}

/// Joins the namespaces that matter besides mounts, of which the room has its own. Process numbers and
/// users stay those of this machine.
fn join(process: u32) -> io::Result<()> {
    let process = i32::try_from(process).ok().and_then(Pid::from_raw);
    let process = process.ok_or(io::ErrorKind::InvalidInput)?;
    let process = pidfd_open(process, PidfdFlags::empty())?;
    let spaces = ThreadNameSpaceType::NETWORK
        | ThreadNameSpaceType::INTER_PROCESS_COMMUNICATION
        | ThreadNameSpaceType::HOST_NAME_AND_NIS_DOMAIN_NAME;
    Ok(move_into_thread_name_spaces(
        rustix::fd::AsFd::as_fd(&process),
        spaces,
    )?)
}

fn tell(output: &mut dyn Write, event: &Event) -> io::Result<()> {
    serde_json::to_writer(&mut *output, event)?;
    output.write_all(b"\n")?;
    output.flush()
}

/// One side of a probe, with the decoys as at its beginning.
fn side(room: &Room, tasks: &Tasks, profile: Option<&Loaded>, one: &Try) -> Trial {
    if let Err(error) = room.clear().and_then(|()| place(room, &one.act)) {
        return Trial::without_call(unplaced(&error));
    }
    trial(tasks, profile, || ready(&one.act))
}

fn place(room: &Room, act: &Act) -> io::Result<()> {
    match act {
        Act::File { path, is_own, call } => file::place(room, path, *is_own, *call),
        Act::Link {
            link,
            target,
            is_own,
        } => file::place_target(room, link, target, *is_own),
        _ => Ok(()),
    }
}

fn ready(act: &Act) -> io::Result<Ready> {
    match act {
        Act::File { path, call, .. } => file::ready(path, *call),
        Act::Link { link, target, .. } => Ok(file::ready_to_link(link, target)),
        _ => Err(io::ErrorKind::Unsupported.into()),
    }
}
