//! Policy compiled for the running kernel by the real parser.
//!
//! The parser is given a copy of the files as aalint read them, by absolute paths, which no option begins like. It is
//! run from its absolute path with a small environment, so that nothing of the caller's decides what it does.

use std::io::{self, Read};
use std::process::{Child, Command, Stdio};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use super::copy::PrivateCopy;
use super::environment::{Environment, PARSER_ENVIRONMENT};
use super::private_directory::make_private;
use crate::policy::Search;
use crate::source::Snapshot;
use crate::source::{EntryKind, Vfs};
use crate::verify::interrupt::Interrupt;
use crate::verify::{Refusal, SystemPaths};

/// Maximum number of bytes that compiled policy may have; the kernel takes no more at once (KMALLOC_MAX_SIZE is far below).
const MAX_POLICY: u64 = 256 << 20;
/// Maximum number of bytes of messages that are kept.
const MAX_WORDS: u64 = 64 << 10;

/// Maximum time for one file; the largest real profiles take seconds.
const MAX_TIME: Duration = Duration::from_secs(120);
/// How often the compiler and the interrupts are looked at.
const PAUSE: Duration = Duration::from_millis(5);

/// What came of compiling.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub(in crate::verify) struct Compiled {
    /// The policy.
    pub(in crate::verify) blob: Vec<u8>,
    /// The parser's warnings.
    pub(in crate::verify) warnings: Vec<String>,
}

/// The real parser at work on a file, with the features of the running kernel. Nothing is loaded and no
/// cache is written. Dropped, it is ended, and its files are gone.
#[derive(Debug)]
pub struct Compilation {
    child: Child,
    copy: PrivateCopy,
    output: Option<JoinHandle<Vec<u8>>>,
    words: Option<JoinHandle<Vec<u8>>>,
}

impl Compilation {
    /// Starts the parser, which runs in parallel. `snapshot` holds the files that were judged.
    ///
    /// # Errors
    /// If the files cannot be copied, or the parser cannot be run.
    #[expect(clippy::disallowed_methods, reason = "the parser is another program")]
    pub fn begin(
        (environment, paths): (&Environment, &SystemPaths),
        path: &str,
        search: &Search,
        snapshot: &Snapshot<'_>,
    ) -> Result<Self, Refusal> {
        let uncopied =
            |error| Refusal::System("the policy cannot be copied for apparmor_parser", error);
        let kept = |error| Refusal::Journal {
            place: paths.journal.display().to_string(),
            error,
        };
        make_private(&paths.journal).map_err(kept)?;
        let places = places(search, snapshot);
        let copy = PrivateCopy::of(snapshot, &paths.journal).map_err(uncopied)?;
        let mut command = Command::new(&environment.program);
        command.env_clear().envs(PARSER_ENVIRONMENT);
        command.current_dir(copy.place(".").map_err(uncopied)?);
        command.args(["--skip-kernel-load", "--skip-cache", "--stdout"]);
        for (option, directory) in places {
            command.arg(option);
            command.arg(copy.place(&directory).map_err(uncopied)?);
        }
        command.arg("--").arg(copy.place(path).map_err(uncopied)?);
        command
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped());
        let system = |error| Refusal::System("apparmor_parser cannot be run", error);
        let mut child = command.spawn().map_err(system)?;
        Ok(Self {
            output: Some(reader(child.stdout.take(), MAX_POLICY)),
            words: Some(reader(child.stderr.take(), MAX_WORDS)),
            child,
            copy,
        })
    }

    /// Waits for the compiled policy.
    ///
    /// # Errors
    /// If the parser refuses it, or somebody interrupts.
    pub fn policy(self, interrupt: &Interrupt) -> Result<Vec<u8>, Refusal> {
        Ok(self.finish(interrupt)?.blob)
    }

    /// Waits for it.
    pub(in crate::verify) fn finish(mut self, interrupt: &Interrupt) -> Result<Compiled, Refusal> {
        let status = wait(&mut self.child, interrupt);
        // Both end with the process.
        let [output, words] = [&mut self.output, &mut self.words].map(|reader| {
            let bytes = reader.take().map(JoinHandle::join);
            bytes.and_then(Result::ok).unwrap_or_default()
        });
        let words = self.copy.translated(&String::from_utf8_lossy(&words));
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

/// Reads to the end, and keeps at most `most` bytes.
fn reader(stream: Option<impl Read + Send + 'static>, most: u64) -> JoinHandle<Vec<u8>> {
    std::thread::spawn(move || {
        let mut bytes = Vec::new();
        // What cannot be read is missing, and then the policy does not load.
        let _ = stream.map(|stream| {
            let mut kept = stream.take(most);
            let read = kept.read_to_end(&mut bytes);
            read.and_then(|_| io::copy(&mut kept.into_inner(), &mut io::sink()))
        });
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
        if interrupt.is_raised() || started.elapsed() > MAX_TIME {
            child.kill().and_then(|()| child.wait()).map_err(system)?;
            return Err(match interrupt.signal() {
                Some(signal) => Refusal::Interrupted(signal),
                None => system(io::ErrorKind::TimedOut.into()),
            });
        }
        std::thread::sleep(PAUSE);
    }
}

/// The options that let the parser search as aalint does, with their directories: of these the base is last.
fn places(search: &Search, vfs: &dyn Vfs) -> Vec<(&'static str, String)> {
    let is_base = |directory: &&String| {
        vfs.kind(&format!("{directory}/tunables/global")) == Some(EntryKind::File)
    };
    let base = search.directories.iter().find(is_base);
    let mut options = Vec::new();
    if let Some(base) = base {
        options.push(("--base", base.clone()));
    }
    for directory in &search.directories {
        // It is in the copy once it was seen, be it empty.
        vfs.kind(directory);
        options.push(("--Include", directory.clone()));
    }
    options
}
