//! The labels of a container's tasks, as the kernel gives them.

use std::fs;
use std::io;
use std::path::Path;

use crate::verify::kernel::label_in;

/// A task of a container.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub struct ContainerTask {
    /// Its process.
    pub pid: u32,
    /// Its number.
    pub tid: u32,
    /// Its name.
    pub name: String,
    /// Its label: `NAME (MODE)`, or `unconfined`.
    pub label: String,
}

/// The control group of a process, if it is one of that container.
#[expect(
    clippy::disallowed_methods,
    reason = "control groups are shown as files"
)]
pub(super) fn cgroup(proc: &Path, pid: u32, container: &str) -> io::Result<Option<String>> {
    let text = fs::read_to_string(proc.join(format!("{pid}/cgroup")))?;
    // `0::/PATH`, and before version 2 a line for each controller.
    let paths = text.lines().filter_map(|line| line.splitn(3, ':').nth(2));
    let mut paths = paths.filter(|path| path.contains(container));
    Ok(paths.next().map(str::to_owned))
}

/// All tasks of a container. What ends meanwhile is left out.
#[expect(clippy::disallowed_methods, reason = "tasks are shown as files")]
pub(super) fn tasks(proc: &Path, container: &str) -> io::Result<Vec<ContainerTask>> {
    let mut tasks = Vec::new();
    for entry in fs::read_dir(proc)?.flatten() {
        let Some(pid) = number(&entry.file_name()) else {
            continue;
        };
        if !matches!(cgroup(proc, pid, container), Ok(Some(_))) {
            continue;
        }
        let Ok(entries) = fs::read_dir(entry.path().join("task")) else {
            continue;
        };
        for entry in entries.flatten() {
            let (Some(tid), Ok(label)) = (
                number(&entry.file_name()),
                label_in(&entry.path().join("attr")),
            ) else {
                continue;
            };
            let name = fs::read_to_string(entry.path().join("comm")).unwrap_or_default();
            let name = name.trim_end().to_owned();
            tasks.push(ContainerTask {
                pid,
                tid,
                name,
                label,
            });
        }
    }
    tasks.sort();
    Ok(tasks)
}

fn number(name: &std::ffi::OsStr) -> Option<u32> {
    name.to_str()?.parse().ok()
}

#[cfg(test)]
#[expect(
    clippy::disallowed_methods,
    reason = "the tests make processes of files"
)]
mod tests {
    use super::*;

    #[test]
    fn tasks_of_one_container() {
        let directory = tempfile::tempdir().unwrap();
        let proc = directory.path();
        for (pid, group, label) in [
            (7, "0::/docker/abc\n", "web (enforce)\n"),
            (8, "0::/docker/def\n", "unconfined\n"),
            (9, "12:pids:/docker/abc\n0::/\n", "unconfined\n"),
        ] {
            let task = proc.join(format!("{pid}/task/{pid}"));
            fs::create_dir_all(task.join("attr/apparmor")).unwrap();
            fs::write(proc.join(format!("{pid}/cgroup")), group).unwrap();
            fs::write(task.join("comm"), "python\n").unwrap();
            fs::write(task.join("attr/apparmor/current"), label).unwrap();
        }
        let found = tasks(proc, "abc").unwrap();
        let labels: Vec<(u32, &str)> = found
            .iter()
            .map(|task| (task.pid, task.label.as_str()))
            .collect();
        assert_eq!(labels, [(7, "web (enforce)"), (9, "unconfined")]);
        assert_eq!(
            cgroup(proc, 7, "abc").unwrap().as_deref(),
            Some("/docker/abc")
        );
        assert_eq!(cgroup(proc, 8, "abc").unwrap(), None);
    }
}
