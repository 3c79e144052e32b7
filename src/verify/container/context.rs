//! A build context as the archive that the engine takes.

use std::fs::{self, File};
use std::io;
use std::path::Path;

use globset::{GlobBuilder, GlobMatcher};

/// The file that says how to build.
pub(super) const DOCKERFILE: &str = "Dockerfile";
/// Largest context, in bytes: it is sent from memory.
const LARGEST: u64 = 512 << 20;

/// Archives a directory without what its `.dockerignore` excludes. `labelled` is what stands for its
/// Dockerfile.
#[expect(
    clippy::disallowed_methods,
    reason = "the context is read from the disk"
)]
pub(super) fn archive(directory: &Path, labelled: &str) -> io::Result<Vec<u8>> {
    let ignored = match fs::read_to_string(directory.join(".dockerignore")) {
        Ok(text) => Ignored::read(&text)?,
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ignored::default(),
        Err(error) => return Err(error),
    };
    let mut archive = tar::Builder::new(Vec::new());
    archive.follow_symlinks(false);
    let mut size = 0;
    add(&mut archive, directory, "", &ignored, &mut size)?;
    let mut header = tar::Header::new_gnu();
    header.set_size(labelled.len() as u64);
    header.set_mode(0o644);
    archive.append_data(&mut header, DOCKERFILE, labelled.as_bytes())?;
    archive.into_inner()
}

#[expect(
    clippy::disallowed_methods,
    reason = "the context is read from the disk"
)]
fn add(
    archive: &mut tar::Builder<Vec<u8>>,
    directory: &Path,
    inside: &str,
    ignored: &Ignored,
    size: &mut u64,
) -> io::Result<()> {
    let mut entries: Vec<fs::DirEntry> =
        fs::read_dir(directory.join(inside))?.collect::<io::Result<_>>()?;
    entries.sort_by_key(fs::DirEntry::file_name);
    for entry in entries {
        let name = entry.file_name();
        let name = name.to_str().ok_or_else(|| {
            io::Error::other(format!(
                "the name of {} is no UTF-8",
                entry.path().display()
            ))
        })?;
        let path = match inside {
            "" => name.to_owned(),
            inside => format!("{inside}/{name}"),
        };
        let kind = entry.file_type()?;
        if kind.is_dir() {
            // What an exception lets in again may lie in there.
            if !ignored.has(&path) {
                archive.append_dir(&path, entry.path())?;
                add(archive, directory, &path, ignored, size)?;
            } else if ignored.has_exceptions() {
                add(archive, directory, &path, ignored, size)?;
            }
            continue;
        }
        if ignored.has(&path) || path == DOCKERFILE || !(kind.is_file() || kind.is_symlink()) {
            continue;
        }
        if kind.is_file() {
            *size += entry.metadata()?.len();
            if *size > LARGEST {
                return Err(io::Error::other(format!(
                    "the context is larger than {} MiB: a `.dockerignore` keeps out what the image does not need",
                    LARGEST >> 20
                )));
            }
            archive.append_file(&path, &mut File::open(entry.path())?)?;
        } else {
            archive.append_path_with_name(entry.path(), &path)?;
        }
    }
    Ok(())
}

/// What `.dockerignore` says. The last line that matches a path or a directory above it decides.
#[derive(Default)]
struct Ignored(Vec<(GlobMatcher, bool)>);

impl Ignored {
    fn read(text: &str) -> io::Result<Self> {
        let mut patterns = Vec::new();
        for line in text.lines().map(str::trim) {
            if line.is_empty() || line.starts_with('#') {
                continue;
            }
            let (pattern, is_exception) = match line.strip_prefix('!') {
                Some(pattern) => (pattern.trim(), true),
                None => (line, false),
            };
            let pattern = pattern.trim_start_matches("./").trim_matches('/');
            let glob = GlobBuilder::new(pattern).literal_separator(true).build();
            let glob = glob.map_err(|error| {
                io::Error::other(format!(
                    "`.dockerignore`: `{line}` cannot be read: {}",
                    error.kind()
                ))
            })?;
            patterns.push((glob.compile_matcher(), is_exception));
        }
        Ok(Self(patterns))
    }

    fn has(&self, path: &str) -> bool {
        let above = path
            .match_indices('/')
            .filter_map(|(end, _)| path.get(..end));
        let paths: Vec<&str> = above.chain([path]).collect();
        let decides = self
            .0
            .iter()
            .rev()
            .find(|(pattern, _)| paths.iter().any(|path| pattern.is_match(path)));
        decides.is_some_and(|(_, is_exception)| !is_exception)
    }

    fn has_exceptions(&self) -> bool {
        self.0.iter().any(|(_, is_exception)| *is_exception)
    }
}

/// A Dockerfile of which each stage begins with the label, so that everything that comes of it, whole or
/// not, can be found. One line `FROM …` after another is a stage.
pub(super) fn labelled(dockerfile: &str, label: &str) -> String {
    let mut text = String::new();
    let (mut is_continued, mut is_from) = (false, false);
    for line in dockerfile.lines() {
        if !is_continued {
            let word = line.split_whitespace().next().unwrap_or_default();
            is_from = word.eq_ignore_ascii_case("FROM");
        }
        is_continued = line.trim_end().ends_with('\\');
        text.push_str(line);
        text.push('\n');
        if is_from && !is_continued {
            text.push_str(&format!("LABEL {label}\n"));
        }
    }
    text
}

#[cfg(test)]
#[expect(
    clippy::disallowed_methods,
    reason = "the tests make a context of files"
)]
mod tests {
    use super::*;

    #[test]
    fn each_stage_is_labelled() {
        let text = "# syntax\nfrom a AS b\nRUN echo \\\n  FROM c\nFROM \\\n  d\nCMD x";
        let expected = "# syntax\nfrom a AS b\nLABEL l=1\nRUN echo \\\n  FROM c\nFROM \\\n  d\nLABEL l=1\nCMD x\n";
        assert_eq!(labelled(text, "l=1"), expected);
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
        std::os::unix::fs::symlink("app.py", directory.path().join("link")).unwrap();
        fs::write(
            directory.path().join(".dockerignore"),
            "# no\n*.log\n**/.git\nsecret\n!secret/public\n",
        )
        .unwrap();
        let bytes = archive(directory.path(), "FROM y\n").unwrap();
        let mut archive = tar::Archive::new(bytes.as_slice());
        let mut names = Vec::new();
        for entry in archive.entries().unwrap() {
            let mut entry = entry.unwrap();
            let name = entry.path().unwrap().display().to_string();
            if name == "Dockerfile" {
                let mut text = String::new();
                io::Read::read_to_string(&mut entry, &mut text).unwrap();
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
