//! A build context as the archive that the engine takes.

use std::ffi::OsStr;
use std::fs::File;
use std::io::{self, Read};
use std::os::fd::OwnedFd;
use std::os::unix::ffi::OsStrExt;
use std::path::Path;

use rustix::fs::{
    AtFlags, CWD, Dir, FileType, Mode, OFlags, ResolveFlags, Stat, fstat, openat, openat2,
    readlinkat, statat,
};

use crate::images::{DockerIgnore, IGNORE_FILE};

/// The file that says how to build.
pub(super) const DOCKERFILE: &str = "Dockerfile";
/// Maximum size of a context, in bytes with the headers: it is sent from memory.
const MAX_SIZE: u64 = 512 << 20;
/// Maximum size of the files that say how to build, in bytes.
const MAX_TEXT: u64 = 1 << 20;
/// Deepest directory.
const MAX_DEPTH: usize = 100;
/// Size of a header, in bytes (tar(5)).
const HEADER: u64 = 512;

/// The directory of a build context. The user who owns it may put links into it at any time: each file is opened below
/// its directory and no link is followed, so that nothing is sent that lies elsewhere. Links are sent as links.
pub(super) struct Context(OwnedFd);

impl Context {
    /// Opens it.
    ///
    /// # Errors
    /// If it is not there, or a link is on the way.
    pub(super) fn open(path: &Path) -> io::Result<Self> {
        let flags = OFlags::RDONLY | OFlags::DIRECTORY | OFlags::CLOEXEC;
        let path = match path.as_os_str().is_empty() {
            true => Path::new("."),
            false => path,
        };
        let opened = openat2(CWD, path, flags, Mode::empty(), ResolveFlags::NO_SYMLINKS);
        opened.map(Self).map_err(|error| match error {
            rustix::io::Errno::LOOP => io::Error::other(
                "a symbolic link is on the way: `build` must name the directory itself",
            ),
            error => error.into(),
        })
    }

    /// The Dockerfile.
    ///
    /// # Errors
    /// If it cannot be read.
    pub(super) fn dockerfile(&self) -> io::Result<String> {
        text(&self.0, DOCKERFILE).map_err(|error| {
            io::Error::new(
                error.kind(),
                format!("its {DOCKERFILE} cannot be read: {error}"),
            )
        })
    }

    /// Archives the directory without what its `.dockerignore` excludes. `labelled` replaces its
    /// Dockerfile.
    ///
    /// # Errors
    /// If a file cannot be read, or all is too large.
    pub(super) fn archive(&self, labelled: &str) -> io::Result<Vec<u8>> {
        let ignored = match text(&self.0, IGNORE_FILE) {
            Ok(text) => DockerIgnore::read(&text)?,
            Err(error) if error.kind() == io::ErrorKind::NotFound => DockerIgnore::default(),
            Err(error) => return Err(error),
        };
        let mut archive = Archive {
            tar: tar::Builder::new(Vec::new()),
            ignored,
            size: 0,
        };
        archive.add(&self.0, "", 0)?;
        let mut header = tar::Header::new_gnu();
        header.set_size(labelled.len() as u64);
        header.set_mode(0o644);
        archive
            .tar
            .append_data(&mut header, DOCKERFILE, labelled.as_bytes())?;
        archive.tar.into_inner()
    }
}

/// Opens a regular file of a directory. A pipe would keep who opens it waiting.
fn regular(directory: &OwnedFd, name: &str) -> io::Result<(File, Stat)> {
    let flags = OFlags::RDONLY | OFlags::NOFOLLOW | OFlags::NONBLOCK | OFlags::CLOEXEC;
    let file = match openat(directory, name, flags, Mode::empty()) {
        Err(rustix::io::Errno::LOOP) => return Err(io::Error::other("it is a symbolic link")),
        other => other?,
    };
    let stat = fstat(&file)?;
    match FileType::from_raw_mode(stat.st_mode) {
        FileType::RegularFile => Ok((file.into(), stat)),
        _ => Err(io::Error::other("it is no regular file")),
    }
}

fn text(directory: &OwnedFd, name: &str) -> io::Result<String> {
    let (file, _) = regular(directory, name)?;
    let mut text = String::new();
    file.take(MAX_TEXT + 1).read_to_string(&mut text)?;
    if text.len() as u64 > MAX_TEXT {
        return Err(io::Error::other(format!(
            "it has more than {MAX_TEXT} bytes"
        )));
    }
    Ok(text)
}

struct Archive {
    tar: tar::Builder<Vec<u8>>,
    ignored: DockerIgnore,
    size: u64,
}

impl Archive {
    /// Adds what lies in a directory, which is called `inside` in the archive.
    fn add(&mut self, directory: &OwnedFd, inside: &str, depth: usize) -> io::Result<()> {
        if depth > MAX_DEPTH {
            return Err(io::Error::other(format!(
                "directories nest deeper than {MAX_DEPTH}"
            )));
        }
        for name in names(directory, inside)? {
            let path = match inside {
                "" => name.clone(),
                inside => format!("{inside}/{name}"),
            };
            let stat = statat(directory, &name, AtFlags::SYMLINK_NOFOLLOW)?;
            let kind = FileType::from_raw_mode(stat.st_mode);
            let is_ignored = self.ignored.has(&path);
            if kind == FileType::Directory {
                // What an exception lets in again may lie in there.
                if !is_ignored || self.ignored.has_exceptions() {
                    self.directory(directory, (&name, &path), (is_ignored, depth))?;
                }
            } else if !is_ignored && path != DOCKERFILE {
                match kind {
                    FileType::RegularFile => self.file(directory, &name, &path)?,
                    FileType::Symlink => self.link(directory, (&name, &path), &stat)?,
                    _ => {}
                }
            }
        }
        Ok(())
    }

    fn directory(
        &mut self,
        parent: &OwnedFd,
        (name, path): (&str, &str),
        (is_ignored, depth): (bool, usize),
    ) -> io::Result<()> {
        let flags = OFlags::RDONLY | OFlags::DIRECTORY | OFlags::NOFOLLOW | OFlags::CLOEXEC;
        let directory = openat(parent, name, flags, Mode::empty())?;
        if !is_ignored {
            let mut header = self.header(&fstat(&directory)?, 0)?;
            header.set_entry_type(tar::EntryType::Directory);
            self.tar.append_data(&mut header, path, io::empty())?;
        }
        self.add(&directory, path, depth + 1)
    }

    fn file(&mut self, directory: &OwnedFd, name: &str, path: &str) -> io::Result<()> {
        let named = |error: io::Error| io::Error::new(error.kind(), format!("{path}: {error}"));
        let (file, stat) = regular(directory, name).map_err(named)?;
        // What is read counts, not what the file says of itself.
        let mut bytes = Vec::new();
        let most = MAX_SIZE.saturating_sub(self.size) + 1;
        file.take(most).read_to_end(&mut bytes).map_err(named)?;
        let mut header = self.header(&stat, bytes.len() as u64)?;
        self.tar.append_data(&mut header, path, bytes.as_slice())
    }

    fn link(
        &mut self,
        directory: &OwnedFd,
        (name, path): (&str, &str),
        stat: &Stat,
    ) -> io::Result<()> {
        let target = readlinkat(directory, name, Vec::new())?;
        let mut header = self.header(stat, 0)?;
        header.set_entry_type(tar::EntryType::Symlink);
        let target = OsStr::from_bytes(target.as_bytes());
        self.tar.append_link(&mut header, path, target)
    }

    /// A header with what is known of a file; adds `length` and the header to the size.
    fn header(&mut self, stat: &Stat, length: u64) -> io::Result<tar::Header> {
        self.size += length + HEADER;
        if self.size > MAX_SIZE {
            return Err(io::Error::other(format!(
                "the context is larger than {} MiB: a `.dockerignore` keeps out what the image does not need",
                MAX_SIZE >> 20
            )));
        }
        let mut header = tar::Header::new_gnu();
        header.set_size(length);
        header.set_mode(stat.st_mode & 0o7777);
        header.set_mtime(u64::try_from(stat.st_mtime).unwrap_or_default());
        Ok(header)
    }
}

/// The names in a directory, sorted.
fn names(directory: &OwnedFd, inside: &str) -> io::Result<Vec<String>> {
    let mut names = Vec::new();
    for entry in Dir::read_from(directory)? {
        let entry = entry?;
        let name = entry.file_name();
        if matches!(name.to_bytes(), b"." | b"..") {
            continue;
        }
        let name = name.to_str().map_err(|_| {
            let name = name.to_string_lossy();
            io::Error::other(format!("the name of {inside}/{name} is no UTF-8"))
        })?;
        names.push(name.to_owned());
    }
    names.sort_unstable();
    Ok(names)
}

/// A Dockerfile of which each stage begins with the label, so that everything that comes of it, whole or
/// not, can be found. One line `FROM …` after another is a stage; its lines are those of Docker's parser
/// (frontend/dockerfile/parser in moby/buildkit).
pub(super) fn labelled(dockerfile: &str, label: &str) -> String {
    let mut text = String::new();
    let escape = escape(dockerfile);
    let (mut is_continued, mut is_from) = (false, false);
    for line in dockerfile.lines() {
        let word = line.split_whitespace().next().unwrap_or_default();
        text.push_str(line);
        text.push('\n');
        // Comments and empty lines do not end what is continued, and comments are never continued.
        if word.starts_with('#') || (is_continued && word.is_empty()) {
            continue;
        }
        if !is_continued {
            is_from = word.eq_ignore_ascii_case("FROM");
        }
        is_continued = line.trim_end().ends_with(escape);
        if is_from && !is_continued {
            text.push_str(&format!("LABEL {label}\n"));
        }
    }
    text
}

/// The character that continues a line: a directive in the first comments may make it a backquote.
fn escape(dockerfile: &str) -> char {
    for line in dockerfile.lines() {
        let directive = line
            .trim()
            .strip_prefix('#')
            .and_then(|rest| rest.split_once('='));
        match directive {
            Some((name, value)) if name.trim().eq_ignore_ascii_case("escape") => {
                return value.trim().chars().next().unwrap_or('\\');
            }
            Some(_) => {}
            None => break,
        }
    }
    '\\'
}

#[cfg(test)]
#[expect(
    clippy::disallowed_methods,
    reason = "the tests make a context of files"
)]
mod tests {
    use std::fs;
    use std::os::unix::fs::symlink;

    use super::*;

    #[test]
    fn each_stage_is_labelled() {
        let text = "# syntax\nfrom a AS b\nRUN echo \\\n  FROM c\nFROM \\\n  d\nCMD x";
        let expected = "# syntax\nfrom a AS b\nLABEL l=1\nRUN echo \\\n  FROM c\nFROM \\\n  d\nLABEL l=1\nCMD x\n";
        assert_eq!(labelled(text, "l=1"), expected);
        let text = "# syntax=x\n#escape=`\nFROM a \\\nFROM `\n# c\n\n b\n";
        let expected =
            "# syntax=x\n#escape=`\nFROM a \\\nLABEL l=1\nFROM `\n# c\n\n b\nLABEL l=1\n";
        assert_eq!(labelled(text, "l=1"), expected);
    }

    fn archive(directory: &Path) -> io::Result<Vec<u8>> {
        Context::open(directory)?.archive("FROM y\n")
    }

    #[test]
    fn no_link_is_followed() {
        let whole = tempfile::tempdir().unwrap();
        let whole = whole.path();
        fs::create_dir_all(whole.join("outside/deep")).unwrap();
        fs::write(whole.join("outside/deep/secret"), "secret").unwrap();
        fs::write(whole.join("outside/Dockerfile"), "FROM secret").unwrap();
        let context = whole.join("context");
        fs::create_dir(&context).unwrap();
        fs::write(context.join("Dockerfile"), "FROM x\n").unwrap();
        symlink("../outside", context.join("directory")).unwrap();
        symlink(whole.join("outside/deep/secret"), context.join("file")).unwrap();
        let bytes = archive(&context).unwrap();
        let mut read = tar::Archive::new(bytes.as_slice());
        let mut links = Vec::new();
        for entry in read.entries().unwrap() {
            let entry = entry.unwrap();
            let name = entry.path().unwrap().display().to_string();
            if name == "Dockerfile" {
                continue;
            }
            assert_eq!(entry.header().entry_type(), tar::EntryType::Symlink);
            let target = entry.link_name().unwrap().unwrap().into_owned();
            links.push((name, target));
        }
        let secret = whole.join("outside/deep/secret");
        assert_eq!(
            links,
            [
                ("directory".to_owned(), "../outside".into()),
                ("file".to_owned(), secret)
            ]
        );
        // The directory itself, or one on the way.
        symlink("outside", whole.join("link")).unwrap();
        for path in ["link", "link/deep", "link/", "context/directory"] {
            let error = archive(&whole.join(path)).unwrap_err();
            assert!(
                error.to_string().contains("symbolic link"),
                "{path}: {error}"
            );
        }
        // What says how to build.
        for name in [DOCKERFILE, IGNORE_FILE] {
            let _ = fs::remove_file(context.join(name));
            symlink("../outside/Dockerfile", context.join(name)).unwrap();
            let opened = Context::open(&context).unwrap();
            let read = match name {
                DOCKERFILE => opened.dockerfile(),
                _ => opened.archive("FROM y\n").map(|_| String::new()),
            };
            assert!(
                read.unwrap_err().to_string().contains("symbolic link"),
                "{name}"
            );
        }
    }

    #[test]
    fn what_has_no_end_is_not_read() {
        let directory = tempfile::tempdir().unwrap();
        let context = directory.path();
        fs::write(context.join("Dockerfile"), "FROM x\n").unwrap();
        rustix::fs::mknodat(
            CWD,
            context.join("pipe"),
            FileType::Fifo,
            Mode::from_raw_mode(0o600),
            0,
        )
        .unwrap();
        assert!(archive(context).is_ok());
        let sparse = File::create(context.join("sparse")).unwrap();
        sparse.set_len(MAX_SIZE + 1).unwrap();
        let error = archive(context).unwrap_err();
        assert!(error.to_string().contains("larger than 512 MiB"), "{error}");
        fs::remove_file(context.join("sparse")).unwrap();
        let deep = vec!["d"; MAX_DEPTH + 2].join("/");
        fs::create_dir_all(context.join(deep)).unwrap();
        let error = archive(context).unwrap_err();
        assert!(error.to_string().contains("nest deeper"), "{error}");
    }

    #[test]
    fn what_is_ignored_is_not_sent() {
        let directory = tempfile::tempdir().unwrap();
        let write = |path: &str| {
            let path = directory.path().join(path);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, "x").unwrap();
        };
        for path in [
            "app.py",
            "a.log",
            "deep/a.log",
            "secret/key",
            "secret/public",
            ".git/config",
        ] {
            write(path);
        }
        fs::write(directory.path().join("Dockerfile"), "FROM x\n").unwrap();
        symlink("app.py", directory.path().join("link")).unwrap();
        fs::write(
            directory.path().join(".dockerignore"),
            "# no\n*.log\n**/.git\nsecret\n!secret/public\n",
        )
        .unwrap();
        let bytes = archive(directory.path()).unwrap();
        let mut archive = tar::Archive::new(bytes.as_slice());
        let mut names = Vec::new();
        for entry in archive.entries().unwrap() {
            let mut entry = entry.unwrap();
            let name = entry.path().unwrap().display().to_string();
            if name == "Dockerfile" {
                let mut text = String::new();
                entry.read_to_string(&mut text).unwrap();
                assert_eq!(text, "FROM y\n");
            }
            names.push(name);
        }
        names.sort();
        let expected = [
            ".dockerignore",
            "Dockerfile",
            "app.py",
            "deep",
            "deep/a.log",
            "link",
            "secret/public",
        ];
        assert_eq!(names, expected);
    }
}
