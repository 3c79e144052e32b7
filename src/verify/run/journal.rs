//! What must be undone, written down before it is done: plain data. Who undoes it lies above.
//!
//! There is one journal on a machine, and the process that keeps it holds a lock that ends with the process,
//! however that ends. So a process that gets the lock and finds an entry knows that its writer is gone, and
//! undoes it: the next run does, and `aalint verify --cleanup`.

use std::fs::{self, File};
use std::io::{self, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};
use std::time::Duration;

use rustix::fs::{FlockOperation, flock};
use serde::{Deserialize, Serialize};

use crate::verify::Refusal;
use crate::verify::deadline::{Deadline, pause};
use crate::verify::kernel::make_private;

/// Version of the entry's form; one of another version is not touched.
const VERSION: u32 = 2;
const ENTRY: &str = "journal.json";
const LOCK: &str = "lock";
/// What a reaper's lock says behind its number.
pub(super) const REAPER: &str = " (cleaning up)";
/// Maximum time that a reaper is waited for.
const MAX_REAPER_WAIT: Duration = Duration::from_secs(60);
const PAUSE: Duration = Duration::from_millis(20);

/// The journal, locked.
#[derive(Debug)]
pub(super) struct Journal {
    directory: PathBuf,
    /// Held until this goes.
    _lock: File,
}

/// Policy that is put into the kernel, and what is made in a container engine.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
pub(super) struct JournalEntry {
    pub(super) version: u32,
    /// Names of the profiles, without children.
    pub(super) names: Vec<String>,
    /// The hash of what is loaded: only that is removed.
    pub(super) sha256: String,
    /// Which of the names were loaded before.
    pub(super) before: Vec<String>,
    /// How many blobs were saved that must be put back.
    pub(super) saved: usize,
    /// Containers and images.
    pub(super) runtime: Option<Runtime>,
}

/// Containers and images of a run: all that bear its label.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub(super) struct Runtime {
    /// Where the engine listens.
    pub(super) endpoint: String,
    /// The run's name.
    pub(super) run: String,
}

#[expect(
    clippy::disallowed_methods,
    reason = "the journal must outlive this process"
)]
impl Journal {
    /// Takes the lock. A reaper that holds it is about to be done, and is waited for.
    pub(super) fn open(directory: &Path) -> Result<Self, Refusal> {
        let deadline = Deadline::after(MAX_REAPER_WAIT);
        loop {
            match Self::open_as(directory, "") {
                Err(Refusal::Busy(holder)) if holder.ends_with(REAPER) && !deadline.is_past() => {
                    pause(PAUSE);
                }
                other => return other,
            }
        }
    }

    pub(super) fn open_as(directory: &Path, role: &str) -> Result<Self, Refusal> {
        let refusal = |error| Refusal::Journal {
            place: directory.display().to_string(),
            error,
        };
        make_private(directory).map_err(refusal)?;
        let path = directory.join(LOCK);
        let mut options = File::options();
        options
            .read(true)
            .write(true)
            .create(true)
            .truncate(false)
            .mode(0o600);
        let mut lock = options.open(&path).map_err(refusal)?;
        if let Err(error) = flock(&lock, FlockOperation::NonBlockingLockExclusive) {
            if error != rustix::io::Errno::WOULDBLOCK {
                return Err(refusal(error.into()));
            }
            let holder = fs::read_to_string(&path).unwrap_or_default();
            let holder = holder.trim();
            return Err(Refusal::Busy(if holder.is_empty() {
                String::new()
            } else {
                format!(", process {holder}")
            }));
        }
        // For the message above; the lock itself does not need it.
        let pid = format!("{}{role}\n", std::process::id());
        lock.set_len(0)
            .and_then(|()| lock.write_all(pid.as_bytes()))
            .map_err(refusal)?;
        Ok(Self {
            directory: directory.to_owned(),
            _lock: lock,
        })
    }

    /// Notes what is about to be done. `saved` is what must be put back afterwards.
    pub(super) fn note(
        &self,
        mut entry: JournalEntry,
        saved: &[Vec<u8>],
    ) -> io::Result<JournalEntry> {
        entry.version = VERSION;
        entry.saved = saved.len();
        for (number, blob) in saved.iter().enumerate() {
            self.write(&format!("saved-{number}"), blob)?;
        }
        self.write(ENTRY, &serde_json::to_vec_pretty(&entry)?)?;
        Ok(entry)
    }

    /// Notes anew what an entry says, with more that is about to be done.
    pub(super) fn amend(&self, entry: &JournalEntry) -> io::Result<()> {
        self.write(ENTRY, &serde_json::to_vec_pretty(entry)?)
    }

    /// A file is there whole or not at all.
    fn write(&self, name: &str, bytes: &[u8]) -> io::Result<()> {
        let building = self.directory.join(format!("{name}.new"));
        let mut options = File::options();
        options.write(true).create(true).truncate(true).mode(0o600);
        let mut file = options.open(&building)?;
        file.write_all(bytes)?;
        file.sync_all()?;
        fs::rename(building, self.directory.join(name))
    }

    /// Strikes the entry: what it says was undone, or was not done.
    pub(super) fn strike(&self, entry: &JournalEntry) -> io::Result<()> {
        fs::remove_file(self.place())?;
        for number in 0..entry.saved {
            fs::remove_file(self.saved_place(number))?;
        }
        Ok(())
    }

    /// The entry of a run that is gone.
    pub(super) fn stale(&self) -> io::Result<Option<JournalEntry>> {
        let text = match fs::read(self.place()) {
            Ok(text) => text,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(error),
        };
        let entry: JournalEntry = serde_json::from_slice(&text)?;
        if entry.version != VERSION {
            let found = entry.version;
            return Err(io::Error::other(format!(
                "it is of version {found}, and this aalint knows {VERSION}"
            )));
        }
        Ok(Some(entry))
    }

    /// What was saved with an entry, by its number.
    pub(super) fn saved(&self, number: usize) -> io::Result<Vec<u8>> {
        fs::read(self.saved_place(number))
    }

    fn saved_place(&self, number: usize) -> PathBuf {
        self.directory.join(format!("saved-{number}"))
    }

    /// Where the entry lies.
    pub(super) fn place(&self) -> PathBuf {
        self.directory.join(ENTRY)
    }
}
