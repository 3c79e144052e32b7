//! One container: created, started, asked, executed in, stopped.

use std::collections::HashMap;
use std::io;
use std::time::Duration;

use bollard::exec::StartExecResults;
use bollard::models::{ContainerCreateBody, ExecConfig, HealthConfig, HostConfig};

use super::engine::{ContainerState, Engine, EngineError, WORK, checked_id};
use super::label::{self, ContainerTask};
use super::request::{self, HttpAnswer};
use super::run_label::RUN;
use super::spec::Spec;
use super::undo::short;
use crate::verify::deadline::{Deadline, pause};
use crate::verify::interrupt::Interrupt;
use crate::verify::kernel::label_in;
use crate::verify::{Refusal, SystemPaths};

/// Maximum amount of memory of a container, in bytes.
const MEMORY: i64 = 1 << 30;
/// Maximum number of processes of a container.
const PROCESSES: i64 = 512;
/// Maximum time until the application answers.
const READY: Duration = Duration::from_secs(60);
/// Maximum time until labels are what they should be: until then a task may still be the runtime's.
const LABELLED: Duration = Duration::from_secs(5);
/// How long the application has to end when it is asked to, in seconds, as with `docker stop`.
const GRACE: i32 = 10;
const PAUSE: Duration = Duration::from_millis(50);

/// What all containers of a run share.
pub(super) struct Bench<'b> {
    pub(super) engine: &'b Engine,
    pub(super) spec: &'b Spec,
    pub(super) paths: &'b SystemPaths,
    pub(super) interrupt: &'b Interrupt,
    /// The run's name.
    pub(super) run: String,
    /// The image's name.
    pub(super) image: String,
}

/// Why the application did not answer as it should.
#[derive(Debug, thiserror::Error)]
pub(super) enum Unready {
    /// It ended.
    #[error("it ended with exit status {}{}", .0.exit_code.unwrap_or_default(), in_brackets(&.0.error))]
    Ended(ContainerState),
    /// It answered something else.
    #[error("it answers {request} with status {status} instead of {expected}")]
    Other {
        /// The path that was asked for.
        request: String,
        /// The status of the answer.
        status: u16,
        /// The status that was expected.
        expected: u16,
    },
    /// Nobody answered in time.
    #[error("nothing answers at port {port}: {error}")]
    Silent {
        /// The port that was asked at.
        port: u16,
        /// What came instead.
        error: io::Error,
    },
}

fn in_brackets(words: &str) -> String {
    match words {
        "" => String::new(),
        words => format!(" ({words})"),
    }
}

/// What came of executing something.
pub(super) enum Executed {
    /// The label it had at last.
    Label(ContainerTask),
    /// It ended before its label could be read.
    Ended,
    /// The engine does not do it.
    Refused(String),
}

impl Bench<'_> {
    /// Creates a container with a security option; gives its id.
    pub(super) fn create(&self, name: &str, profile: &str) -> Result<String, EngineError> {
        let spec = self.spec;
        let some = |list: &Vec<String>| (!list.is_empty()).then(|| list.clone());
        let tmpfs: HashMap<String, String> = spec.tmpfs.iter().cloned().collect();
        let mut security = vec![format!("apparmor={profile}")];
        if spec.has_no_new_privileges {
            security.push("no-new-privileges".to_owned());
        }
        let body = ContainerCreateBody {
            image: Some(self.image.clone()),
            cmd: some(&spec.command),
            env: some(&spec.environment),
            labels: Some(HashMap::from([(RUN.to_owned(), self.run.clone())])),
            // What the engine executes now and then would be seen before it is confined.
            healthcheck: Some(HealthConfig {
                test: Some(vec!["NONE".to_owned()]),
                ..HealthConfig::default()
            }),
            host_config: Some(HostConfig {
                security_opt: Some(security),
                memory: Some(MEMORY),
                pids_limit: Some(PROCESSES),
                binds: some(&spec.volumes),
                tmpfs: (!tmpfs.is_empty()).then_some(tmpfs),
                cap_drop: some(&spec.drop_capabilities),
                readonly_rootfs: Some(spec.is_read_only),
                privileged: Some(spec.is_privileged),
                ..HostConfig::default()
            }),
            ..ContainerCreateBody::default()
        };
        let name = format!("aalint-{}-{name}", self.run);
        self.engine.create_container(&name, body, self.interrupt)
    }

    pub(super) fn start(&self, id: &str) -> Result<(), EngineError> {
        self.engine.start_container(id, self.interrupt)
    }

    /// Whether this machine's kernel runs the container.
    pub(super) fn is_here(&self, id: &str) -> Result<(), Refusal> {
        let state = self.engine.inspect(id);
        let state = state.map_err(|error| self.engine.refusal(error))?;
        let Some(pid) = state.pid else {
            return Ok(());
        };
        match label::cgroup(&self.paths.proc, pid, id) {
            Ok(Some(_)) => Ok(()),
            // It may have ended meanwhile.
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
            _ => Err(Refusal::OtherKernel(format!("of container {}", short(id)))),
        }
    }

    /// A process that the engine says is the container's, if the kernel says so too; `None` if it has ended. Its
    /// namespaces are entered, so the word of the engine is not enough.
    pub(super) fn own(&self, id: &str, pid: u32) -> Result<Option<u32>, EngineError> {
        match label::cgroup(&self.paths.proc, pid, id) {
            Ok(Some(_)) => Ok(Some(pid)),
            Ok(None) => {
                let odd = format!("process {pid}, which is not in the container {}", short(id));
                Err(EngineError::Odd(odd))
            }
            Err(_) => Ok(None),
        }
    }

    /// The first process of a container that runs.
    pub(super) fn process(&self, id: &str) -> Result<Option<u32>, EngineError> {
        match self.engine.inspect(id)?.pid {
            Some(pid) => self.own(id, pid),
            None => Ok(None),
        }
    }

    /// Waits until the application answers as it should.
    pub(super) fn ready(&self, id: &str) -> Result<Result<HttpAnswer, Unready>, EngineError> {
        let wait = |deadline| self.until_ready(id, deadline);
        self.engine.waiting(READY, wait)
    }

    fn until_ready(
        &self,
        id: &str,
        deadline: Deadline,
    ) -> Result<Result<HttpAnswer, Unready>, EngineError> {
        let spec = self.spec;
        loop {
            if let Some(signal) = self.interrupt.signal() {
                return Err(EngineError::Interrupted(signal));
            }
            let state = self.engine.inspect(id)?;
            let Some(pid) = state.pid.filter(|_| state.is_running) else {
                return Ok(Err(Unready::Ended(state)));
            };
            let asked = match self.own(id, pid)? {
                Some(pid) => request::ask(&self.paths.proc, pid, spec.port, &spec.request),
                None => Err(io::ErrorKind::NotFound.into()),
            };
            let why = match asked {
                Ok(answered) if answered.status == spec.status => return Ok(Ok(answered)),
                Ok(answered) => Unready::Other {
                    request: spec.request.clone(),
                    status: answered.status,
                    expected: spec.status,
                },
                Err(error) => Unready::Silent {
                    port: spec.port,
                    error,
                },
            };
            if deadline.is_past() {
                return Ok(Err(why));
            }
            pause(PAUSE);
        }
    }

    /// The tasks of a container, when all of them have the label or when some still do not after a time.
    pub(super) fn labelled(
        &self,
        id: &str,
        label: &str,
    ) -> Result<Vec<ContainerTask>, EngineError> {
        let deadline = Deadline::after(LABELLED);
        loop {
            let tasks = label::tasks(&self.paths.proc, id)
                .map_err(|error| EngineError::Lost(error.to_string()))?;
            let is_good = !tasks.is_empty() && tasks.iter().all(|task| task.label == label);
            let is_over = deadline.is_past() || self.interrupt.is_raised();
            if is_good || is_over || !self.engine.inspect(id)?.is_running {
                return Ok(tasks);
            }
            pause(PAUSE);
        }
    }

    /// Executes the program of the first process once more, with an input that does not end, and looks at its
    /// label until it is the wanted one.
    #[expect(clippy::disallowed_methods, reason = "processes are shown as files")]
    pub(super) fn execute(&self, id: &str, label: &str) -> Result<Executed, EngineError> {
        let proc = &self.paths.proc;
        let Some(pid) = self.process(id)? else {
            return Ok(Executed::Ended);
        };
        let Ok(program) = std::fs::read_link(proc.join(format!("{pid}/exe"))) else {
            return Ok(Executed::Ended);
        };
        let docker = self.engine.docker();
        let config = ExecConfig {
            attach_stdin: Some(true),
            attach_stdout: Some(true),
            attach_stderr: Some(true),
            cmd: Some(vec![program.display().to_string()]),
            ..ExecConfig::default()
        };
        let created = docker.create_exec(id, config);
        let exec = checked_id(self.engine.wait(WORK, Some(self.interrupt), created)?.id)?;
        let started = docker.start_exec(&exec, None);
        // Dropped at the end: then the input ends, and with it the program.
        let attached: StartExecResults = match self.engine.wait(WORK, Some(self.interrupt), started)
        {
            Ok(attached) => attached,
            Err(EngineError::Server(_, why)) => return Ok(Executed::Refused(why)),
            Err(error) => return Err(error),
        };
        let deadline = Deadline::after(LABELLED);
        let mut last = None;
        loop {
            let state = self
                .engine
                .wait(WORK, Some(self.interrupt), docker.inspect_exec(&exec))?;
            let pid = state.pid.and_then(|pid| u32::try_from(pid).ok());
            let pid = pid.filter(|pid| *pid != 0);
            // Until the runtime has put it there, it is in another control group.
            let is_own = |pid: &u32| matches!(label::cgroup(proc, *pid, id), Ok(Some(_)));
            if let Some(pid) = pid.filter(is_own)
                && let Ok(label) = label_in(&proc.join(format!("{pid}/attr")))
            {
                let name = std::fs::read_to_string(proc.join(format!("{pid}/comm")));
                let name = name.unwrap_or_default().trim_end().to_owned();
                last = Some(ContainerTask {
                    pid,
                    tid: pid,
                    name,
                    label,
                });
            }
            let is_ended = pid.is_some() && !state.running.unwrap_or_default();
            let is_good = last.as_ref().is_some_and(|task| task.label == label);
            if is_good || is_ended || deadline.is_past() {
                drop(attached);
                // What was seen while the runtime prepared it says nothing about the program.
                let is_early = is_ended && !is_good;
                return Ok(match last.filter(|_| !is_early) {
                    Some(task) => Executed::Label(task),
                    None => Executed::Ended,
                });
            }
            pause(PAUSE);
        }
    }

    /// Asks it to end; gives its exit status.
    pub(super) fn stop(&self, id: &str) -> Result<Option<i64>, EngineError> {
        self.engine.stop_container(id, GRACE, self.interrupt)?;
        Ok(self.engine.inspect(id)?.exit_code)
    }
}
