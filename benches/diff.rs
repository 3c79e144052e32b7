//! How fast two versions of a policy compare: loaded, compiled, and every change told.
//!
//! The profile has 500 rules of its own and, where the corpus is beside the repository, the rules of
//! twelve abstractions.

#![allow(
    clippy::unwrap_used,
    clippy::disallowed_methods,
    clippy::print_stderr,
    reason = "a bench reads files, and may fail loudly"
)]

use std::fs;
use std::path::Path;

use aalint::access::Detail;
use aalint::policy::{NEWEST_PARSER, Search};
use aalint::session::diff::{DiffOptions, PolicyDiff, diff};
use aalint::session::with_policies;
use aalint::source::MemoryVfs;
use divan::Bencher;

fn main() {
    divan::main();
}

const ABSTRACTIONS: [&str; 12] = [
    "base",
    "nameservice-strict",
    "fonts",
    "gtk",
    "dconf-write",
    "audio-client",
    "mesa",
    "openssl",
    "ssl_certs",
    "desktop",
    "graphics",
    "python",
];

/// Rules of many kinds, all different.
fn rules() -> Vec<String> {
    let rule = |number: usize| match number % 10 {
        0 => format!("/srv/app-{number}/** rw,"),
        1 => format!("owner @{{HOME}}/.config/app{number}/{{,**}} rwk,"),
        2 => format!("/usr/{{bin,sbin}}/tool{number} Px,"),
        3 => format!("@{{sys}}/devices/**/unit{number}/** r,"),
        4 => format!("/etc/app{number}.d/*.conf r,"),
        5 => format!("signal (send, receive) peer=app{number},"),
        6 => format!("dbus send bus=session path=/org/app{number}/** peer=(name=org.app{number}),"),
        7 => format!("deny /srv/app-{number}/private/** w,"),
        8 => format!("/usr/lib/*/app{number}/*.so* mr,"),
        _ => format!("/tmp/app{number}.[0-9a-f]*/ rw,"),
    };
    (0..500).map(rule).collect()
}

/// The texts, the base directory's files among them.
struct Versions {
    vfs: MemoryVfs,
}

impl Versions {
    fn new(new: &[String]) -> Self {
        let mut vfs = MemoryVfs::default();
        let base = Path::new(env!("CARGO_MANIFEST_DIR"))
            .join("../shared/corpus/apparmor.d-built-forky/base");
        let mut includes = String::new();
        if base.is_dir() {
            insert(&mut vfs, &base, "base");
            for name in ABSTRACTIONS {
                includes.push_str(&format!("  include <abstractions/{name}>\n"));
            }
        } else {
            eprintln!(
                "without abstractions: the corpus is not at {}",
                base.display()
            );
            vfs.insert("base/tunables/global", "@{HOME}=/home/*/\n@{sys}=/sys/\n");
        }
        for (path, rules) in [("old", rules().as_slice()), ("new", new)] {
            let rules = rules.join("\n  ");
            vfs.insert(
                path,
                format!(
                    "abi <abi/4.0>,\ninclude <tunables/global>\nprofile app {{\n{includes}  {rules}\n}}\n"
                ),
            );
        }
        Self { vfs }
    }

    fn compare(&self) -> PolicyDiff {
        let search = Search {
            directories: vec!["base".to_owned()],
            has_no_base: false,
        };
        let options = DiffOptions {
            detail: Detail::Access,
            profiles: Vec::new(),
        };
        let (old, new) = ("old".to_owned(), "new".to_owned());
        with_policies(
            NEWEST_PARSER,
            &self.vfs,
            &search,
            [&[old], &[new]],
            &[],
            |old, new| diff(old, new, &options),
        )
    }
}

fn insert(vfs: &mut MemoryVfs, directory: &Path, name: &str) {
    for entry in fs::read_dir(directory).unwrap() {
        let path = entry.unwrap().path();
        let name = format!("{name}/{}", path.file_name().unwrap().to_str().unwrap());
        if path.is_dir() {
            insert(vfs, &path, &name);
        } else if let Ok(text) = fs::read(&path) {
            vfs.insert(name, text);
        }
    }
}

/// The other way round: nothing differs.
#[divan::bench(sample_count = 20)]
fn reordered(bencher: Bencher<'_, '_>) {
    let new: Vec<String> = rules().into_iter().rev().collect();
    let versions = Versions::new(&new);
    assert!(!versions.compare().is_different());
    bencher.bench(|| divan::black_box(versions.compare()));
}

/// So many rules dropped, and as many others in their place.
#[divan::bench(args = [5, 50, 250], sample_count = 10)]
fn changed(bencher: Bencher<'_, '_>, count: usize) {
    let mut new = rules();
    new.truncate(500 - count);
    new.extend((0..count).map(|number| format!("/var/lib/app/*/x{number}/** rw,")));
    let versions = Versions::new(&new);
    assert!(versions.compare().is_wider());
    bencher.bench(|| divan::black_box(versions.compare()));
}
