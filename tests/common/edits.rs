//! Random edits of a tree of policy, after each of which an updated workspace and a fresh one must say the same.

use std::fmt::Write as _;
use std::sync::RwLock;

use aalint::policy::Search;
use aalint::report::{self, Format, Style};
use aalint::rules;
use aalint::session::{self, Candidate, Options, Workspace};
use aalint::source::{DirEntry, EntryKind, MemoryVfs, Snapshot, Vfs, VfsError};

use crate::random::Random;

/// Files that change while a workspace is open over them.
pub struct Tree(RwLock<MemoryVfs>);

impl Tree {
    pub fn new(files: MemoryVfs) -> Self {
        Self(RwLock::new(files))
    }

    fn paths(&self) -> Vec<String> {
        let files = self.0.read().unwrap();
        files.iter().map(|(path, _)| path.to_owned()).collect()
    }
}

impl Vfs for Tree {
    fn read(&self, path: &str) -> Result<Vec<u8>, VfsError> {
        self.0.read().unwrap().read(path)
    }

    fn kind(&self, path: &str) -> Option<EntryKind> {
        self.0.read().unwrap().kind(path)
    }

    fn list(&self, path: &str) -> Result<Vec<DirEntry>, VfsError> {
        self.0.read().unwrap().list(path)
    }
}

/// Lines that change what a file means, or break it.
const LINES: &[&str] = &[
    "  /srv/data/** rw,",
    "  deny /srv/data/secret r,",
    "  audit deny /etc/shadow rw,",
    "  /usr/bin/dash Px -> other,",
    "  capability sys_admin,",
    "  capability net_raw, # aalint: ignore dangerous-capability: it answers echo requests",
    "  network inet stream,",
    "  signal (send) peer=@{profile_name},",
    "  unix (connect) type=stream peer=(label=other),",
    "  include <abstractions/base>",
    "  include <abstractions/nowhere>",
    "  include if exists <local/anything>",
    "include <tunables/global>",
    "@{HERE}=/here /there{,/deep}",
    "@{HERE}+=/elsewhere",
    "@{PROC}=/elsewhere/",
    "alias /srv/ -> /data/srv/,",
    "abi <abi/4.0>,",
    "  @{HERE}/** mr,",
    "  @{MISSING}/** r,",
    "  if $flag { /flag r, }",
    "$flag = true",
    "  /broken[ r,",
    "  capability no_such,",
    "}",
    "profile added {",
    "",
    "# a comment",
    "  # aalint: assert deny /etc/shadow w,",
];

/// How many edits were followed, how many decision functions were there at each, and how many of them were kept.
#[derive(Copy, Clone, PartialEq, Eq, Debug, Default)]
pub struct Followed {
    pub edits: usize,
    pub functions: usize,
    pub kept: usize,
}

/// Follows `count` random edits of `tree`; includes are searched in `base`, and what lies below `checked` is checked.
///
/// # Panics
/// If the updated workspace says anything else than a fresh one; the edit, and the first line that differs.
pub fn follow(tree: &Tree, base: &str, checked: &str, seed: u64, count: usize) -> Followed {
    let mut random = Random::new(seed);
    let mut followed = Followed::default();
    let mut workspace = {
        let files = Snapshot::new(tree);
        let options = options(&files, tree, base, checked);
        Workspace::open(files, options)
    };
    let _ = workspace.check(rules::all());
    let mut removed = Vec::new();
    for number in 0..count {
        let (changed, told) = edit(tree, &mut random, &mut removed);
        workspace.update(&changed, |files| options(files, tree, base, checked));
        followed.kept += workspace.compiled();
        let updated = json(&workspace);
        followed.functions += workspace.compiled();
        let fresh = {
            let files = Snapshot::new(tree);
            let options = options(&files, tree, base, checked);
            json(&Workspace::open(files, options))
        };
        if updated != fresh {
            let only = |left: &str, right: &str| {
                let lines = left
                    .lines()
                    .filter(|line| !right.lines().any(|other| other == *line));
                lines.take(8).map(str::to_owned).collect::<Vec<_>>()
            };
            let (of_updated, of_fresh) = (only(&updated, &fresh), only(&fresh, &updated));
            panic!(
                "seed {seed}, edit {number} ({told}): updated and fresh differ: {of_updated:#?} {of_fresh:#?}"
            );
        }
        followed.edits += 1;
    }
    followed
}

fn json(workspace: &Workspace<'_>) -> String {
    let report = workspace.check(rules::all());
    let mut out = Vec::new();
    report::write(Format::Json, &report, Style::default(), &mut out).unwrap();
    String::from_utf8(out).unwrap()
}

fn options(files: &Snapshot<'_>, tree: &Tree, base: &str, checked: &str) -> Options {
    let candidates = tree
        .paths()
        .into_iter()
        .filter(|path| path.starts_with(checked));
    let candidates = candidates.map(|path| Candidate {
        path,
        named: checked.len(),
        obstacle: None,
    });
    let collected = session::collect(files, candidates, &|_| false);
    Options {
        inputs: collected.inputs,
        found: collected.found,
        search: Search {
            directories: vec![base.to_owned()],
            has_no_base: false,
        },
        ..Options::default()
    }
}

/// Changes something; gives the paths that it concerns, and words for it.
fn edit(
    tree: &Tree,
    random: &mut Random,
    removed: &mut Vec<(String, Vec<u8>)>,
) -> (Vec<String>, String) {
    let paths = tree.paths();
    let mut files = tree.0.write().unwrap();
    let path = random.pick(&paths).clone();
    let bytes = files.read(&path).unwrap();
    let text = String::from_utf8_lossy(&bytes).into_owned();
    let lines: Vec<&str> = text.lines().collect();
    let at = random.below(lines.len() + 1);
    let joined = |lines: &[&str]| {
        let mut text = lines.join("\n");
        text.push('\n');
        text.into_bytes()
    };
    let mut told = String::new();
    let changed = match random.below(20) {
        0..8 => {
            let line = *random.pick(LINES);
            let mut lines = lines;
            lines.insert(at, line);
            files.insert(path.clone(), joined(&lines));
            let _ = write!(told, "`{line}` added to {path}");
            vec![path]
        }
        8..13 if !lines.is_empty() => {
            let at = at.min(lines.len() - 1);
            let mut lines = lines;
            let line = lines.remove(at);
            files.insert(path.clone(), joined(&lines));
            let _ = write!(told, "`{line}` removed from {path}");
            vec![path]
        }
        13 => {
            // Saved without a change.
            files.insert(path.clone(), bytes);
            let _ = write!(told, "{path} saved");
            vec![path]
        }
        14 => {
            let other = random.pick(&paths).clone();
            let bytes = files.read(&other).unwrap();
            files.insert(path.clone(), bytes);
            let _ = write!(told, "{path} made like {other}");
            vec![path]
        }
        15 if paths.len() > 3 => {
            let bytes = files.remove(&path).unwrap();
            removed.push((path.clone(), bytes));
            let _ = write!(told, "{path} removed");
            vec![path]
        }
        16 | 17 if !removed.is_empty() => {
            let (path, bytes) = removed.swap_remove(random.below(removed.len()));
            files.insert(path.clone(), bytes);
            let _ = write!(told, "{path} put back");
            vec![path]
        }
        18 if paths.len() > 3 => {
            let bytes = files.remove(&path).unwrap();
            let new = format!("{path}.renamed");
            files.insert(new.clone(), bytes);
            let _ = write!(told, "{path} renamed");
            vec![path, new]
        }
        _ => {
            let directory = path.rsplit_once('/').map_or("", |(directory, _)| directory);
            let new = format!("{directory}/new-{}", random.below(1000));
            files.insert(new.clone(), bytes);
            let _ = write!(told, "{new} added");
            vec![new]
        }
    };
    (changed, told)
}
