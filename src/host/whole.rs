//! A file that is written whole or not at all.

use std::fs::Permissions;
use std::io::{self, BufWriter, Write};
use std::os::unix::fs::{MetadataExt, PermissionsExt};
use std::path::{Path, PathBuf};

use tempfile::NamedTempFile;

use super::name::real;

/// A file that appears under its name once it is finished, in the place of what was there. Until then
/// it lies beside it under another name, and is gone if it is never finished.
#[derive(Debug)]
pub struct WholeFile {
    file: BufWriter<NamedTempFile>,
    path: PathBuf,
    is_empty: bool,
}

impl WholeFile {
    /// Begins the file at `path`.
    ///
    /// # Errors
    /// If the directory cannot be written, or what is at `path` is no regular file.
    #[expect(
        clippy::disallowed_methods,
        reason = "a report is written where the user names"
    )]
    pub fn begin(path: &str) -> io::Result<Self> {
        let path = PathBuf::from(path);
        // A device or pipe would be replaced.
        if std::fs::metadata(&path).is_ok_and(|there| !there.is_file()) {
            return Err(io::Error::other("what is there is no regular file"));
        }
        let parent = path.parent().filter(|parent| *parent != Path::new(""));
        let file = tempfile::Builder::new()
            .prefix(".aalint-")
            .permissions(Permissions::from_mode(0o666))
            .tempfile_in(parent.unwrap_or(Path::new(".")))?;
        Ok(Self {
            file: BufWriter::new(file),
            path,
            is_empty: true,
        })
    }

    /// Puts the file in its place. One to which nothing was written is dropped, and what was there
    /// stays.
    ///
    /// # Errors
    /// If the system refuses; then what was there before stays.
    pub fn finish(self) -> io::Result<()> {
        if self.is_empty {
            return Ok(());
        }
        let file = self
            .file
            .into_inner()
            .map_err(io::IntoInnerError::into_error)?;
        file.as_file().sync_all()?;
        file.persist(&self.path)?;
        Ok(())
    }
}

impl Write for WholeFile {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.is_empty &= bytes.is_empty();
        self.file.write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.file.flush()
    }
}

/// Replaces the content of a file, whole or not at all. What the name leads to by links is replaced, and keeps its mode, owner and group.
///
/// # Errors
/// If `path` is no regular file any more, holds something other than `expected`, or cannot be written, or if its owner cannot be
/// kept; then it stays as it is.
#[expect(
    clippy::disallowed_methods,
    reason = "files are written where the user names them"
)]
pub fn replace(path: &str, expected: &[u8], content: &[u8]) -> io::Result<()> {
    let path = std::fs::canonicalize(&*real(path))?;
    let there = std::fs::metadata(&path)?;
    if !there.is_file() {
        return Err(io::Error::other("it is no regular file"));
    }
    let parent = path.parent().unwrap_or(Path::new("/"));
    let mut file = tempfile::Builder::new()
        .prefix(".aalint-")
        .permissions(Permissions::from_mode(0o600))
        .tempfile_in(parent)?;
    file.write_all(content)?;
    let own = file.as_file().metadata()?;
    if (own.uid(), own.gid()) != (there.uid(), there.gid()) {
        std::os::unix::fs::fchown(file.as_file(), Some(there.uid()), Some(there.gid()))?;
    }
    file.as_file().set_permissions(there.permissions())?;
    file.as_file().sync_all()?;
    // Somebody may have written it meanwhile.
    if std::fs::read(&path)? != expected {
        return Err(io::Error::other("it was changed meanwhile"));
    }
    file.persist(&path)?;
    Ok(())
}

/// Writes a file that is not there yet, with the directory around it, whole or not at all; `false` if something is there, which stays
/// as it is.
///
/// # Errors
/// If it cannot be written, or its directory is a link.
#[expect(
    clippy::disallowed_methods,
    reason = "files are written where the user names the directory"
)]
pub fn create_new(path: &str, text: &str) -> io::Result<bool> {
    let path = PathBuf::from(&*real(path));
    let parent = path.parent().filter(|parent| *parent != Path::new(""));
    let parent = parent.unwrap_or(Path::new("."));
    if std::fs::symlink_metadata(&path).is_ok() {
        return Ok(false);
    }
    match std::fs::symlink_metadata(parent) {
        // Who owns the directory above could make it lead anywhere.
        Ok(there) if there.is_symlink() && parent != Path::new(".") => {
            return Err(io::Error::other("its directory is a symbolic link"));
        }
        Ok(_) => {}
        Err(error) if error.kind() == io::ErrorKind::NotFound => std::fs::create_dir(parent)?,
        Err(error) => return Err(error),
    }
    let mut file = tempfile::Builder::new()
        .prefix(".aalint-")
        .permissions(Permissions::from_mode(0o666))
        .tempfile_in(parent)?;
    file.write_all(text.as_bytes())?;
    file.as_file().sync_all()?;
    match file.persist_noclobber(&path) {
        Ok(_) => Ok(true),
        Err(error) if error.error.kind() == io::ErrorKind::AlreadyExists => Ok(false),
        Err(error) => Err(error.error),
    }
}

#[cfg(test)]
#[expect(clippy::disallowed_methods, reason = "tests look at what is written")]
mod tests {
    use std::fs;

    use super::*;

    #[test]
    fn a_file_appears_when_it_is_finished() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("report");
        let name = path.to_str().unwrap();
        let count = || fs::read_dir(directory.path()).unwrap().count();
        fs::write(&path, "old").unwrap();

        let mut file = WholeFile::begin(name).unwrap();
        file.write_all(b"new").unwrap();
        assert_eq!(fs::read_to_string(&path).unwrap(), "old");
        file.finish().unwrap();
        assert_eq!(fs::read_to_string(&path).unwrap(), "new");

        // Given up, and begun without anything to write.
        let mut file = WholeFile::begin(name).unwrap();
        file.write_all(b"half").unwrap();
        drop(file);
        WholeFile::begin(name).unwrap().finish().unwrap();
        assert_eq!(fs::read_to_string(&path).unwrap(), "new");
        assert_eq!(count(), 1);
    }

    #[test]
    fn only_regular_files_are_replaced() {
        let directory = tempfile::tempdir().unwrap();
        assert!(WholeFile::begin(directory.path().to_str().unwrap()).is_err());
        assert!(WholeFile::begin("/dev/null").is_err());
        let nowhere = directory.path().join("no/such/report");
        assert!(WholeFile::begin(nowhere.to_str().unwrap()).is_err());
    }
}
