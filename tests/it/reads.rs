//! Each file is read once in a command: the kernel tells who opens what.

use std::collections::BTreeMap;
use std::fs;
use std::mem::MaybeUninit;
use std::os::fd::OwnedFd;
use std::path::{Path, PathBuf};
use std::process::Command;

use rustix::fs::inotify::{self, CreateFlags, ReadFlags, Reader, WatchFlags};

/// Watches every directory below one.
struct Watch {
    events: OwnedFd,
    directories: BTreeMap<i32, PathBuf>,
}

impl Watch {
    fn below(root: &Path) -> Self {
        let events = inotify::init(CreateFlags::NONBLOCK | CreateFlags::CLOEXEC).unwrap();
        let mut watch = Self {
            events,
            directories: BTreeMap::new(),
        };
        let mut open = vec![root.to_path_buf()];
        while let Some(directory) = open.pop() {
            // Between two openings of a file there is always a closing: the kernel joins events that are alike and
            // follow on each other.
            let flags = WatchFlags::OPEN | WatchFlags::CLOSE;
            let number = inotify::add_watch(&watch.events, &directory, flags).unwrap();
            for entry in fs::read_dir(&directory).unwrap() {
                let path = entry.unwrap().path();
                if path.is_dir() {
                    open.push(path);
                }
            }
            watch.directories.insert(number, directory);
        }
        // What the walk above opened.
        watch.opened();
        watch
    }

    /// How often each file was opened since.
    fn opened(&self) -> BTreeMap<PathBuf, usize> {
        let mut buffer = [MaybeUninit::uninit(); 1 << 16];
        let mut reader = Reader::new(&self.events, &mut buffer);
        let mut opened = BTreeMap::new();
        while let Ok(event) = reader.next() {
            assert!(!event.events().contains(ReadFlags::QUEUE_OVERFLOW));
            let is_opened = event.events().contains(ReadFlags::OPEN);
            let is_directory = event.events().contains(ReadFlags::ISDIR);
            let Some(name) = event.file_name().filter(|_| is_opened && !is_directory) else {
                continue;
            };
            let path = self.directories[&event.wd()].join(name.to_str().unwrap());
            *opened.entry(path).or_default() += 1;
        }
        opened
    }
}

/// A tree in which files are named in many ways.
fn tree(root: &Path) {
    for (path, text) in [
        (
            "policy/aalint.toml",
            "base = \"base\"\nintents = [\"promises.intents\", \"kept\"]\n\n[[profile]]\nname = \"web\"\ncontainer = true\n\n[verify]\nprofile = \"own/web\"\n",
        ),
        (
            "policy/promises.intents",
            "intent kept \"what is kept\" {\n  deny /etc/shadow r,\n}\n",
        ),
        ("policy/base/tunables/global", "include <tunables/home>\n"),
        ("policy/base/tunables/home", "@{HOME}=/home/*/\n"),
        ("policy/base/abstractions/base", "  /dev/null rw,\n"),
        (
            "policy/base/abi/4.0",
            "network_v8 {af_mask {unix inet\n}\n}\n",
        ),
        (
            "policy/own/web",
            "abi <abi/4.0>,\ninclude <tunables/global>\n\nprofile web {\n  include <abstractions/base>\n  include if exists <local/web>\n  @{HOME}/site/ r,\n}\n",
        ),
        (
            "policy/own/other",
            "include <tunables/global>\n\nprofile other {\n  include <abstractions/base>\n  /usr/bin/dash Px -> web,\n  /broken[ r,\n}\n",
        ),
        (
            "policy/compose.yaml",
            "services:\n  web:\n    image: web\n    security_opt: [apparmor=web]\n",
        ),
        ("policy/app.py", "print('no policy')\n"),
        ("requests", "/etc/shadow r\n"),
        (
            "new/own/web",
            "abi <abi/4.0>,\ninclude <tunables/global>\n\nprofile web {\n  include <abstractions/base>\n  /srv/** r,\n}\n",
        ),
    ] {
        let path = root.join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }
}

#[test]
fn each_file_is_read_once() {
    let directory = tempfile::tempdir().unwrap();
    tree(directory.path());
    let watch = Watch::below(directory.path());
    let mut commands: Vec<(&str, &[&str])> = vec![
        ("policy", &["check", "policy"]),
        ("policy", &["check", "policy/own/web"]),
        ("policy", &["check", "./policy/own"]),
        (
            "policy",
            &[
                "query",
                "policy/own/other",
                "/etc/shadow r",
                "--requests",
                "requests",
            ],
        ),
        ("policy", &["graph", "policy"]),
        ("policy", &["diff", "policy/own", "new/own"]),
    ];
    if cfg!(feature = "verify") {
        commands.push(("policy", &["verify", "--plan", "policy"]));
        commands.push(("policy", &["verify", "--plan", "policy/own/web"]));
    }
    for (must, command) in commands {
        let output = Command::new(env!("CARGO_BIN_EXE_aalint"))
            .args(command)
            .current_dir(directory.path())
            .output()
            .unwrap();
        let opened = watch.opened();
        let said = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.code().is_some_and(|code| code <= 2), "{said}");
        let is_there = |(path, _): (&PathBuf, &usize)| {
            path.strip_prefix(directory.path())
                .unwrap()
                .starts_with(must)
        };
        assert!(
            opened.iter().any(is_there),
            "{command:?} reads nothing: {said}"
        );
        let twice: Vec<_> = opened.iter().filter(|(_, count)| **count > 1).collect();
        assert!(twice.is_empty(), "{command:?} reads twice: {twice:#?}");
    }
}
