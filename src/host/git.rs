//! The files of a git revision, read through the `git` program.

use std::collections::BTreeMap;
use std::io::{self, BufRead, BufReader, Read, Write};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};
use std::sync::Mutex;

use super::Disk;
use crate::source::{DirEntry, EntryKind, MAX_FILE_BYTES, Vfs, VfsError};

/// Most symbolic links that are followed to a file.
const MOST_LINKS: usize = 8;

/// Two revisions, and where in the repository the current directory is.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Range {
    /// The old commit.
    pub old: String,
    /// The new commit.
    pub new: String,
    /// The current directory below the top of the repository: empty, or with a slash at the end.
    pub prefix: String,
}

/// The tree of a commit. Paths are relative to the top of the repository; absolute ones are those of
/// the machine.
#[derive(Debug)]
pub struct Revision {
    files: BTreeMap<String, Blob>,
    reader: Mutex<Reader>,
}

#[derive(Clone, Debug)]
struct Blob {
    id: String,
    bytes: u64,
    is_link: bool,
}

impl Range {
    /// Reads `A..B`, or `A...B`: then B is compared with the commit where it branched off. A side that
    /// is empty is `HEAD`.
    ///
    /// # Errors
    /// If it is none, or the commits are not there; why.
    pub fn read(written: &str) -> Result<Self, String> {
        let (old, new) = written.split_once("..").ok_or_else(|| {
            format!("`{written}` names one revision; two with `..` between are needed")
        })?;
        let (new, is_branch) = match new.strip_prefix('.') {
            Some(new) => (new, true),
            None => (new, false),
        };
        let (mut old, new) = (commit(old)?, commit(new)?);
        if is_branch {
            old = output(&["merge-base", &old, &new])
                .map_err(|_| format!("the revisions of `{written}` have no commit in common"))?;
        }
        Ok(Self {
            old,
            new,
            prefix: output(&["rev-parse", "--show-prefix"])?,
        })
    }
}

fn commit(name: &str) -> Result<String, String> {
    let name = if name.is_empty() { "HEAD" } else { name };
    let wanted = format!("{name}^{{commit}}");
    let arguments = [
        "rev-parse",
        "--verify",
        "--quiet",
        "--end-of-options",
        &wanted,
    ];
    output(&arguments).map_err(|why| match why.as_str() {
        "" => format!("`{name}` is no revision of this repository"),
        _ => why,
    })
}

#[expect(clippy::disallowed_methods, reason = "git is run where files are read")]
fn git(arguments: &[&str]) -> Command {
    let mut command = Command::new("git");
    command.args(arguments);
    command
}

/// What git prints, without the end of the line.
fn output(arguments: &[&str]) -> Result<String, String> {
    let bytes = bytes(arguments)?;
    let text = String::from_utf8(bytes).map_err(|_| "git answers no UTF-8".to_owned())?;
    Ok(text.trim_end_matches('\n').to_owned())
}

fn bytes(arguments: &[&str]) -> Result<Vec<u8>, String> {
    let run = git(arguments).stdin(Stdio::null()).output();
    let output = run.map_err(|error| format!("git cannot be run: {error}"))?;
    if output.status.success() {
        return Ok(output.stdout);
    }
    let errors = String::from_utf8_lossy(&output.stderr);
    Err(errors.lines().next().unwrap_or_default().to_owned())
}

impl Revision {
    /// Lists the tree of a commit.
    ///
    /// # Errors
    /// If git does not; why.
    pub fn open(commit: &str) -> Result<Self, String> {
        let listed = bytes(&["ls-tree", "-r", "-z", "-l", "--full-tree", commit])?;
        let entries = listed.split(|byte| *byte == 0);
        Ok(Self {
            files: entries.filter_map(entry).collect(),
            reader: Mutex::new(Reader::start().map_err(|e| format!("git cannot be run: {e}"))?),
        })
    }

    /// The paths of its files, sorted.
    pub fn paths(&self) -> impl Iterator<Item = &str> {
        self.files.keys().map(String::as_str)
    }

    /// A file, symbolic links followed.
    fn blob(&self, path: &str) -> Option<&Blob> {
        let mut path = normal(path);
        for _ in 0..MOST_LINKS {
            let blob = self.files.get(&path)?;
            if !blob.is_link {
                return Some(blob);
            }
            let target = String::from_utf8(self.reader.lock().ok()?.read(&blob.id).ok()?).ok()?;
            let around = path.rsplit_once('/').map_or("", |(around, _)| around);
            path = normal(&format!("{around}/{target}"));
        }
        None
    }
}

/// `MODE TYPE ID SIZE`, a tab, and the path.
fn entry(line: &[u8]) -> Option<(String, Blob)> {
    let line = std::str::from_utf8(line).ok()?;
    let (facts, path) = line.split_once('\t')?;
    let facts: Vec<&str> = facts.split_whitespace().collect();
    let [mode, "blob", id, bytes] = facts.as_slice() else {
        return None;
    };
    let blob = Blob {
        id: (*id).to_owned(),
        bytes: bytes.parse().ok()?,
        is_link: *mode == "120000",
    };
    Some((path.to_owned(), blob))
}

/// A path without `.`, `..` and doubled slashes. Those that lead out of the tree name nothing in it.
pub fn normal(path: &str) -> String {
    let mut parts: Vec<&str> = Vec::new();
    for part in path.split('/') {
        match part {
            "" | "." => {}
            ".." => {
                if parts.pop().is_none() {
                    parts.push("..");
                }
            }
            _ => parts.push(part),
        }
    }
    parts.join("/")
}

impl Vfs for Revision {
    fn read(&self, path: &str) -> Result<Vec<u8>, VfsError> {
        if path.starts_with('/') {
            return Disk.read(path);
        }
        let blob = self.blob(path).ok_or(VfsError::NotFound)?;
        if blob.bytes > MAX_FILE_BYTES as u64 {
            return Err(VfsError::TooLarge(blob.bytes));
        }
        let other = |why: &str| VfsError::Other(format!("git does not give it: {why}"));
        let mut reader = self.reader.lock().map_err(|_| other("it stopped"))?;
        reader
            .read(&blob.id)
            .map_err(|error| other(&error.to_string()))
    }

    fn kind(&self, path: &str) -> Option<EntryKind> {
        if path.starts_with('/') {
            return Disk.kind(path);
        }
        if self.blob(path).is_some() {
            return Some(EntryKind::File);
        }
        let below = below(path);
        let (first, _) = self.files.range(below.clone()..).next()?;
        first.starts_with(&below).then_some(EntryKind::Directory)
    }

    fn list(&self, path: &str) -> Result<Vec<DirEntry>, VfsError> {
        if path.starts_with('/') {
            return Disk.list(path);
        }
        let below = below(path);
        let mut entries: Vec<DirEntry> = Vec::new();
        for (full, blob) in self.files.range(below.clone()..) {
            let Some(rest) = full.strip_prefix(&below) else {
                break;
            };
            let (name, kind) = match rest.split_once('/') {
                Some((directory, _)) => (directory, EntryKind::Directory),
                None => (rest, EntryKind::File),
            };
            let is_there = !blob.is_link || self.kind(full).is_some();
            if is_there && entries.last().is_none_or(|last| last.name != name) {
                entries.push(DirEntry {
                    name: name.to_owned(),
                    kind,
                });
            }
        }
        if entries.is_empty() {
            return Err(VfsError::NotFound);
        }
        entries.sort_by(|left, right| left.name.cmp(&right.name));
        Ok(entries)
    }
}

/// What paths below a directory begin with.
fn below(path: &str) -> String {
    match normal(path) {
        path if path.is_empty() => path,
        path => format!("{path}/"),
    }
}

/// `git cat-file --batch`: an object for each name.
#[derive(Debug)]
struct Reader {
    child: Child,
    names: ChildStdin,
    objects: BufReader<ChildStdout>,
}

impl Reader {
    fn start() -> io::Result<Self> {
        let mut child = git(&["cat-file", "--batch"])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()?;
        let (names, objects) = (child.stdin.take(), child.stdout.take());
        match (names, objects) {
            (Some(names), Some(objects)) => Ok(Self {
                child,
                names,
                objects: BufReader::new(objects),
            }),
            _ => Err(io::ErrorKind::BrokenPipe.into()),
        }
    }

    /// The answer is `ID TYPE SIZE`, the object, and an end of line.
    fn read(&mut self, id: &str) -> io::Result<Vec<u8>> {
        writeln!(self.names, "{id}")?;
        self.names.flush()?;
        let mut header = String::new();
        self.objects.read_line(&mut header)?;
        let size = header.trim_end().rsplit_once(' ').map(|(_, size)| size);
        let size: Option<usize> = size.and_then(|size| size.parse().ok());
        let size = size.ok_or_else(|| io::Error::other(header.trim_end().to_owned()))?;
        let mut object = vec![0; size];
        self.objects.read_exact(&mut object)?;
        self.objects.read_exact(&mut [0])?;
        Ok(object)
    }
}

impl Drop for Reader {
    fn drop(&mut self) {
        // It would end by itself once it can read no more names; nobody waits for that.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
