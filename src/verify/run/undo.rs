//! What an entry of the journal says, undone. Only what is ours is touched.

use std::io;

use super::journal::{Journal, JournalEntry};
use crate::verify::container::undo_in_engine;
use crate::verify::kernel::{Kernel, process_staying_under, sha256};
use crate::verify::{Leftover, SystemPaths};

/// Undoes an entry and strikes it: containers first, so that no task is left under the policy.
pub(super) fn undo(
    journal: &Journal,
    entry: &JournalEntry,
    paths: &SystemPaths,
) -> Result<(), Leftover> {
    if let Some(runtime) = &entry.runtime {
        undo_in_engine(&runtime.endpoint, &runtime.run, paths)?;
    }
    undo_in_kernel(journal, entry, paths)?;
    let place = || journal.place().display().to_string();
    journal.strike(entry).map_err(|error| left(place(), &error))
}

fn left(what: String, error: &io::Error) -> Leftover {
    Leftover {
        what,
        why: error.to_string(),
    }
}

/// Takes the policy out of the kernel, and puts back what it replaced.
fn undo_in_kernel(
    journal: &Journal,
    entry: &JournalEntry,
    paths: &SystemPaths,
) -> Result<(), Leftover> {
    let kernel = Kernel::new(&paths.apparmor);
    let ours: Vec<&String> = entry
        .names
        .iter()
        .filter(|name| is_ours(&kernel, name, entry))
        .collect();
    if !ours.is_empty() {
        restore_policy(&kernel, journal, entry)?;
    }
    let added = ours.into_iter().filter(|name| !entry.before.contains(name));
    let added: Vec<&String> = added.collect();
    for name in &added {
        if let Some(process) = process_staying_under(&paths.proc, name) {
            return Err(Leftover {
                what: (*name).clone(),
                why: format!("process {process} runs under it, and would be unconfined"),
            });
        }
        let removed = kernel.remove_policy(name);
        removed.map_err(|error| left((*name).clone(), &error))?;
    }
    are_gone(&kernel, &added)
}

/// Whether a profile is the one that was noted, and not what somebody else loaded meanwhile.
fn is_ours(kernel: &Kernel, name: &str, entry: &JournalEntry) -> bool {
    match kernel.raw(name) {
        Ok(None) => false,
        Ok(Some(raw)) => sha256(&raw.bytes) == entry.sha256,
        // The kernel does not show bytes; what was noted was loaded by us.
        Err(_) => true,
    }
}

fn restore_policy(
    kernel: &Kernel,
    journal: &Journal,
    entry: &JournalEntry,
) -> Result<(), Leftover> {
    for number in 0..entry.saved {
        let restored = journal
            .saved(number)
            .and_then(|blob| kernel.replace_policy(&blob));
        let first = || entry.names.first().cloned().unwrap_or_default();
        restored.map_err(|error| left(first(), &error))?;
    }
    Ok(())
}

/// Whether the kernel shows neither the profiles that were removed nor children of them.
fn are_gone(kernel: &Kernel, removed: &[&String]) -> Result<(), Leftover> {
    let is_of = |name: &str, loaded: &str| {
        let rest = loaded.strip_prefix(name);
        rest.is_some_and(|rest| rest.is_empty() || rest.starts_with("//"))
    };
    let loaded = kernel.loaded().unwrap_or_default();
    let mut staying = loaded
        .into_iter()
        .filter(|loaded| removed.iter().any(|name| is_of(name, &loaded.name)));
    match staying.next() {
        Some(staying) => Err(Leftover {
            what: staying.name,
            why: "the kernel shows it although it was removed".to_owned(),
        }),
        None => Ok(()),
    }
}

#[cfg(test)]
#[expect(
    clippy::disallowed_methods,
    reason = "the tests make a kernel of files"
)]
mod tests {
    use std::fs;
    use std::path::Path;

    use super::super::journal::Runtime;
    use super::super::recover::cleanup;
    use super::*;
    use crate::verify::Refusal;

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
        assert!(paths.journal.join("journal.json").exists());
    }

    #[test]
    fn an_entry_of_another_version_is_left_alone() {
        let directory = tempfile::tempdir().unwrap();
        let paths = kernel_with(directory.path(), "web", b"ours");
        let journal = Journal::open(&paths.journal).unwrap();
        journal.note(entry(b"ours"), &[]).unwrap();
        drop(journal);
        let path = paths.journal.join("journal.json");
        let text = fs::read_to_string(&path).unwrap();
        fs::write(&path, text.replace("\"version\": 2", "\"version\": 99")).unwrap();
        assert!(matches!(cleanup(&paths), Err(Refusal::Journal { .. })));
        assert!(path.exists());
    }

    #[test]
    fn a_directory_that_others_may_write_is_refused() {
        use std::os::unix::fs::PermissionsExt;
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("journal");
        fs::create_dir(&path).unwrap();
        fs::set_permissions(&path, fs::Permissions::from_mode(0o777)).unwrap();
        assert!(matches!(Journal::open(&path), Err(Refusal::Journal { .. })));
    }
}
