//! What the tests share: rule pages, and generated files.

#![allow(dead_code, reason = "each test uses its own part")]

pub mod advice;
pub mod edits;
pub mod engine;
pub mod grammar;
pub mod image;
pub mod intents;
#[cfg(feature = "verify")]
pub mod kernel;
pub mod laws;
pub mod markup;
pub mod mutations;
pub mod schema;
pub mod tokens;

use std::fmt;
use std::fs;
use std::os::unix::fs::{MetadataExt, PermissionsExt};
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

/// The directory of the package.
pub fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

pub use xtask::page::Page;

/// All rule pages, by code.
pub fn pages() -> Vec<Page> {
    xtask::page::all(&root()).unwrap()
}

pub fn directories(path: &Path) -> Vec<PathBuf> {
    let mut found: Vec<PathBuf> = fs::read_dir(path)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.is_dir())
        .collect();
    found.sort();
    found
}

pub fn files(path: &Path, extension: &str) -> Vec<PathBuf> {
    let mut found: Vec<PathBuf> = fs::read_dir(path)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.extension().is_some_and(|found| found == extension))
        .collect();
    found.sort();
    found
}

/// Compares a generated file with what it should be; for `cargo xtask bless`, which sets UPDATE, writes it.
pub fn generated(path: &str, text: &str) {
    let full = root().join(path);
    let current = fs::read_to_string(&full).unwrap_or_default();
    if current == text {
        return;
    }
    if std::env::var_os("UPDATE").is_some() {
        fs::create_dir_all(full.parent().unwrap()).unwrap();
        fs::write(&full, text).unwrap();
        return;
    }
    let line = current
        .lines()
        .zip(text.lines())
        .position(|(old, new)| old != new);
    let line = line.unwrap_or(current.lines().count().min(text.lines().count()));
    panic!(
        "{path} is stale from line {} on; run `cargo xtask bless`",
        line + 1
    );
}

/// Why a test cannot run here: something from outside of the repository is missing.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Missing {
    Folder(PathBuf),
    /// A program or a privilege, and why it cannot be had.
    Program(String),
}

impl fmt::Display for Missing {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Folder(path) => write!(f, "needs {}", path.display()),
            Self::Program(why) => f.write_str(why),
        }
    }
}

/// The real parsers, which `oracle::run` finds, are programs.
impl From<String> for Missing {
    fn from(why: String) -> Self {
        Self::Program(why)
    }
}

/// A directory of test material, which lies beside the repository and not in it.
pub fn needed(path: &str) -> Result<PathBuf, Missing> {
    let below = Path::new("../shared").join(path);
    let full = root().join(&below);
    if full.is_dir() {
        Ok(full)
    } else {
        Err(Missing::Folder(below))
    }
}

/// All files below a directory, sorted.
pub fn files_below(path: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in fs::read_dir(path).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            found.extend(files_below(&path));
        } else {
            found.push(path);
        }
    }
    found.sort();
    found
}

/// Runs the program in a directory.
pub fn aalint(directory: &Path, arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_aalint"))
        .args(arguments)
        .current_dir(directory)
        .output()
        .unwrap()
}

/// aalint as a user who is not root. Others may read here what its owner may.
pub fn without_root(here: &Path, arguments: &[&str]) -> Output {
    // A program of its own makes the copy: while this process had it open for writing, a child of another test's thread
    // could inherit that, and the copy could not be executed ("text file busy").
    let made = Command::new("install")
        .args(["-m", "755", env!("CARGO_BIN_EXE_aalint"), "aalint-copy"])
        .current_dir(here)
        .status()
        .unwrap();
    assert!(made.success());
    // Whoever runs the tests may have a mask that shuts others out.
    open_to_all(here);
    let is_root = fs::metadata("/proc/self").is_ok_and(|own| own.uid() == 0);
    // By its name from here: others may not be let through the directory of temporary files.
    let mut command = match is_root {
        true => {
            let mut command = Command::new("setpriv");
            command.args(["--reuid", "65534", "--regid", "65534", "--clear-groups"]);
            command.arg("./aalint-copy");
            command
        }
        false => Command::new("./aalint-copy"),
    };
    command.args(arguments).current_dir(here).output().unwrap()
}

/// Lets others read what its owner can.
fn open_to_all(path: &Path) {
    let found = fs::symlink_metadata(path).unwrap();
    let mode = found.permissions().mode();
    if found.is_symlink() || mode & 0o400 == 0 {
        return;
    }
    let all = mode | (mode & 0o500) >> 3 | (mode & 0o500) >> 6;
    fs::set_permissions(path, fs::Permissions::from_mode(all)).unwrap();
    if found.is_dir() {
        for entry in fs::read_dir(path).unwrap() {
            open_to_all(&entry.unwrap().path());
        }
    }
}

/// Bytes as text.
pub fn text(bytes: &[u8]) -> String {
    String::from_utf8(bytes.to_vec()).unwrap()
}

/// A directory with these files.
pub fn directory(files: &[(&str, &str)]) -> tempfile::TempDir {
    let directory = tempfile::tempdir().unwrap();
    for (path, content) in files {
        let full = directory.path().join(path);
        fs::create_dir_all(full.parent().unwrap()).unwrap();
        fs::write(full, content).unwrap();
    }
    directory
}
