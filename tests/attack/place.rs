//! The directories of an attack: the tree that is handed over, and what lies outside of it.

#![allow(dead_code, reason = "kinds take what they need")]

use std::collections::BTreeMap;
use std::fs;
use std::os::unix::fs::{MetadataExt, symlink};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use tempfile::TempDir;

/// What stands in each file outside of the tree, and must never be shown.
pub const CANARY: &str = "kanarienvogel";

/// A profile that is well, and the one that all others are compared with.
pub const CALM: &str =
    "abi <abi/3.0>,\ninclude <tunables/global>\nprofile calm /opt/calm {\n  /opt/calm mr,\n}\n";

/// The directories.
pub struct Place {
    whole: TempDir,
}

impl Place {
    /// An empty tree beside an `outside` that holds files with the canary, under git, with one commit in which the
    /// calm profile lies at `calm`.
    pub fn new() -> Self {
        let whole = tempfile::Builder::new()
            .prefix("aalint-attack-")
            .tempdir()
            .unwrap();
        let place = Self { whole };
        for directory in ["tree", "outside/directory", "home", "tmp"] {
            fs::create_dir_all(place.whole.path().join(directory)).unwrap();
        }
        let secret = format!("profile {CANARY} {{\n  /{CANARY} rw,\n  {CANARY}\n}}\n");
        place.write_outside("profile", &secret);
        place.write_outside("directory/profile", &secret);
        place.write_outside("text", &format!("root:{CANARY}:1\n{CANARY} = [\n"));
        place.write_outside(
            "rules",
            &format!("  /{CANARY}/** rw,\n  capability {CANARY},\n"),
        );
        place.write("calm", CALM);
        place.git(&["init", "-q", "-b", "main"]);
        place.commit();
        place
    }

    /// The directory that is handed over; the program runs in it.
    pub fn tree(&self) -> PathBuf {
        self.whole.path().join("tree")
    }

    /// What lies outside of it.
    pub fn outside(&self) -> PathBuf {
        self.whole.path().join("outside")
    }

    /// The home directory of who runs the program.
    pub fn home(&self) -> PathBuf {
        self.whole.path().join("home")
    }

    /// The directory of temporary files; what the program prints lies elsewhere.
    pub fn tmp(&self) -> PathBuf {
        self.whole.path().join("tmp")
    }

    /// Writes a file of the tree, and the directories around it.
    pub fn write(&self, path: &str, text: impl AsRef<[u8]>) {
        write(&self.tree().join(path), text.as_ref());
    }

    /// Writes a file outside of the tree.
    pub fn write_outside(&self, path: &str, text: &str) {
        write(&self.outside().join(path), text.as_bytes());
    }

    /// Makes a symbolic link in the tree.
    pub fn link(&self, path: &str, target: impl AsRef<Path>) {
        let path = self.tree().join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        symlink(target, path).unwrap();
    }

    /// Makes a FIFO in the tree.
    pub fn fifo(&self, path: &str) {
        let status = Command::new("mkfifo").arg(self.tree().join(path)).status();
        assert!(status.unwrap().success());
    }

    /// A program outside of the tree that leaves a mark there when it is run, and passes on what it reads.
    pub fn trap(&self, name: &str) -> String {
        let path = self.outside().join(name);
        let mark = self.outside().join(format!("mark-of-{name}"));
        let text = format!("#!/bin/sh\necho run >> '{}'\nexec cat\n", mark.display());
        write(&path, text.as_bytes());
        let mut rights = fs::metadata(&path).unwrap().permissions();
        std::os::unix::fs::PermissionsExt::set_mode(&mut rights, 0o755);
        fs::set_permissions(&path, rights).unwrap();
        path.to_str().unwrap().to_owned()
    }

    /// Runs git in the tree, without any configuration but the repository's.
    pub fn git(&self, arguments: &[&str]) {
        let done = Command::new("git")
            .args([
                "-c",
                "user.name=a",
                "-c",
                "user.email=a@b",
                "-c",
                "commit.gpgsign=false",
            ])
            .args(arguments)
            .current_dir(self.tree())
            .env("GIT_CONFIG_GLOBAL", "/dev/null")
            .env("GIT_CONFIG_SYSTEM", "/dev/null")
            .env("GIT_AUTHOR_DATE", "2024-01-01T00:00:00Z")
            .env("GIT_COMMITTER_DATE", "2024-01-01T00:00:00Z")
            .stdin(Stdio::null())
            .output()
            .unwrap();
        let said = String::from_utf8_lossy(&done.stderr);
        assert!(done.status.success(), "git {arguments:?}: {said}");
    }

    /// What git says, without the end of the line.
    pub fn git_says(&self, arguments: &[&str]) -> String {
        let git = Command::new("git")
            .args(arguments)
            .current_dir(self.tree())
            .output()
            .unwrap();
        String::from_utf8(git.stdout).unwrap().trim_end().to_owned()
    }

    /// Commits all that lies in the tree.
    pub fn commit(&self) {
        self.git(&["add", "-A"]);
        self.git(&["commit", "-q", "--allow-empty", "-m", "x"]);
    }

    /// Every file of all directories, with what would show that it was changed.
    pub fn state(&self) -> BTreeMap<PathBuf, (u64, i64, i64, u32)> {
        let mut state = BTreeMap::new();
        let mut open = vec![self.whole.path().to_owned()];
        while let Some(directory) = open.pop() {
            for entry in fs::read_dir(directory).unwrap() {
                let entry = entry.unwrap();
                let facts = entry.metadata().unwrap();
                if facts.is_dir() {
                    open.push(entry.path());
                }
                let mark = (
                    facts.size(),
                    facts.mtime(),
                    facts.mtime_nsec(),
                    facts.mode(),
                );
                state.insert(entry.path(), mark);
            }
        }
        state
    }
}

fn write(path: &Path, text: &[u8]) {
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    fs::write(path, text).unwrap();
}
