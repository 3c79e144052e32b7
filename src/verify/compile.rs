//! Policy compiled for the running kernel by the real parser.

use std::io::{self, Read};
use std::process::{Child, Command, Stdio};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use super::interrupt::Interrupt;
use super::{Environment, Refusal};
use crate::policy::Search;
use crate::source::{EntryKind, Vfs};

/// Longest time for one file; the largest real profiles take seconds.
const LONGEST: Duration = Duration::from_secs(120);
/// How often the compiler and the interrupts are looked at.
const PAUSE: Duration = Duration::from_millis(5);

/// What came of compiling.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub(super) struct Compiled {
    /// The policy.
    pub(super) blob: Vec<u8>,
    /// What the parser said besides.
    pub(super) warnings: Vec<String>,
}

/// The real parser at work on a file, with the features of the running kernel. Nothing is loaded and no
/// cache is written. Dropped, it is ended.
#[derive(Debug)]
pub struct Compilation {
    child: Child,
    output: Option<JoinHandle<Vec<u8>>>,
    words: Option<JoinHandle<Vec<u8>>>,
}

impl Compilation {
    /// Begins it; it goes on beside whatever else is done.
    ///
    /// # Errors
    /// If the parser cannot be run.
    #[expect(clippy::disallowed_methods, reason = "the parser is another program")]
    pub fn begin(
        environment: &Environment,
        path: &str,
        search: &Search,
        vfs: &dyn Vfs,
    ) -> Result<Self, Refusal> {
        let mut command = Command::new(&environment.program);
        command.args(["--skip-kernel-load", "--skip-cache", "--stdout"]);
        command.args(places(search, vfs)).arg(path);
        command
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped());
        let system = |error| Refusal::System("apparmor_parser cannot be run", error);
        let mut child = command.spawn().map_err(system)?;
        Ok(Self {
            output: Some(reader(child.stdout.take())),
            words: Some(reader(child.stderr.take())),
            child,
        })
    }

    /// Waits for it.
    pub(super) fn finish(mut self, interrupt: &Interrupt) -> Result<Compiled, Refusal> {
        let status = wait(&mut self.child, interrupt);
        // Both end with the process.
        let [output, words] = [&mut self.output, &mut self.words].map(|reader| {
            let bytes = reader.take().map(JoinHandle::join);
            bytes.and_then(Result::ok).unwrap_or_default()
        });
        let words = String::from_utf8_lossy(&words).into_owned();
        let lines = words.lines().map(str::trim).filter(|line| !line.is_empty());
        let lines: Vec<String> = lines.map(str::to_owned).collect();
        if !status?.success() || output.is_empty() {
            let said = lines.join("; ");
            return Err(Refusal::Compile(if said.is_empty() {
                "it says nothing".to_owned()
            } else {
                said
            }));
        }
        Ok(Compiled {
            blob: output,
            warnings: lines,
        })
    }
}

impl Drop for Compilation {
    fn drop(&mut self) {
        // It has ended, or its result is of no use.
        let _ = self.child.kill().and_then(|()| self.child.wait());
    }
}

fn reader(stream: Option<impl Read + Send + 'static>) -> JoinHandle<Vec<u8>> {
    std::thread::spawn(move || {
        let mut bytes = Vec::new();
        // What cannot be read is missing, and then the policy does not load.
        let _ = stream.map(|mut stream| stream.read_to_end(&mut bytes));
        bytes
    })
}

#[expect(
    clippy::disallowed_methods,
    reason = "a program that never ends is ended"
)]
fn wait(child: &mut Child, interrupt: &Interrupt) -> Result<std::process::ExitStatus, Refusal> {
    let started = Instant::now();
    let system = |error| Refusal::System("apparmor_parser cannot be waited for", error);
    loop {
        if let Some(status) = child.try_wait().map_err(system)? {
            return match interrupt.signal() {
                Some(signal) => Err(Refusal::Interrupted(signal)),
                None => Ok(status),
            };
        }
        if interrupt.is_raised() || started.elapsed() > LONGEST {
            child.kill().and_then(|()| child.wait()).map_err(system)?;
            return Err(match interrupt.signal() {
                Some(signal) => Refusal::Interrupted(signal),
                None => system(io::ErrorKind::TimedOut.into()),
            });
        }
        std::thread::sleep(PAUSE);
    }
}

/// The options that let the parser search as aalint does: of its directories the base is last.
fn places(search: &Search, vfs: &dyn Vfs) -> Vec<String> {
    let is_base = |directory: &&String| {
        vfs.kind(&format!("{directory}/tunables/global")) == Some(EntryKind::File)
    };
    let base = search.directories.iter().find(is_base);
    let mut options = Vec::new();
    if let Some(base) = base {
        options.extend(["--base".to_owned(), base.clone()]);
    }
    for directory in &search.directories {
        options.extend(["--Include".to_owned(), directory.clone()]);
    }
    options
}
