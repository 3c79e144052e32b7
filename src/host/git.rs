//! The files of a git revision, read through the `git` program.

use std::collections::BTreeMap;
use std::ffi::OsStr;
use std::io::{self, BufRead, BufReader, Read, Write};
use std::os::unix::ffi::OsStrExt;
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};
use std::sync::Mutex;

use super::{Disk, shown};
use crate::source::{DirEntry, EntryKind, MAX_FILE_BYTES, Vfs, VfsError};

/// Maximum number of symbolic links that are followed to a file.
const MAX_LINKS: usize = 8;

/// Why git does not give what was asked for.
#[derive(Debug, thiserror::Error)]
pub enum GitError {
    /// What should name two revisions does not.
    #[error("`{0}` names one revision; two with `..` between are needed")]
    NotTwo(String),
    /// No revision has that name.
    #[error("`{0}` is no revision of this repository")]
    NoRevision(String),
    /// Two revisions come from nothing in common; as they were written.
    #[error("the revisions of `{0}` have no commit in common")]
    NoCommonCommit(String),
    /// The program cannot be run.
    #[error("git cannot be run: {0}")]
    NotRun(io::Error),
    /// It fails; its first line.
    #[error("{0}")]
    Failed(String),
    /// What it prints is not text.
    #[error("git answers no UTF-8")]
    NotText,
}

/// Two revisions, and where in the repository the current directory is.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct RevisionRange {
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
    is_link: bool,
}

impl RevisionRange {
    /// Reads `A..B`, or `A...B`: then B is compared with the commit where it branched off. A side that
    /// is empty is `HEAD`.
    ///
    /// # Errors
    /// If the text is no range, or the commits are not there.
    pub fn read(written: &str) -> Result<Self, GitError> {
        let not_two = || GitError::NotTwo(written.to_owned());
        let (old, new) = written.split_once("..").ok_or_else(not_two)?;
        let (new, is_branch) = match new.strip_prefix('.') {
            Some(new) => (new, true),
            None => (new, false),
        };
        let (mut old, new) = (commit(old)?, commit(new)?);
        if is_branch {
            old = output(&["merge-base", &old, &new])
                .map_err(|_| GitError::NoCommonCommit(written.to_owned()))?;
        }
        Ok(Self {
            old,
            new,
            prefix: output(&["rev-parse", "--show-prefix"])?,
        })
    }
}

fn commit(name: &str) -> Result<String, GitError> {
    let name = if name.is_empty() { "HEAD" } else { name };
    let wanted = format!("{name}^{{commit}}");
    let arguments = [
        "rev-parse",
        "--verify",
        "--quiet",
        "--end-of-options",
        &wanted,
    ];
    let no_revision = || GitError::NoRevision(name.to_owned());
    let found = output(&arguments).map_err(|error| match error {
        GitError::Failed(why) if why.is_empty() => no_revision(),
        error => error,
    })?;
    // What is handed on to git is an object's name and no option.
    let is_name = found.len() >= 40 && found.bytes().all(|byte| byte.is_ascii_hexdigit());
    is_name.then_some(found).ok_or_else(no_revision)
}

/// Options for each call of git, so that it reads objects and does nothing else: a repository may have been
/// unpacked from a stranger's archive, with its configuration, or be a directory of the tree. Options and
/// settings are those of git 2.30 and later; `safe.directory` stays as the user has it.
const ONLY_READS: &[&str] = &[
    "--no-pager",
    "--no-optional-locks",
    // Objects as the commits name them (git-replace(1)).
    "--no-replace-objects",
    "--literal-pathspecs",
    "-c",
    "core.hooksPath=/dev/null",
    "-c",
    "core.fsmonitor=false",
    "-c",
    "core.attributesFile=/dev/null",
    "-c",
    "core.alternateRefsCommand=",
    "-c",
    "credential.helper=",
];

/// The same in its environment.
const READS_WITHOUT: &[(&str, &str)] = &[
    // An object that is not there stays away: fetching it runs what the configuration names, such as
    // `core.sshCommand` (git-config(1), "promisor"). git 2.44 and later know the first, all the second.
    ("GIT_NO_LAZY_FETCH", "1"),
    ("GIT_ALLOW_PROTOCOL", ""),
    ("GIT_TERMINAL_PROMPT", "0"),
    ("GIT_ASKPASS", "true"),
    ("GIT_SSH_COMMAND", "false"),
    // Parents that a file of the repository makes up.
    ("GIT_GRAFT_FILE", "/dev/null"),
];

#[expect(clippy::disallowed_methods, reason = "git is run where files are read")]
fn git(arguments: &[&str]) -> Command {
    let mut command = Command::new("git");
    command.args(ONLY_READS).args(arguments);
    command.envs(READS_WITHOUT.iter().copied());
    command
}

/// What git prints, without the end of the line.
fn output(arguments: &[&str]) -> Result<String, GitError> {
    let bytes = bytes(arguments)?;
    let text = String::from_utf8(bytes).map_err(|_| GitError::NotText)?;
    Ok(text.trim_end_matches('\n').to_owned())
}

fn bytes(arguments: &[&str]) -> Result<Vec<u8>, GitError> {
    let run = git(arguments).stdin(Stdio::null()).output();
    let output = run.map_err(GitError::NotRun)?;
    if output.status.success() {
        return Ok(output.stdout);
    }
    let errors = String::from_utf8_lossy(&output.stderr);
    let first = errors.lines().next().unwrap_or_default();
    Err(GitError::Failed(first.to_owned()))
}

impl Revision {
    /// Lists the tree of a commit.
    ///
    /// # Errors
    /// If git does not.
    pub fn open(commit: &str) -> Result<Self, GitError> {
        let listed = bytes(&["ls-tree", "-r", "-z", "--full-tree", commit])?;
        let entries = listed.split(|byte| *byte == 0);
        Ok(Self {
            files: entries.filter_map(entry).collect(),
            reader: Mutex::new(Reader::start().map_err(GitError::NotRun)?),
        })
    }

    /// The paths of its files, sorted.
    pub fn paths(&self) -> impl Iterator<Item = &str> {
        self.files.keys().map(String::as_str)
    }

    /// Whether a path of the tree is a symbolic link to a directory in it.
    pub fn is_link_to_directory(&self, path: &str) -> bool {
        self.files.get(path).is_some_and(|blob| blob.is_link)
            && self.kind(path) == Some(EntryKind::Directory)
    }

    /// A file, symbolic links followed.
    fn blob(&self, path: &str) -> Result<&Blob, VfsError> {
        match self.target(path)? {
            (_, Some(blob)) => Ok(blob),
            (path, None) if self.is_directory(&path) => {
                Err(VfsError::Other("is a directory".to_owned()))
            }
            (target, None) if target == normal(path) => Err(VfsError::NotFound),
            _ => Err(VfsError::Other("is a link that leads nowhere".to_owned())),
        }
    }

    /// Where symbolic links lead, and the file that is there.
    fn target(&self, path: &str) -> Result<(String, Option<&Blob>), VfsError> {
        let mut path = normal(path);
        for _ in 0..MAX_LINKS {
            let blob = match self.files.get(&path) {
                Some(blob) if blob.is_link => blob,
                found => return Ok((path, found)),
            };
            let target = shown(OsStr::from_bytes(&self.object(blob)?));
            if target.starts_with('/') {
                let why = format!("is a link to `{target}`, which is not in the revision");
                return Err(VfsError::Other(why));
            }
            let around = path.rsplit_once('/').map_or("", |(around, _)| around);
            path = normal(&format!("{around}/{target}"));
        }
        let why = format!("is behind more than {MAX_LINKS} links");
        Err(VfsError::Other(why))
    }

    fn is_directory(&self, path: &str) -> bool {
        let below = below(path);
        let first = self.files.range(below.clone()..).next();
        first.is_some_and(|(first, _)| first.starts_with(&below))
    }

    /// What an object holds. A reader that breaks off, as it does at an object that is damaged, is
    /// replaced, so that the next object can be read.
    fn object(&self, blob: &Blob) -> Result<Vec<u8>, VfsError> {
        let other = |why: String| VfsError::Other(format!("git does not give it: {why}"));
        let mut reader = self
            .reader
            .lock()
            .map_err(|_| other("it stopped".to_owned()))?;
        match reader.read(&blob.id, MAX_FILE_BYTES) {
            Ok((bytes, size)) if size > MAX_FILE_BYTES as u64 => {
                drop(bytes);
                Err(VfsError::TooLarge(size))
            }
            Ok((bytes, _)) => Ok(bytes),
            Err(broken) => {
                if matches!(broken, ObjectError::BrokenOff(_)) {
                    *reader = Reader::start().map_err(|error| other(error.to_string()))?;
                }
                Err(other(broken.to_string()))
            }
        }
    }
}

/// `MODE TYPE ID`, a tab, and the path. No sizes: git lists nothing if an object is not there.
fn entry(line: &[u8]) -> Option<(String, Blob)> {
    let tab = line.iter().position(|byte| *byte == b'\t')?;
    let path = shown(OsStr::from_bytes(line.get(tab + 1..)?));
    let facts = std::str::from_utf8(line.get(..tab)?).ok()?;
    let facts: Vec<&str> = facts.split_whitespace().collect();
    let [mode, "blob", id] = facts.as_slice() else {
        return None;
    };
    let blob = Blob {
        id: (*id).to_owned(),
        is_link: *mode == "120000",
    };
    Some((path, blob))
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
        self.object(self.blob(path)?)
    }

    fn beginning(&self, path: &str) -> Result<Vec<u8>, VfsError> {
        if path.starts_with('/') {
            return Disk.beginning(path);
        }
        let blob = self.blob(path)?;
        match self.object(blob) {
            Err(VfsError::TooLarge(_)) => {}
            other => return other,
        }
        let mut reader = self
            .reader
            .lock()
            .map_err(|_| VfsError::Other("git stopped".to_owned()))?;
        let read = reader.read(&blob.id, MAX_FILE_BYTES);
        read.map(|(bytes, _)| bytes)
            .map_err(|broken| VfsError::Other(broken.to_string()))
    }

    fn real_path(&self, path: &str) -> Option<String> {
        path.starts_with('/').then(|| Disk.real_path(path))?
    }

    fn kind(&self, path: &str) -> Option<EntryKind> {
        if path.starts_with('/') {
            return Disk.kind(path);
        }
        match self.target(path).ok()? {
            (_, Some(_)) => Some(EntryKind::File),
            (path, None) => self.is_directory(&path).then_some(EntryKind::Directory),
        }
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

    /// The first `most` bytes of an object, and its size. The answer is `ID TYPE SIZE`, the object, and
    /// an end of line; or `ID missing`.
    fn read(&mut self, id: &str, most: usize) -> Result<(Vec<u8>, u64), ObjectError> {
        writeln!(self.names, "{id}")?;
        self.names.flush()?;
        let mut header = String::new();
        self.objects.read_line(&mut header)?;
        if header.is_empty() {
            return Err(io::Error::other("the object is damaged").into());
        }
        let size = header.trim_end().rsplit_once(' ').map(|(_, size)| size);
        let size: Option<u64> = size.and_then(|size| size.parse().ok());
        let Some(size) = size else {
            return Err(ObjectError::Refused(header.trim_end().to_owned()));
        };
        let mut object = Vec::new();
        let kept = size.min(most as u64);
        (&mut self.objects).take(kept).read_to_end(&mut object)?;
        let rest = io::copy(
            &mut (&mut self.objects).take(size - kept + 1),
            &mut io::sink(),
        )?;
        if object.len() as u64 != kept || rest != size - kept + 1 {
            return Err(io::Error::other("the object is damaged").into());
        }
        Ok((object, size))
    }
}

/// Why an object was not read.
#[derive(Debug, thiserror::Error)]
enum ObjectError {
    /// git says so, and can be asked for others.
    #[error("{0}")]
    Refused(String),
    /// The reader broke off.
    #[error(transparent)]
    BrokenOff(#[from] io::Error),
}

impl Drop for Reader {
    fn drop(&mut self) {
        // It would end by itself once it can read no more names; nobody waits for that.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
