//! Policy put into the kernel for a while.

use std::fmt::Write;
use std::io;

use sha2::{Digest, Sha256};

use super::journal::{Journal, JournalEntry, Runtime};
use super::kernel::namespace_and_name;
use super::{
    Kernel, Leftover, LoadError, LoadedProfile, Plan, Refusal, SystemPaths, names_in_policy,
};

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
    pub(super) entry: Option<JournalEntry>,
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
    let entry = JournalEntry {
        names: names.clone(),
        sha256: sha256(blob),
        before: before.clone(),
        ..JournalEntry::default()
    };
    let noted = |error| Refusal::Journal("its directory".to_owned(), error);
    let Some(first) = before.first() else {
        let entry = journal.note(entry, &[]).map_err(noted)?;
        let namespaces = kernel.namespaces().map_err(system)?;
        return match kernel.load_policy(blob) {
            Ok(()) => {
                let seen = (loaded.as_slice(), namespaces.as_slice());
                remove_unexpected_policy(kernel, plan, blob, seen)?;
                Ok(Installed {
                    how: How::Loaded,
                    entry: Some(entry),
                })
            }
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

/// Removes what came into the kernel with the policy although the plan does not know it. `seen` are the profiles and
/// namespaces that were there before. What somebody else loaded meanwhile stays: it has other bytes.
fn remove_unexpected_policy(
    kernel: &Kernel,
    plan: &Plan,
    blob: &[u8],
    (loaded, namespaces): (&[LoadedProfile], &[String]),
) -> Result<(), Refusal> {
    let system = |error| Refusal::System("the loaded profiles cannot be read", error);
    let is_ours = |name: &str| {
        let raw = kernel.raw(name).ok().flatten();
        raw.is_some_and(|raw| raw.bytes == blob)
    };
    let after = kernel.loaded().map_err(system)?;
    let mut strange = unexpected(plan, loaded, &after);
    strange.retain(|name| is_ours(name));
    if strange.is_empty() {
        return Ok(());
    }
    let outer = plan.profiles.iter().filter(|profile| !profile.is_child);
    let ours = outer.map(|profile| profile.name.clone());
    for name in strange.iter().cloned().chain(ours) {
        let (namespace, _) = namespace_and_name(&name);
        let is_new = !namespace.is_empty() && !namespaces.iter().any(|known| known == namespace);
        let removed = match is_new {
            true => kernel.remove_policy(&format!(":{namespace}:")),
            false => kernel.remove_policy(&name),
        };
        removed.map_err(|error| Refusal::Leftover(name, error.to_string()))?;
    }
    Err(Refusal::OtherProfiles(format!(
        "the kernel also loaded `{}`",
        strange.join("`, `")
    )))
}

/// The profiles that are new in the kernel and not of the plan.
fn unexpected(plan: &Plan, before: &[LoadedProfile], after: &[LoadedProfile]) -> Vec<String> {
    let is_new = |loaded: &&LoadedProfile| !before.iter().any(|known| known.name == loaded.name);
    let is_known =
        |loaded: &&LoadedProfile| plan.profiles.iter().any(|one| one.name == loaded.name);
    let strange = after.iter().filter(is_new).filter(|one| !is_known(one));
    strange.map(|one| one.name.clone()).collect()
}

impl Plan {
    /// Whether the policy may be loaded as it is: into the namespace in which aalint runs, under names that can be
    /// shown.
    ///
    /// # Errors
    /// If a name says otherwise.
    pub fn can_be_loaded(&self) -> Result<(), Refusal> {
        for profile in &self.profiles {
            let name = &profile.name;
            let refused = |why| Refusal::OddName(name.escape_debug().to_string(), why);
            if name.starts_with(':') {
                return Err(refused("it is for another namespace"));
            }
            if name.contains(char::is_control) {
                return Err(refused("its name holds a control character"));
            }
        }
        Ok(())
    }

    /// Whether compiled policy defines the profiles of the plan and no other.
    ///
    /// # Errors
    /// If it does not, or is no compiled policy.
    pub fn defines_all_of(&self, blob: &[u8]) -> Result<(), Refusal> {
        let names = names_in_policy(blob).map_err(|error| Refusal::Compile(error.to_string()))?;
        let more = names
            .iter()
            .find(|name| !self.profiles.iter().any(|one| one.name == **name));
        let less = self
            .profiles
            .iter()
            .find(|profile| !names.contains(&profile.name));
        let odd = match (more, less) {
            (Some(more), _) => format!("it defines `{}`", more.escape_debug()),
            (None, Some(less)) => format!("it defines no `{}`", less.name.escape_debug()),
            (None, None) => return Ok(()),
        };
        Err(Refusal::OtherProfiles(odd))
    }
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
            Some(entry) => journal.undo(entry, paths),
            None => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::access::ProfileMode;
    use crate::verify::Planned;

    fn plan(names: &[&str]) -> Plan {
        let profile = |name: &&str| Planned {
            name: (*name).to_owned(),
            mode: ProfileMode::Enforce,
            is_child: name.contains("//"),
            attachment: None,
        };
        let mut plan = Plan::default();
        plan.profiles.extend(names.iter().map(profile));
        plan
    }

    #[test]
    fn other_namespaces_and_names_that_cannot_be_shown_are_refused() {
        assert!(plan(&["web", "web//:a:b", "a:b"]).can_be_loaded().is_ok());
        for name in [":ns:web", ":ns://web", ":ns:", "a\nb", "a\u{1b}[2Jb"] {
            let refused = plan(&["web", name]).can_be_loaded().unwrap_err();
            assert!(matches!(refused, Refusal::OddName(..)), "{name}");
            assert!(!refused.to_string().contains(char::is_control), "{name}");
        }
    }

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
        let strange = unexpected(&plan(&["web", "web//hat"]), &before, &after);
        assert_eq!(strange, [":ns://web", "more"]);
    }

    #[test]
    fn hashes_are_those_of_sha256sum() {
        let empty = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";
        assert_eq!(sha256(b""), empty);
    }
}
