//! Which tasks run under a profile.

use std::fs;
use std::io;
use std::path::Path;
use std::time::Duration;

/// The own label: `unconfined`, or a profile and its mode.
pub(in crate::verify) fn own_label(proc: &Path) -> io::Result<String> {
    label_in(&proc.join("self/attr"))
}

/// The label in a task's directory `attr`.
#[expect(clippy::disallowed_methods, reason = "labels are shown as files")]
pub(in crate::verify) fn label_in(attributes: &Path) -> io::Result<String> {
    let text = fs::read_to_string(attributes.join("apparmor/current"))
        .or_else(|_| fs::read_to_string(attributes.join("current")))?;
    Ok(text.trim_end_matches(['\n', '\0']).to_owned())
}

/// How often to look for a process that was just killed, and the time between two looks.
const LOOKS: u32 = 20;
const BETWEEN: Duration = Duration::from_millis(50);

/// A process under a profile that is still there after a while: the processes of a run that was killed end
/// a moment later.
#[expect(clippy::disallowed_methods, reason = "other processes take their time")]
pub(in crate::verify) fn process_staying_under(proc: &Path, profile: &str) -> Option<u32> {
    let mut found = process_under(proc, profile);
    for _ in 1..LOOKS {
        if found.is_none() {
            break;
        }
        std::thread::sleep(BETWEEN);
        found = process_under(proc, profile);
    }
    found
}

/// A process of which a task is confined by the profile of that name, or by one of its children; alone
/// or stacked with others.
#[expect(clippy::disallowed_methods, reason = "labels are shown as files")]
fn process_under(proc: &Path, profile: &str) -> Option<u32> {
    for entry in fs::read_dir(proc).ok()?.flatten() {
        let Some(process) = entry
            .file_name()
            .to_str()
            .and_then(|name| name.parse().ok())
        else {
            continue;
        };
        // Whatever ends while we look confines nobody.
        for task in fs::read_dir(entry.path().join("task"))
            .ok()
            .into_iter()
            .flatten()
            .flatten()
        {
            let label = label_in(&task.path().join("attr"));
            if label.is_ok_and(|label| is_of(&label, profile)) {
                return Some(process);
            }
        }
    }
    None
}

/// Whether a label names the profile or one of its children.
fn is_of(label: &str, profile: &str) -> bool {
    let label = label.trim_end_matches(['\n', '\0']);
    let names = label.rsplit_once(" (").map_or(label, |(names, _)| names);
    names.split("//&").any(|name| {
        let rest = name.strip_prefix(profile);
        rest.is_some_and(|rest| rest.is_empty() || rest.starts_with("//"))
    })
}

#[cfg(test)]
mod tests {
    use super::is_of;

    #[test]
    fn labels_of_a_profile() {
        assert!(is_of("web (enforce)\n", "web"));
        assert!(is_of("web//worker (enforce)", "web"));
        assert!(is_of("docker//&web (enforce)", "web"));
        assert!(!is_of("webmail (enforce)", "web"));
        assert!(!is_of("unconfined", "web"));
    }
}
