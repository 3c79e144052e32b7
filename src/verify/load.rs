//! Policy put into the kernel for a while.

use std::fmt::Write;
use std::io;

use sha2::{Digest, Sha256};

use super::journal::{Entry, Journal, Runtime};
use super::{Kernel, Leftover, LoadError, Plan, Refusal, Roots};

/// The hash of bytes, lower-case hexadecimal, as the kernel shows it.
#[must_use]
pub fn sha256(bytes: &[u8]) -> String {
    let mut text = String::new();
    for byte in Sha256::digest(bytes) {
        // Writing to a string does not fail.
        let _ = write!(text, "{byte:02x}");
    }
    text
}

/// How the policy came into the kernel.
#[derive(Copy, Clone, PartialEq, Eq, Debug)]
pub(super) enum How {
    /// It was there already, byte for byte; it stays.
    Found,
    /// We loaded it, and it goes.
    Loaded,
    /// We loaded it in place of another one, which comes back.
    Replaced,
}

/// Policy in the kernel, and what must be undone.
#[derive(Debug)]
pub(super) struct Installed {
    pub(super) how: How,
    /// What the journal holds; nothing where the policy was there.
    pub(super) entry: Option<Entry>,
}

/// Loads policy into the kernel, unless it is there. What is in its place is only replaced if
/// `may_replace`, and saved before.
pub(super) fn install_policy(
    kernel: &Kernel,
    journal: &Journal,
    plan: &Plan,
    blob: &[u8],
    may_replace: bool,
) -> Result<Installed, Refusal> {
    let outer = plan.profiles.iter().filter(|profile| !profile.is_child);
    let names: Vec<String> = outer.map(|profile| profile.name.clone()).collect();
    let system = |error| Refusal::System("the loaded profiles cannot be read", error);
    let loaded = kernel.loaded().map_err(system)?;
    let is_loaded = |name: &&String| loaded.iter().any(|loaded| loaded.name == **name);
    let before: Vec<String> = names.iter().filter(is_loaded).cloned().collect();
    let entry = Entry {
        names: names.clone(),
        sha256: sha256(blob),
        before: before.clone(),
        ..Entry::default()
    };
    let noted = |error| Refusal::Journal("its directory".to_owned(), error);
    let Some(first) = before.first() else {
        let entry = journal.note(entry, &[]).map_err(noted)?;
        return match kernel.load_policy(blob) {
            Ok(()) => Ok(Installed {
                how: How::Loaded,
                entry: Some(entry),
            }),
            Err(error) => {
                // Nothing was done: the kernel takes all or nothing.
                journal.strike(&entry).map_err(noted)?;
                Err(match error {
                    // Somebody was faster.
                    LoadError::Exists => {
                        Refusal::AlreadyLoaded(names.into_iter().next().unwrap_or_default())
                    }
                    LoadError::Other(error) => Refusal::Load(error),
                })
            }
        };
    };
    let is_ours = |name: &String| {
        let raw = kernel.raw(name).ok().flatten();
        raw.is_some_and(|raw| raw.bytes == blob)
    };
    if before.len() == names.len() && names.iter().all(is_ours) {
        return Ok(Installed {
            how: How::Found,
            entry: None,
        });
    }
    if !may_replace {
        return Err(Refusal::AlreadyLoaded(first.clone()));
    }
    let mut saved: Vec<Vec<u8>> = Vec::new();
    for name in &before {
        let raw = kernel
            .raw(name)
            .and_then(|raw| raw.ok_or_else(|| io::ErrorKind::NotFound.into()));
        let raw = raw.map_err(|error| Refusal::NotSaved(name.clone(), error))?;
        if !saved.contains(&raw.bytes) {
            saved.push(raw.bytes);
        }
    }
    let entry = journal.note(entry, &saved).map_err(noted)?;
    if let Err(error) = kernel.replace_policy(blob) {
        journal.strike(&entry).map_err(noted)?;
        return Err(Refusal::Load(error));
    }
    Ok(Installed {
        how: How::Replaced,
        entry: Some(entry),
    })
}

impl Installed {
    /// Notes that things of a run are about to be made in an engine.
    pub(super) fn note_runtime(&mut self, journal: &Journal, runtime: Runtime) -> io::Result<()> {
        match &mut self.entry {
            Some(entry) => {
                entry.runtime = Some(runtime);
                journal.amend(entry)
            }
            none => {
                let entry = Entry {
                    runtime: Some(runtime),
                    ..Entry::default()
                };
                *none = Some(journal.note(entry, &[])?);
                Ok(())
            }
        }
    }

    /// Removes what was made, takes the policy out of the kernel again, and puts back what was there.
    pub(super) fn undo(&self, journal: &Journal, roots: &Roots) -> Result<(), Leftover> {
        match &self.entry {
            Some(entry) => journal.undo(entry, roots),
            None => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::sha256;

    #[test]
    fn hashes_are_those_of_sha256sum() {
        let empty = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";
        assert_eq!(sha256(b""), empty);
    }
}
