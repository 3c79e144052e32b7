//! Policy put into the kernel for a while.

use std::io;

use super::journal::{Journal, JournalEntry, Runtime};
use super::undo::undo;
use crate::verify::kernel::namespace_and_name;
use crate::verify::{
    Kernel, Leftover, LoadError, LoadedProfile, Plan, Refusal, SystemPaths, sha256,
};

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
    pub(super) entry: Option<JournalEntry>,
}

/// The policy of a plan, and where it goes.
#[derive(Copy, Clone, Debug)]
pub(super) struct Installation<'i> {
    pub(super) kernel: &'i Kernel,
    pub(super) journal: &'i Journal,
    pub(super) plan: &'i Plan,
    /// The compiled policy.
    pub(super) blob: &'i [u8],
}

/// What the kernel showed before anything was loaded.
struct Before {
    profiles: Vec<LoadedProfile>,
    namespaces: Vec<String>,
}

fn unreadable(error: io::Error) -> Refusal {
    Refusal::System("the loaded profiles cannot be read", error)
}

fn unnoted(error: io::Error) -> Refusal {
    Refusal::Journal {
        place: "its directory".to_owned(),
        error,
    }
}

impl Installation<'_> {
    /// Loads the policy into the kernel, unless it is there. What is in its place is only replaced if `may_replace`,
    /// and saved before.
    pub(super) fn install_policy(self, may_replace: bool) -> Result<Installed, Refusal> {
        let profiles = self.kernel.loaded().map_err(unreadable)?;
        let names: Vec<String> = self.plan.outer_names().map(str::to_owned).collect();
        let is_loaded = |name: &&String| profiles.iter().any(|loaded| loaded.name == **name);
        let in_place: Vec<String> = names.iter().filter(is_loaded).cloned().collect();
        let entry = JournalEntry {
            names,
            sha256: sha256(self.blob),
            before: in_place,
            ..JournalEntry::default()
        };
        let Some(first) = entry.before.first() else {
            return self.load_policy(entry, profiles);
        };
        if entry.before.len() == entry.names.len() && entry.names.iter().all(|name| self.has(name))
        {
            return Ok(Installed {
                how: How::Found,
                entry: None,
            });
        }
        if !may_replace {
            return Err(Refusal::AlreadyLoaded(first.clone()));
        }
        self.replace_policy(entry)
    }

    /// Whether the kernel shows a profile of that name, loaded from our bytes.
    fn has(&self, name: &str) -> bool {
        let raw = self.kernel.raw(name).ok().flatten();
        raw.is_some_and(|raw| raw.bytes == self.blob)
    }

    /// Loads what is not there, and nothing else.
    fn load_policy(
        self,
        entry: JournalEntry,
        profiles: Vec<LoadedProfile>,
    ) -> Result<Installed, Refusal> {
        let entry = self.journal.note(entry, &[]).map_err(unnoted)?;
        let before = Before {
            profiles,
            namespaces: self.kernel.namespaces().map_err(unreadable)?,
        };
        if let Err(error) = self.kernel.load_policy(self.blob) {
            // Nothing was done: the kernel takes all or nothing.
            self.journal.strike(&entry).map_err(unnoted)?;
            return Err(match error {
                // Somebody was faster.
                LoadError::Exists => {
                    Refusal::AlreadyLoaded(entry.names.into_iter().next().unwrap_or_default())
                }
                LoadError::Other(error) => Refusal::Load(error),
            });
        }
        self.remove_unexpected_policy(&before)?;
        Ok(Installed {
            how: How::Loaded,
            entry: Some(entry),
        })
    }

    /// Loads the policy in place of another one, which is saved.
    fn replace_policy(self, entry: JournalEntry) -> Result<Installed, Refusal> {
        let saved = self.saved(&entry.before)?;
        let entry = self.journal.note(entry, &saved).map_err(unnoted)?;
        if let Err(error) = self.kernel.replace_policy(self.blob) {
            self.journal.strike(&entry).map_err(unnoted)?;
            return Err(Refusal::Load(error));
        }
        Ok(Installed {
            how: How::Replaced,
            entry: Some(entry),
        })
    }

    /// What profiles were loaded from, each once: several may have come together.
    fn saved(&self, names: &[String]) -> Result<Vec<Vec<u8>>, Refusal> {
        let mut saved: Vec<Vec<u8>> = Vec::new();
        for name in names {
            let raw = self.kernel.raw(name);
            let raw = raw.and_then(|raw| raw.ok_or_else(|| io::ErrorKind::NotFound.into()));
            let raw = raw.map_err(|error| Refusal::NotSaved {
                name: name.clone(),
                error,
            })?;
            if !saved.contains(&raw.bytes) {
                saved.push(raw.bytes);
            }
        }
        Ok(saved)
    }

    /// Removes what came into the kernel with the policy although the plan does not know it. What somebody else loaded
    /// meanwhile stays: it has other bytes.
    fn remove_unexpected_policy(&self, before: &Before) -> Result<(), Refusal> {
        let after = self.kernel.loaded().map_err(unreadable)?;
        let mut strange = unexpected(self.plan, &before.profiles, &after);
        strange.retain(|name| self.has(name));
        if strange.is_empty() {
            return Ok(());
        }
        let ours = self.plan.outer_names().map(str::to_owned);
        for name in strange.iter().cloned().chain(ours) {
            let (namespace, _) = namespace_and_name(&name);
            let is_known = before.namespaces.iter().any(|known| known == namespace);
            let removed = match namespace.is_empty() || is_known {
                true => self.kernel.remove_policy(&name),
                false => self.kernel.remove_policy(&format!(":{namespace}:")),
            };
            removed.map_err(|error| Leftover {
                what: name,
                why: error.to_string(),
            })?;
        }
        Err(Refusal::OtherProfiles(format!(
            "the kernel also loaded `{}`",
            strange.join("`, `")
        )))
    }
}

/// The profiles that are new in the kernel and not of the plan.
fn unexpected(plan: &Plan, before: &[LoadedProfile], after: &[LoadedProfile]) -> Vec<String> {
    let is_new = |loaded: &&LoadedProfile| !before.iter().any(|known| known.name == loaded.name);
    let is_known =
        |loaded: &&LoadedProfile| plan.profiles.iter().any(|one| one.name == loaded.name);
    let strange = after.iter().filter(is_new).filter(|one| !is_known(one));
    strange.map(|one| one.name.clone()).collect()
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
                let entry = JournalEntry {
                    runtime: Some(runtime),
                    ..JournalEntry::default()
                };
                *none = Some(journal.note(entry, &[])?);
                Ok(())
            }
        }
    }

    /// Removes what was made, takes the policy out of the kernel again, and puts back what was there.
    pub(super) fn undo(&self, journal: &Journal, paths: &SystemPaths) -> Result<(), Leftover> {
        match &self.entry {
            Some(entry) => undo(journal, entry, paths),
            None => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_came_along_is_found() {
        let loaded = |names: &[&str]| -> Vec<LoadedProfile> {
            let lines = names.iter().map(|name| format!("{name} (enforce)"));
            lines
                .filter_map(|line| LoadedProfile::read(&line))
                .collect()
        };
        let before = loaded(&["theirs", ":lxd://web"]);
        let after = loaded(&[
            "theirs",
            ":lxd://web",
            "web",
            "web//hat",
            ":ns://web",
            "more",
        ]);
        let strange = unexpected(&Plan::of_names(&["web", "web//hat"]), &before, &after);
        assert_eq!(strange, [":ns://web", "more"]);
    }
}
