//! The container engine, spoken to over its socket: Docker's API.
//!
//! The rest of verify knows no future: each call here waits, no longer than it should, and not beyond
//! an interrupt.

use std::cell::Cell;
use std::time::Duration;

use bollard::models::{ContainerCreateBody, SystemInfo};
use bollard::query_parameters as query;
use bollard::{API_DEFAULT_VERSION, Docker};
use futures_util::StreamExt;
use tokio::runtime::{Builder, Runtime};
use tokio::time::{sleep, timeout};

use crate::verify::deadline::Deadline;
use crate::verify::interrupt::Interrupt;
use crate::verify::{Environment, Refusal};

/// Maximum time until an engine answers that is there: one that systemd starts when somebody calls it, as Podman's, takes
/// seconds. Where none listens, that is known at once. docs/verify.md names it.
const GREETING: Duration = Duration::from_secs(20);
/// Maximum time for a call that does work.
pub(super) const WORK: Duration = Duration::from_secs(60);
/// How often interrupts are looked at.
const PAUSE: Duration = Duration::from_millis(20);
/// Maximum time until the headers of an answer, in seconds; our own limits are shorter or wanted.
const HEADERS: u64 = 1200;
/// Maximum number of lines of a container's log that are looked at.
const LOG_LINES: &str = "40";
/// Maximum number of bytes of it.
const MAX_LOG: usize = 64 << 10;
/// Maximum number of characters of a message that are shown.
const MAX_SHOWN: usize = 2_000;
/// Maximum number of characters of a version, of a kernel's release, and of an odd id.
const MAX_SHOWN_ID: usize = 100;

/// Why the engine did not do what it should.
#[derive(Debug, thiserror::Error)]
pub enum EngineError {
    /// A signal came; its number.
    #[error("interrupted by signal {0}")]
    Interrupted(u8),
    /// It took too long.
    #[error("it did not answer within {} s", .0.as_secs_f32())]
    Late(Duration),
    /// It refuses; its status and words.
    #[error("{1}")]
    Server(u16, String),
    /// It cannot be spoken to.
    #[error("{0}")]
    Lost(String),
    /// It gives an answer that no engine gives.
    #[error("it answers what no engine would: {0}")]
    Odd(String),
}

/// What an engine says, as it may be shown: on one line, and not longer than that.
fn shown(text: &str, most: usize) -> String {
    let text = text.chars().map(|c| if c.is_control() { ' ' } else { c });
    text.take(most).collect()
}

/// An id in the form that engines give: 64 hexadecimal digits, of an image with `sha256:` before them. It becomes a
/// part of paths and addresses.
pub(super) fn checked_id(id: String) -> Result<String, EngineError> {
    let digits = id.strip_prefix("sha256:").unwrap_or(&id);
    let is_digit = |byte: u8| byte.is_ascii_digit() || (b'a'..=b'f').contains(&byte);
    if digits.len() == 64 && digits.bytes().all(is_digit) {
        return Ok(id);
    }
    let odd = format!("`{}` as an id", shown(&id, MAX_SHOWN_ID));
    Err(EngineError::Odd(odd))
}

impl From<bollard::errors::Error> for EngineError {
    fn from(error: bollard::errors::Error) -> Self {
        use bollard::errors::Error;
        match error {
            Error::DockerResponseServerError {
                status_code,
                message,
            } => Self::Server(status_code, shown(&message, MAX_SHOWN)),
            Error::DockerStreamError { error } => Self::Server(0, shown(&error, MAX_SHOWN)),
            error => {
                // The outer errors only say that something went wrong.
                let mut inner: &dyn std::error::Error = &error;
                while let Some(source) = inner.source() {
                    inner = source;
                }
                Self::Lost(shown(&inner.to_string(), MAX_SHOWN))
            }
        }
    }
}

/// A container as the engine sees it.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub(super) struct ContainerState {
    pub(super) is_running: bool,
    /// Its first process, in this machine's numbers.
    pub(super) pid: Option<u32>,
    pub(super) exit_code: Option<i64>,
    /// What the engine says that went wrong.
    pub(super) error: String,
}

/// An engine.
#[derive(Debug)]
pub(in crate::verify) struct Engine {
    runtime: Runtime,
    docker: Docker,
    /// Where it listens.
    pub(in crate::verify) address: String,
    /// Its version.
    pub(in crate::verify) version: String,
    /// How long it was waited for, and for what runs in its containers.
    waited: Cell<Duration>,
}

/// Whether the engine at an address can run containers under a profile of this machine's kernel.
///
/// # Errors
/// If it cannot, or does not answer.
pub fn examine(address: &str, environment: &Environment) -> Result<(), Refusal> {
    Engine::connect(address)?.examine(environment)
}

impl Engine {
    /// Speaks to an engine on this machine.
    pub(in crate::verify) fn connect(address: &str) -> Result<Self, Refusal> {
        Self::connect_within(GREETING, address)
    }

    fn connect_within(longest: Duration, address: &str) -> Result<Self, Refusal> {
        let refused = |why: String| Refusal::Engine {
            address: address.to_owned(),
            why,
        };
        let Some(path) = address.strip_prefix("unix://") else {
            return Err(Refusal::RemoteEngine(address.to_owned()));
        };
        let runtime = Builder::new_current_thread()
            .enable_all()
            .build()
            .map_err(|error| refused(error.to_string()))?;
        let docker = Docker::connect_with_unix(path, HEADERS, API_DEFAULT_VERSION);
        let docker = docker.map_err(|error| refused(EngineError::from(error).to_string()))?;
        let mut engine = Self {
            runtime,
            docker,
            address: address.to_owned(),
            version: String::new(),
            waited: Cell::default(),
        };
        let version = engine.wait(longest, None, engine.docker.version());
        let version = version.map_err(|error| refused(error.to_string()))?;
        engine.version = shown(&version.version.unwrap_or_default(), MAX_SHOWN_ID);
        Ok(engine)
    }

    /// Whether the engine confines containers, by this machine's kernel.
    pub(in crate::verify) fn examine(&self, environment: &Environment) -> Result<(), Refusal> {
        let refused = |why: String| Refusal::Engine {
            address: self.address.clone(),
            why,
        };
        let info = self.wait(WORK, None, self.docker.info());
        let info: SystemInfo = info.map_err(|error| refused(error.to_string()))?;
        if let Some(kernel) = info.kernel_version
            && kernel != environment.kernel
        {
            return Err(Refusal::OtherKernel(shown(&kernel, MAX_SHOWN_ID)));
        }
        let options = info.security_options.unwrap_or_default();
        let has = |name: &str| {
            let name = format!("name={name}");
            options
                .iter()
                .any(|option| option.split(',').any(|part| part == name))
        };
        if has("rootless") {
            return Err(Refusal::Rootless(self.address.clone()));
        }
        if !has("apparmor") {
            return Err(Refusal::EngineWithoutAppArmor(self.address.clone()));
        }
        Ok(())
    }

    /// What a run makes of an engine that failed it.
    pub(super) fn refusal(&self, error: EngineError) -> Refusal {
        match error {
            EngineError::Interrupted(signal) => Refusal::Interrupted(signal),
            EngineError::Server(_, why) => Refusal::EngineRefuses(why),
            error @ EngineError::Odd(_) => Refusal::EngineRefuses(error.to_string()),
            error => Refusal::Engine {
                address: self.address.clone(),
                why: error.to_string(),
            },
        }
    }

    pub(super) fn docker(&self) -> &Docker {
        &self.docker
    }

    /// Waits for an answer: at most so long, and only until an interrupt, if there is one to mind.
    pub(super) fn wait<T>(
        &self,
        longest: Duration,
        interrupt: Option<&Interrupt>,
        answer: impl Future<Output = Result<T, bollard::errors::Error>>,
    ) -> Result<T, EngineError> {
        self.waiting(longest, |_| self.block_on(longest, interrupt, answer))
    }

    /// Does something that waits for the engine or its containers, and counts the time; `wait` may be called
    /// in it.
    pub(super) fn waiting<T>(&self, longest: Duration, what: impl FnOnce(Deadline) -> T) -> T {
        let (before, deadline) = (self.waited.get(), Deadline::after(longest));
        let result = what(deadline);
        self.waited.set(before + deadline.elapsed());
        result
    }

    /// How long it was waited for so far, and for what runs in its containers.
    pub(in crate::verify) fn waited(&self) -> Duration {
        self.waited.get()
    }

    fn block_on<T>(
        &self,
        longest: Duration,
        interrupt: Option<&Interrupt>,
        answer: impl Future<Output = Result<T, bollard::errors::Error>>,
    ) -> Result<T, EngineError> {
        self.runtime.block_on(async {
            let interrupted = async {
                loop {
                    if let Some(signal) = interrupt.and_then(Interrupt::signal) {
                        return signal;
                    }
                    sleep(PAUSE).await;
                }
            };
            let answer = std::pin::pin!(timeout(longest, answer));
            let interrupted = std::pin::pin!(interrupted);
            match futures_util::future::select(answer, interrupted).await {
                futures_util::future::Either::Left((Ok(answer), _)) => Ok(answer?),
                futures_util::future::Either::Left((Err(_), _)) => Err(EngineError::Late(longest)),
                futures_util::future::Either::Right((signal, _)) => {
                    Err(EngineError::Interrupted(signal))
                }
            }
        })
    }

    /// Whether the engine has an image of that name.
    pub(super) fn has_image(&self, name: &str) -> Result<bool, EngineError> {
        match self.wait(WORK, None, self.docker.inspect_image(name)) {
            Ok(_) => Ok(true),
            Err(EngineError::Server(404, _)) => Ok(false),
            Err(error) => Err(error),
        }
    }

    /// Creates a container; gives its id.
    pub(super) fn create_container(
        &self,
        name: &str,
        body: ContainerCreateBody,
        interrupt: &Interrupt,
    ) -> Result<String, EngineError> {
        let options = query::CreateContainerOptionsBuilder::new()
            .name(name)
            .build();
        let created = self.docker.create_container(Some(options), body);
        checked_id(self.wait(WORK, Some(interrupt), created)?.id)
    }

    /// Whether the engine has a volume of that name.
    pub(super) fn has_volume(&self, name: &str) -> Result<bool, EngineError> {
        let is_fit = |c: char| c.is_ascii_alphanumeric() || "._-".contains(c);
        let is_name = name.starts_with(|c: char| c.is_ascii_alphanumeric());
        if !is_name || !name.chars().all(is_fit) || name.len() > MAX_SHOWN_ID {
            return Ok(false);
        }
        match self.wait(WORK, None, self.docker.inspect_volume(name)) {
            Ok(_) => Ok(true),
            Err(EngineError::Server(404, _)) => Ok(false),
            Err(error) => Err(error),
        }
    }

    pub(super) fn start_container(
        &self,
        id: &str,
        interrupt: &Interrupt,
    ) -> Result<(), EngineError> {
        let started = self
            .docker
            .start_container(id, None::<query::StartContainerOptions>);
        self.wait(WORK, Some(interrupt), started)
    }

    /// Asks the first process to end, and kills it after so long.
    pub(super) fn stop_container(
        &self,
        id: &str,
        seconds: i32,
        interrupt: &Interrupt,
    ) -> Result<(), EngineError> {
        let options = query::StopContainerOptionsBuilder::new().t(seconds).build();
        let stopped = self.docker.stop_container(id, Some(options));
        self.wait(WORK, Some(interrupt), stopped)
    }

    pub(super) fn inspect(&self, id: &str) -> Result<ContainerState, EngineError> {
        let inspected = self
            .docker
            .inspect_container(id, None::<query::InspectContainerOptions>);
        let state = self.wait(WORK, None, inspected)?.state.unwrap_or_default();
        let pid = state.pid.and_then(|pid| u32::try_from(pid).ok());
        Ok(ContainerState {
            is_running: state.running.unwrap_or_default(),
            pid: pid.filter(|pid| *pid != 0),
            exit_code: state.exit_code,
            error: shown(&state.error.unwrap_or_default(), MAX_SHOWN),
        })
    }

    /// The end of what a container has written.
    pub(super) fn log(&self, id: &str) -> Result<Vec<String>, EngineError> {
        let options = query::LogsOptionsBuilder::new()
            .stdout(true)
            .stderr(true)
            .tail(LOG_LINES)
            .build();
        let mut parts = self.docker.logs(id, Some(options));
        let text = self.wait(WORK, None, async {
            let mut text = Vec::new();
            while let Some(part) = parts.next().await {
                text.extend_from_slice(&part?.into_bytes());
                if text.len() > MAX_LOG {
                    text.truncate(MAX_LOG);
                    break;
                }
            }
            Ok(text)
        })?;
        let text = String::from_utf8_lossy(&text);
        Ok(text
            .lines()
            .map(|line| line.trim_end().to_owned())
            .collect())
    }
}

#[cfg(test)]
mod tests {
    use std::os::unix::net::UnixListener;

    use super::super::fake::Fake;
    use super::*;

    /// An engine with these security options, on a machine with that kernel.
    fn examined(options: &str, kernel: &str) -> Result<(), Refusal> {
        let info = format!("{{\"KernelVersion\":\"{kernel}\",\"SecurityOptions\":[{options}]}}");
        let fake = Fake::start(move |request| match request {
            "GET /info" => (200, info.clone()),
            _ => (200, "{\"Version\":\"26.1.5\"}".to_owned()),
        });
        let engine = Engine::connect(&fake.address())?;
        assert_eq!(engine.version, "26.1.5");
        let environment = Environment {
            kernel: "6.12.1".to_owned(),
            ..Environment::default()
        };
        engine.examine(&environment)
    }

    #[test]
    fn engines_that_cannot_confine_are_refused() {
        assert!(
            examined(
                "\"name=apparmor\",\"name=seccomp,profile=builtin\"",
                "6.12.1"
            )
            .is_ok()
        );
        let rootless = examined("\"name=apparmor\",\"name=rootless\"", "6.12.1");
        assert!(
            matches!(rootless, Err(Refusal::Rootless(_))),
            "{rootless:?}"
        );
        let without = examined("\"name=seccomp,profile=builtin\"", "6.12.1");
        assert!(
            matches!(without, Err(Refusal::EngineWithoutAppArmor(_))),
            "{without:?}"
        );
        let other = examined("\"name=apparmor\"", "6.6.0-linuxkit");
        assert!(matches!(other, Err(Refusal::OtherKernel(kernel)) if kernel == "6.6.0-linuxkit"));
    }

    #[test]
    fn ids_have_a_form() {
        let id = "0123456789abcdef".repeat(4);
        for id in [id.clone(), format!("sha256:{id}")] {
            assert_eq!(checked_id(id.clone()).unwrap(), id);
        }
        let (short, long, upper) = (id.get(1..).unwrap(), format!("{id}0"), id.to_uppercase());
        let path = format!("../{}", id.get(3..).unwrap());
        for odd in [
            "",
            "/",
            "../../etc",
            short,
            &long,
            &upper,
            &path,
            "a\u{1b}[2Jb",
            "sha256:",
        ] {
            let error = checked_id(odd.to_owned()).unwrap_err().to_string();
            assert!(
                error.len() < 300 && !error.contains(char::is_control),
                "{error}"
            );
        }
    }

    #[test]
    fn engines_elsewhere_and_nowhere_are_refused() {
        for address in [
            "tcp://192.0.2.1:2375",
            "ssh://build.example",
            "http://localhost",
        ] {
            let refused = Engine::connect(address).unwrap_err();
            assert!(matches!(refused, Refusal::RemoteEngine(_)), "{refused}");
        }
        let deadline = Deadline::after(Duration::from_secs(2));
        let refused = Engine::connect("unix:///no/such/socket").unwrap_err();
        assert!(matches!(refused, Refusal::Engine { .. }), "{refused}");
        // One that takes the connection and says nothing.
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("engine.sock");
        let _listener = UnixListener::bind(&path).unwrap();
        let address = format!("unix://{}", path.display());
        let refused = Engine::connect_within(Duration::from_millis(200), &address).unwrap_err();
        assert!(matches!(refused, Refusal::Engine { .. }), "{refused}");
        assert!(!deadline.is_past());
    }
}
