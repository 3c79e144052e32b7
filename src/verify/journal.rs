//! What must be undone, written down before it is done.
//!
//! There is one journal on a machine, and whoever keeps it holds a lock that ends with the process,
//! however that ends. So whoever gets the lock and finds an entry knows that its writer is gone, and
//! undoes it: the next run does, and `aalint verify --cleanup`.

use std::fs::{self, DirBuilder, File};
use std::io::{self, Write};
use std::os::unix::fs::{DirBuilderExt, MetadataExt, OpenOptionsExt};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use rustix::fs::{FlockOperation, flock};
use serde::{Deserialize, Serialize};

use super::confined_tasks::process_staying_under;
use super::container::undo_in_engine;
use super::load::sha256;
use super::{Kernel, Refusal, SystemPaths};

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

/// Something of ours that is still there, and why.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Leftover {
    /// What it is.
    pub what: String,
    /// Why it could not be removed or restored.
    pub why: String,
}

#[expect(
    clippy::disallowed_methods,
    reason = "the journal must outlive this process"
)]
impl Journal {
    /// Takes the lock. A reaper that holds it is about to be done, and is waited for.
    pub(super) fn open(directory: &Path) -> Result<Self, Refusal> {
        let started = Instant::now();
        loop {
            match Self::open_as(directory, "") {
                Err(Refusal::Busy(holder))
                    if holder.ends_with(REAPER) && started.elapsed() < MAX_REAPER_WAIT =>
                {
                    std::thread::sleep(PAUSE);
                }
                other => return other,
            }
        }
    }

    pub(super) fn open_as(directory: &Path, role: &str) -> Result<Self, Refusal> {
        let refusal = |error| Refusal::Journal(directory.display().to_string(), error);
        prepare(directory).map_err(refusal)?;
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
        fs::remove_file(self.directory.join(ENTRY))?;
        for number in 0..entry.saved {
            fs::remove_file(self.directory.join(format!("saved-{number}")))?;
        }
        Ok(())
    }

    /// The entry of a run that is gone.
    pub(super) fn stale(&self) -> io::Result<Option<JournalEntry>> {
        let text = match fs::read(self.directory.join(ENTRY)) {
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

    /// Undoes an entry and strikes it: containers first, so that no task is left under the policy. Only
    /// what is ours is touched.
    pub(super) fn undo(&self, entry: &JournalEntry, paths: &SystemPaths) -> Result<(), Leftover> {
        if let Some(runtime) = &entry.runtime {
            undo_in_engine(&runtime.endpoint, &runtime.run, paths)?;
        }
        self.undo_in_kernel(entry, paths)?;
        self.strike(entry).map_err(|error| Leftover {
            what: self.directory.join(ENTRY).display().to_string(),
            why: error.to_string(),
        })
    }

    fn undo_in_kernel(&self, entry: &JournalEntry, paths: &SystemPaths) -> Result<(), Leftover> {
        let kernel = Kernel::new(&paths.apparmor);
        let because = |what: String| {
            move |error: io::Error| Leftover {
                what,
                why: error.to_string(),
            }
        };
        let first = || entry.names.first().cloned().unwrap_or_default();
        let mut ours = Vec::new();
        for name in &entry.names {
            let is_ours = match kernel.raw(name) {
                Ok(None) => false,
                Ok(Some(raw)) => sha256(&raw.bytes) == entry.sha256,
                // The kernel does not show bytes; what was noted was loaded by us.
                Err(_) => true,
            };
            if is_ours {
                ours.push(name.clone());
            }
        }
        if !ours.is_empty() {
            for number in 0..entry.saved {
                let blob = fs::read(self.directory.join(format!("saved-{number}")));
                blob.and_then(|blob| kernel.replace_policy(&blob))
                    .map_err(because(first()))?;
            }
        }
        let added: Vec<&String> = ours
            .iter()
            .filter(|name| !entry.before.contains(name))
            .collect();
        for name in &added {
            if let Some(process) = process_staying_under(&paths.proc, name) {
                return Err(Leftover {
                    what: (*name).clone(),
                    why: format!("process {process} runs under it, and would be unconfined"),
                });
            }
            kernel
                .remove_policy(name)
                .map_err(because((*name).clone()))?;
        }
        let loaded = kernel.loaded().unwrap_or_default();
        let is_of = |name: &str, loaded: &str| {
            let rest = loaded.strip_prefix(name);
            rest.is_some_and(|rest| rest.is_empty() || rest.starts_with("//"))
        };
        let left = loaded
            .into_iter()
            .find(|loaded| added.iter().any(|name| is_of(name, &loaded.name)));
        match left {
            Some(left) => Err(Leftover {
                what: left.name,
                why: "the kernel shows it although it was removed".to_owned(),
            }),
            None => Ok(()),
        }
    }
}

/// The directory, for root alone.
#[expect(
    clippy::disallowed_methods,
    reason = "the journal must outlive this process"
)]
pub(super) fn prepare(directory: &Path) -> io::Result<()> {
    DirBuilder::new()
        .recursive(true)
        .mode(0o700)
        .create(directory)?;
    let metadata = fs::symlink_metadata(directory)?;
    let is_own = metadata.uid() == rustix::process::geteuid().as_raw();
    if !metadata.is_dir() || !is_own || metadata.mode() & 0o022 != 0 {
        return Err(io::Error::other("somebody else may write there"));
    }
    Ok(())
}

#[cfg(test)]
#[expect(
    clippy::disallowed_methods,
    reason = "the tests make a kernel of files"
)]
mod tests {
    use super::super::recover::cleanup;
    use super::*;

    /// A kernel of files with one profile, loaded from these bytes.
    fn kernel_with(directory: &Path, name: &str, bytes: &[u8]) -> SystemPaths {
        let paths = SystemPaths {
            apparmor: directory.join("security"),
            proc: directory.join("proc"),
            journal: directory.join("journal"),
            ..SystemPaths::default()
        };
        let profile = paths.apparmor.join("policy/profiles/mangled.7");
        fs::create_dir_all(&profile).unwrap();
        fs::create_dir_all(&paths.proc).unwrap();
        fs::write(profile.join("name"), format!("{name}\n")).unwrap();
        fs::write(profile.join("raw_data"), bytes).unwrap();
        for file in [".load", ".replace", ".remove"] {
            fs::write(paths.apparmor.join(file), "").unwrap();
        }
        paths
    }

    fn entry(bytes: &[u8]) -> JournalEntry {
        JournalEntry {
            names: vec!["web".to_owned()],
            sha256: sha256(bytes),
            ..JournalEntry::default()
        }
    }

    fn said(paths: &SystemPaths, file: &str) -> String {
        fs::read_to_string(paths.apparmor.join(file)).unwrap()
    }

    #[test]
    fn what_a_dead_run_loaded_is_removed_once() {
        let directory = tempfile::tempdir().unwrap();
        let paths = kernel_with(directory.path(), "web", b"ours");
        assert!(!cleanup(&paths).unwrap());
        let journal = Journal::open(&paths.journal).unwrap();
        journal.note(entry(b"ours"), &[]).unwrap();
        assert!(matches!(cleanup(&paths), Err(Refusal::Busy(_))));
        drop(journal);
        assert!(cleanup(&paths).unwrap());
        assert_eq!(said(&paths, ".remove"), "web");
        assert!(!cleanup(&paths).unwrap());
    }

    #[test]
    fn what_somebody_else_loaded_meanwhile_stays() {
        let directory = tempfile::tempdir().unwrap();
        let paths = kernel_with(directory.path(), "web", b"theirs");
        let journal = Journal::open(&paths.journal).unwrap();
        journal.note(entry(b"ours"), &[]).unwrap();
        drop(journal);
        assert!(cleanup(&paths).unwrap());
        assert_eq!(said(&paths, ".remove"), "");
    }

    #[test]
    fn what_was_replaced_is_restored() {
        let directory = tempfile::tempdir().unwrap();
        let paths = kernel_with(directory.path(), "web", b"ours");
        let journal = Journal::open(&paths.journal).unwrap();
        let replaced = JournalEntry {
            before: vec!["web".to_owned()],
            ..entry(b"ours")
        };
        journal.note(replaced, &[b"theirs".to_vec()]).unwrap();
        drop(journal);
        assert!(cleanup(&paths).unwrap());
        assert_eq!(said(&paths, ".replace"), "theirs");
        assert_eq!(said(&paths, ".remove"), "");
        assert!(!paths.journal.join("saved-0").exists());
    }

    #[test]
    fn a_profile_with_tasks_is_not_removed_under_them() {
        let directory = tempfile::tempdir().unwrap();
        let paths = kernel_with(directory.path(), "web", b"ours");
        let task = paths.proc.join("12/task/12/attr/apparmor");
        fs::create_dir_all(&task).unwrap();
        fs::write(task.join("current"), "web (enforce)\n").unwrap();
        let journal = Journal::open(&paths.journal).unwrap();
        journal.note(entry(b"ours"), &[]).unwrap();
        drop(journal);
        let refusal = cleanup(&paths).unwrap_err();
        assert!(refusal.to_string().contains("process 12"), "{refusal}");
        assert_eq!(said(&paths, ".remove"), "");
        fs::write(task.join("current"), "unconfined\n").unwrap();
        assert!(cleanup(&paths).unwrap());
        assert_eq!(said(&paths, ".remove"), "web");
    }

    #[test]
    fn policy_stays_until_the_containers_are_gone() {
        let directory = tempfile::tempdir().unwrap();
        let paths = kernel_with(directory.path(), "web", b"ours");
        let journal = Journal::open(&paths.journal).unwrap();
        let runtime = Runtime {
            endpoint: "unix:///no/such/socket".to_owned(),
            run: "run1".to_owned(),
        };
        let with_container = JournalEntry {
            runtime: Some(runtime),
            ..entry(b"ours")
        };
        journal.note(with_container, &[]).unwrap();
        drop(journal);
        let refusal = cleanup(&paths).unwrap_err();
        assert!(refusal.to_string().contains("run1"), "{refusal}");
        assert_eq!(said(&paths, ".remove"), "");
        assert!(paths.journal.join(ENTRY).exists());
    }

    #[test]
    fn an_entry_of_another_version_is_left_alone() {
        let directory = tempfile::tempdir().unwrap();
        let paths = kernel_with(directory.path(), "web", b"ours");
        let journal = Journal::open(&paths.journal).unwrap();
        journal.note(entry(b"ours"), &[]).unwrap();
        drop(journal);
        let path = paths.journal.join(ENTRY);
        let text = fs::read_to_string(&path).unwrap();
        fs::write(&path, text.replace("\"version\": 2", "\"version\": 99")).unwrap();
        assert!(matches!(cleanup(&paths), Err(Refusal::Journal(..))));
        assert!(path.exists());
    }

    #[test]
    fn a_directory_that_others_may_write_is_refused() {
        use std::os::unix::fs::PermissionsExt;
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("journal");
        fs::create_dir(&path).unwrap();
        fs::set_permissions(&path, fs::Permissions::from_mode(0o777)).unwrap();
        assert!(matches!(Journal::open(&path), Err(Refusal::Journal(..))));
    }
}
