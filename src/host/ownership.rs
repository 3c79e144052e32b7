//! Who may change what lies at a path: the owners of the file, of the directories on the way to it and of the
//! links there, and everybody else who may write to them.

use std::collections::VecDeque;
use std::ffi::{OsStr, OsString};
use std::fmt;
use std::fs::File;
use std::io::{self, Read};
use std::os::fd::OwnedFd;
use std::os::unix::ffi::{OsStrExt, OsStringExt};
use std::path::{Component, Path, PathBuf};

use rustix::fs::{CWD, FileType, Mode, OFlags, Stat, fstat, openat, readlinkat};

/// Maximum number of symbolic links on a way (Linux: MAXSYMLINKS, include/linux/namei.h).
const MAX_LINKS: usize = 40;
/// Permission bits with which somebody other than the owner may write. An access control list with such an entry
/// shows it in the bits of the group, which are its mask (acl(5)).
const WRITABLE_BY_OTHERS: u32 = 0o022;
/// In such a directory nobody may replace the file of another user (S_ISVTX, inode(7)).
const STICKY: u32 = 0o1000;

/// The users whose files a command may obey.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Owners(Vec<u32>);

impl Owners {
    /// Root alone.
    #[must_use]
    pub fn root() -> Self {
        Self(vec![0])
    }

    /// Root and the caller: the effective user, and under sudo the user who called it, whom sudo names in
    /// SUDO_UID.
    #[must_use]
    #[expect(
        clippy::disallowed_methods,
        reason = "who called is told by the environment"
    )]
    pub fn caller() -> Self {
        let effective = rustix::process::geteuid();
        let mut owners = vec![0, effective.as_raw()];
        if effective.is_root() {
            let sudo = std::env::var("SUDO_UID").ok();
            owners.extend(sudo.and_then(|text| text.parse::<u32>().ok()));
        }
        Self(owners)
    }

    /// Root and these users.
    #[must_use]
    pub fn and(users: &[u32]) -> Self {
        Self([&[0], users].concat())
    }
}

/// A place on the way to a file that somebody else may change.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Foreign {
    /// Its path.
    pub path: PathBuf,
    /// Who may.
    pub by: Stranger,
}

/// Who may change a place.
#[derive(Copy, Clone, PartialEq, Eq, Debug)]
pub enum Stranger {
    /// Its owner, the user of this number.
    Owner(u32),
    /// Users other than its owner, by its permissions.
    Writers(u32),
}

impl fmt::Display for Foreign {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let path = self.path.to_string_lossy().replace(char::is_control, "?");
        match self.by {
            Stranger::Owner(user) => write!(formatter, "{path} belongs to user {user}"),
            Stranger::Writers(mode) => write!(
                formatter,
                "others may write to {path} (its mode is {mode:04o})"
            ),
        }
    }
}

/// What lies at a path, and who may change that.
#[derive(Debug)]
pub struct Survey {
    /// The directory that it was found in, and its name there.
    place: Option<(OwnedFd, OsString)>,
    stat: Stat,
    /// The first place on the way that somebody else may change.
    pub foreign: Option<Foreign>,
}

impl Survey {
    /// Looks at each directory and link on the way to `path`, and at what lies there. Each is opened below the one
    /// before, so that nothing can be exchanged between the look and the step.
    ///
    /// # Errors
    /// If there is nothing, or a directory cannot be searched.
    pub fn of(path: &Path, owners: &Owners) -> io::Result<Self> {
        let mut walk = Walk::begin(owners)?;
        let absolute = std::path::absolute(path)?;
        let mut rest: VecDeque<OsString> = names(&absolute).collect();
        let mut links = 0;
        while let Some(name) = rest.pop_front() {
            let Some(target) = walk.step(&name, rest.is_empty())? else {
                continue;
            };
            links += 1;
            if links > MAX_LINKS {
                return Err(rustix::io::Errno::LOOP.into());
            }
            if target.is_absolute() {
                walk.restart()?;
            }
            for name in names(&target).collect::<Vec<_>>().into_iter().rev() {
                rest.push_front(name);
            }
        }
        Ok(walk.end())
    }

    /// The text of the regular file, if it is one of at most `limit` bytes. It is the file that was looked at.
    ///
    /// # Errors
    /// If it is no regular file, is larger, or was exchanged meanwhile.
    pub fn read(&self, limit: u64) -> io::Result<Vec<u8>> {
        let Some((directory, name)) = &self.place else {
            return Err(io::ErrorKind::IsADirectory.into());
        };
        // A pipe would keep who opens it waiting.
        let flags = OFlags::RDONLY | OFlags::NOFOLLOW | OFlags::NONBLOCK | OFlags::CLOEXEC;
        let file = openat(directory, name, flags, Mode::empty())?;
        let stat = fstat(&file)?;
        if (stat.st_dev, stat.st_ino) != (self.stat.st_dev, self.stat.st_ino) {
            return Err(io::Error::other("it was exchanged while it was looked at"));
        }
        if FileType::from_raw_mode(stat.st_mode) != FileType::RegularFile {
            return Err(io::Error::other("not a regular file"));
        }
        let mut bytes = Vec::new();
        File::from(file).take(limit + 1).read_to_end(&mut bytes)?;
        if bytes.len() as u64 > limit {
            return Err(io::Error::other(format!("it has more than {limit} bytes")));
        }
        Ok(bytes)
    }

    /// Whether it is a regular file.
    #[must_use]
    pub fn is_file(&self) -> bool {
        FileType::from_raw_mode(self.stat.st_mode) == FileType::RegularFile
    }
}

/// The names that lead along a path.
fn names(path: &Path) -> impl Iterator<Item = OsString> + '_ {
    path.components().filter_map(|component| match component {
        Component::Normal(name) => Some(name.to_owned()),
        Component::ParentDir => Some("..".into()),
        Component::RootDir | Component::CurDir | Component::Prefix(_) => None,
    })
}

/// A way through directories.
struct Walk<'o> {
    owners: &'o Owners,
    directory: OwnedFd,
    stat: Stat,
    path: PathBuf,
    foreign: Option<Foreign>,
    /// What it led to that is no directory.
    found: Option<(OsString, Stat)>,
}

impl<'o> Walk<'o> {
    fn begin(owners: &'o Owners) -> io::Result<Self> {
        let (directory, stat) = root()?;
        let mut walk = Self {
            owners,
            directory,
            stat,
            path: "/".into(),
            foreign: None,
            found: None,
        };
        walk.judge(&stat, PathBuf::from("/"), true);
        Ok(walk)
    }

    fn restart(&mut self) -> io::Result<()> {
        (self.directory, self.stat) = root()?;
        self.path = "/".into();
        Ok(())
    }

    /// Takes a step; gives where it leads if it is a link.
    fn step(&mut self, name: &OsStr, is_last: bool) -> io::Result<Option<PathBuf>> {
        let flags = OFlags::PATH | OFlags::NOFOLLOW | OFlags::CLOEXEC;
        let place = openat(&self.directory, name, flags, Mode::empty())?;
        let stat = fstat(&place)?;
        let path = self.path.join(name);
        let kind = FileType::from_raw_mode(stat.st_mode);
        if kind == FileType::Directory {
            self.judge(&stat, path.clone(), !is_last);
            if name == ".." {
                self.path.pop();
            } else {
                self.path = path;
            }
            (self.directory, self.stat) = (place, stat);
            return Ok(None);
        }
        // A user who may write to the directory may put another file or link into its place, or, where it is sticky,
        // could have put this one there: a hard link keeps its owner.
        let directory = self.stat;
        self.judge(&directory, self.path.clone(), false);
        if kind == FileType::Symlink {
            self.judge_owner(&stat, &path);
            let target = readlinkat(&place, "", Vec::new())?;
            return Ok(Some(PathBuf::from(OsString::from_vec(target.into_bytes()))));
        }
        if !is_last {
            return Err(io::ErrorKind::NotADirectory.into());
        }
        self.judge(&stat, path, false);
        self.found = Some((name.to_owned(), stat));
        Ok(None)
    }

    fn judge(&mut self, stat: &Stat, path: PathBuf, may_be_sticky: bool) {
        self.judge_owner(stat, &path);
        let mode = stat.st_mode & 0o7777;
        let is_guarded = may_be_sticky && mode & STICKY != 0;
        if mode & WRITABLE_BY_OTHERS != 0 && !is_guarded {
            let by = Stranger::Writers(mode);
            self.foreign.get_or_insert(Foreign { path, by });
        }
    }

    fn judge_owner(&mut self, stat: &Stat, path: &Path) {
        if !self.owners.0.contains(&stat.st_uid) {
            self.foreign.get_or_insert_with(|| Foreign {
                path: path.to_owned(),
                by: Stranger::Owner(stat.st_uid),
            });
        }
    }

    fn end(self) -> Survey {
        let (place, stat) = match self.found {
            Some((name, stat)) => (Some((self.directory, name)), stat),
            None => (None, self.stat),
        };
        Survey {
            place,
            stat,
            foreign: self.foreign,
        }
    }
}

fn root() -> io::Result<(OwnedFd, Stat)> {
    let flags = OFlags::PATH | OFlags::DIRECTORY | OFlags::CLOEXEC;
    let root = openat(CWD, OsStr::from_bytes(b"/"), flags, Mode::empty())?;
    let stat = fstat(&root)?;
    Ok((root, stat))
}
