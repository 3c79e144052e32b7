//! The files of an image.

use std::collections::BTreeMap;
use std::ops::Bound;

use super::file::{Content, FileFacts, FileOwner};
use super::layer::{Layer, LayerEntryKind};

/// Most links on the way to a file (`MAXSYMLINKS` of Linux).
const MAX_LINKS: usize = 40;

/// What lies at a path.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum FileNodeKind {
    /// A directory.
    Directory,
    /// A regular file.
    File(FileFacts),
    /// A symbolic link, with its target.
    Link(Box<[u8]>),
    /// A device, a pipe or a socket.
    Other,
}

/// A file, directory or link.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct FileNode {
    /// What it is.
    pub kind: FileNodeKind,
    /// Whose it is; `None` if that is not known.
    pub owner: Option<FileOwner>,
}

/// The files of an image, or those of them that are known.
#[derive(Clone, Debug)]
pub struct ImageTree {
    /// By path, without the slash in front: what a directory holds stands together.
    nodes: BTreeMap<Vec<u8>, FileNode>,
    is_complete: bool,
    /// Directories over which something is mounted: what else they hold is not known.
    mounted: Vec<Vec<u8>>,
}

/// What a path leads to.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Lookup<'t> {
    /// This, at the path that the kernel sees: no link is on it.
    Found(Vec<u8>, &'t FileNode),
    /// Nothing.
    Missing,
    /// That is not known.
    Unknown,
}

impl ImageTree {
    /// A tree without files. It is complete if all files of the image are entered then: what is not in it is not in the image
    /// either.
    #[must_use]
    pub const fn new(is_complete: bool) -> Self {
        Self {
            nodes: BTreeMap::new(),
            is_complete,
            mounted: Vec::new(),
        }
    }

    /// Whether what is not in it is not in the image either.
    #[must_use]
    pub const fn is_complete(&self) -> bool {
        self.is_complete
    }

    /// How many files, directories and links are known.
    #[must_use]
    pub fn len(&self) -> usize {
        self.nodes.len()
    }

    /// Whether nothing is known to be in it.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.nodes.is_empty()
    }

    /// All that is known, by path, without the slash in front.
    pub fn iter(&self) -> impl Iterator<Item = (&[u8], &FileNode)> {
        self.nodes.iter().map(|(path, node)| (&**path, node))
    }

    /// What lies in a directory at any depth; the path has no slash in front, and no links on it.
    pub fn below<'t>(&'t self, directory: &[u8]) -> impl Iterator<Item = (&'t [u8], &'t FileNode)> {
        let range = below(directory);
        self.nodes.range(range).map(|(path, node)| (&**path, node))
    }

    /// What lies at paths that begin so, links included; the beginning has no slash in front.
    pub fn starting_with<'t>(
        &'t self,
        beginning: &[u8],
    ) -> impl Iterator<Item = (&'t [u8], &'t FileNode)> {
        let beginning = beginning.to_vec();
        let range = self.nodes.range(beginning.clone()..);
        let range = range.map(|(path, node)| (&**path, node));
        range.take_while(move |(path, _)| path.starts_with(&beginning))
    }

    /// Whether it looks like the files of a system, and not like those of anything.
    #[must_use]
    pub fn is_system(&self) -> bool {
        let is_there = |name: &str| self.nodes.contains_key(name.as_bytes());
        ["bin", "usr", "etc", "lib", "sbin", "opt", "app", "proc"]
            .into_iter()
            .any(is_there)
            || self.nodes.values().any(|node| match &node.kind {
                FileNodeKind::File(file) => matches!(file.content, Content::Elf(_)),
                _ => false,
            })
    }

    /// Makes the changes of a layer.
    pub fn apply(&mut self, layer: Layer) {
        for path in &layer.removed {
            self.remove(path);
        }
        for path in &layer.emptied {
            self.empty(path);
        }
        for entry in layer.entries {
            let owner = Some(entry.owner);
            let kind = match entry.kind {
                LayerEntryKind::Directory => FileNodeKind::Directory,
                LayerEntryKind::File(file) => FileNodeKind::File(file),
                LayerEntryKind::Link(target) => FileNodeKind::Link(target.into()),
                LayerEntryKind::HardLink(other) => {
                    if let Some(node) = self.nodes.get(&other).cloned()
                        && node.kind != FileNodeKind::Directory
                    {
                        self.insert(&entry.path, node);
                    }
                    continue;
                }
                LayerEntryKind::Other => FileNodeKind::Other,
            };
            self.insert(&entry.path, FileNode { kind, owner });
        }
    }

    /// Enters something, with the directories above it. A directory keeps what it holds. Links on the way are followed, as
    /// engines do that write into the merged tree.
    pub fn insert(&mut self, path: &[u8], node: FileNode) {
        let (parent, name) = split(path);
        let mut at = Vec::with_capacity(path.len());
        for part in parts(parent) {
            push(&mut at, part);
            if matches!(
                self.nodes.get(&at),
                Some(FileNode {
                    kind: FileNodeKind::Directory,
                    ..
                })
            ) {
                continue;
            }
            at = match self.lookup(&at) {
                Lookup::Found(
                    real,
                    FileNode {
                        kind: FileNodeKind::Directory,
                        ..
                    },
                ) => real.get(1..).unwrap_or_default().to_vec(),
                _ => {
                    let kind = FileNodeKind::Directory;
                    self.nodes
                        .insert(at.clone(), FileNode { kind, owner: None });
                    at
                }
            };
        }
        push(&mut at, name);
        if node.kind != FileNodeKind::Directory {
            self.empty(&at);
        }
        self.nodes.insert(at, node);
    }

    /// Mounts something over a path, of which nothing is known.
    pub fn mount(&mut self, path: &str) {
        let path = match self.lookup(path.as_bytes()) {
            Lookup::Found(real, _) => real,
            _ => path.as_bytes().to_vec(),
        };
        let path: Vec<&[u8]> = parts(&path).collect();
        let path = path.join(&b'/');
        if !path.is_empty() {
            self.remove(&path);
            self.mounted.push(path);
        }
    }

    /// Whether nothing lies at a path that has no node.
    fn is_missing(&self, path: &[u8]) -> bool {
        let is_below = |mounted: &Vec<u8>| {
            let rest = path.strip_prefix(&**mounted);
            rest.is_some_and(|rest| rest.is_empty() || rest.starts_with(b"/"))
        };
        self.is_complete && !self.mounted.iter().any(is_below)
    }

    /// Removes a path with all that lies below it.
    fn remove(&mut self, path: &[u8]) {
        self.nodes.remove(path);
        self.empty(path);
    }

    fn empty(&mut self, directory: &[u8]) {
        if directory.is_empty() {
            self.nodes.clear();
            return;
        }
        let held: Vec<Vec<u8>> = self
            .below(directory)
            .map(|(path, _)| path.to_vec())
            .collect();
        for path in held {
            self.nodes.remove(&path);
        }
    }

    /// What a path leads to once all links are followed. The path may be relative to the root.
    #[must_use]
    pub fn lookup(&self, path: &[u8]) -> Lookup<'_> {
        self.follow(path, true)
    }

    /// The same without following a link at the end.
    #[must_use]
    pub fn lookup_itself(&self, path: &[u8]) -> Lookup<'_> {
        self.follow(path, false)
    }

    /// The path that the kernel sees in the place of a path that leads through links, as far as these are known; `None` if no
    /// known link is on it. What is not there is looked for below what the last link leads to. A slash at the end stays.
    #[must_use]
    pub fn leads_to(&self, path: &[u8], follows_last: bool) -> Option<Vec<u8>> {
        let way = self.walk(path, follows_last);
        if way.links == 0 || way.links > MAX_LINKS {
            return None;
        }
        let mut real = way.at;
        for part in way.rest.iter().rev() {
            push(&mut real, part);
        }
        real.insert(0, b'/');
        if path.ends_with(b"/") && !real.ends_with(b"/") {
            real.push(b'/');
        }
        (real != path).then_some(real)
    }

    fn follow(&self, path: &[u8], follows_last: bool) -> Lookup<'_> {
        let way = self.walk(path, follows_last);
        match way.end {
            Some(end) => end,
            // Without a node: the root itself.
            None => way.found.map_or(Lookup::Unknown, |node| {
                Lookup::Found([b"/", &way.at[..]].concat(), node)
            }),
        }
    }

    fn walk(&self, path: &[u8], follows_last: bool) -> Way<'_> {
        let mut way = Way {
            at: Vec::new(),
            rest: parts(path).rev().map(<[u8]>::to_vec).collect(),
            links: 0,
            found: None,
            end: None,
        };
        while let Some(part) = way.rest.pop() {
            if part == b".." {
                let above = split(&way.at).0.len();
                way.at.truncate(above);
                way.found = self.nodes.get(&way.at);
                continue;
            }
            push(&mut way.at, &part);
            let Some(node) = self.nodes.get(&way.at) else {
                way.end = Some(match self.is_missing(&way.at) {
                    true => Lookup::Missing,
                    false => Lookup::Unknown,
                });
                return way;
            };
            way.found = Some(node);
            match &node.kind {
                FileNodeKind::Link(target) if follows_last || !way.rest.is_empty() => {
                    way.links += 1;
                    if way.links > MAX_LINKS {
                        way.end = Some(Lookup::Missing);
                        return way;
                    }
                    let keep = if target.starts_with(b"/") {
                        0
                    } else {
                        split(&way.at).0.len()
                    };
                    way.at.truncate(keep);
                    way.rest.extend(parts(target).rev().map(<[u8]>::to_vec));
                    way.found = self.nodes.get(&way.at);
                }
                FileNodeKind::File(_) | FileNodeKind::Other if !way.rest.is_empty() => {
                    way.end = Some(Lookup::Missing);
                    return way;
                }
                _ => {}
            }
        }
        way
    }
}

/// How far a path has been followed.
struct Way<'t> {
    /// Where, without the slash in front.
    at: Vec<u8>,
    /// The components that are left, the last one first.
    rest: Vec<Vec<u8>>,
    /// How many links were on it.
    links: usize,
    /// What lies there.
    found: Option<&'t FileNode>,
    /// Why it could be followed no further.
    end: Option<Lookup<'t>>,
}

/// The components of a path, from the front and from the back.
fn parts(path: &[u8]) -> impl DoubleEndedIterator<Item = &[u8]> {
    let parts = path.split(|byte| *byte == b'/');
    parts.filter(|part| !part.is_empty() && *part != b".")
}

/// The directory of a path and its last component.
fn split(path: &[u8]) -> (&[u8], &[u8]) {
    match path.iter().rposition(|byte| *byte == b'/') {
        Some(slash) => {
            let (parent, name) = path.split_at(slash);
            (parent, name.strip_prefix(b"/").unwrap_or(name))
        }
        None => (b"", path),
    }
}

fn push(path: &mut Vec<u8>, part: &[u8]) {
    if !path.is_empty() {
        path.push(b'/');
    }
    path.extend_from_slice(part);
}

/// The keys of all that lies in a directory.
fn below(directory: &[u8]) -> (Bound<Vec<u8>>, Bound<Vec<u8>>) {
    if directory.is_empty() {
        return (Bound::Unbounded, Bound::Unbounded);
    }
    // What follows `/` among the bytes is `0`.
    let bound = |last: u8| Bound::Excluded([directory, &[last]].concat());
    (bound(b'/'), bound(b'0'))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn file() -> FileNode {
        FileNode {
            kind: FileNodeKind::File(FileFacts {
                content: Content::Data,
            }),
            owner: None,
        }
    }

    fn link(target: &str) -> FileNode {
        FileNode {
            kind: FileNodeKind::Link(target.as_bytes().into()),
            owner: None,
        }
    }

    fn tree(is_complete: bool, entries: &[(&str, FileNode)]) -> ImageTree {
        let mut tree = ImageTree::new(is_complete);
        for (path, node) in entries {
            tree.insert(path.as_bytes(), node.clone());
        }
        tree
    }

    fn leads_to(tree: &ImageTree, path: &str) -> String {
        match tree.lookup(path.as_bytes()) {
            Lookup::Found(path, _) => String::from_utf8(path).unwrap(),
            Lookup::Missing => "missing".to_owned(),
            Lookup::Unknown => "unknown".to_owned(),
        }
    }

    #[test]
    fn links_are_followed() {
        let tree = tree(
            true,
            &[
                ("usr/bin/dash", file()),
                ("bin", link("usr/bin")),
                ("usr/bin/sh", link("dash")),
                ("usr/bin/awk", link("/etc/alternatives/awk")),
                ("etc/alternatives/awk", link("../../usr/bin/mawk")),
                ("usr/bin/mawk", file()),
                ("loop", link("loop")),
                ("up", link("../../../usr")),
            ],
        );
        for (path, real) in [
            ("/bin/sh", "/usr/bin/dash"),
            ("bin/./sh", "/usr/bin/dash"),
            ("/usr/bin/awk", "/usr/bin/mawk"),
            ("/up/bin/sh", "/usr/bin/dash"),
            ("/bin/../bin", "/usr/bin"),
            ("/bin/../usr/bin", "missing"),
            ("/bin/bash", "missing"),
            ("/usr/bin/dash/x", "missing"),
            ("/loop", "missing"),
        ] {
            assert_eq!(leads_to(&tree, path), real, "{path}");
        }
        let itself = tree.lookup_itself(b"/bin/sh");
        assert!(matches!(itself, Lookup::Found(path, _) if path == b"/usr/bin/sh"));
    }

    #[test]
    fn what_a_link_leads_to_may_be_unknown() {
        let tree = tree(
            false,
            &[
                ("usr/bin/dash", file()),
                ("bin", link("usr/bin")),
                ("usr/bin/sh", link("dash")),
                ("loop", link("loop")),
            ],
        );
        for (path, real) in [
            ("/bin/sh", Some("/usr/bin/dash")),
            ("/bin/bash", Some("/usr/bin/bash")),
            ("/bin/new/x", Some("/usr/bin/new/x")),
            ("/bin/", Some("/usr/bin/")),
            ("/usr/bin/dash", None),
            ("/etc/passwd", None),
            ("/loop/x", None),
        ] {
            let found = tree.leads_to(path.as_bytes(), true);
            assert_eq!(found.as_deref(), real.map(str::as_bytes), "{path}");
        }
        let itself = tree.leads_to(b"/bin/sh", false);
        assert_eq!(itself.as_deref(), Some(&b"/usr/bin/sh"[..]));
    }

    #[test]
    fn what_is_not_known_is_not_missing() {
        let tree = tree(false, &[("usr/bin/sh", file())]);
        assert_eq!(leads_to(&tree, "/usr/bin/bash"), "unknown");
        assert_eq!(leads_to(&tree, "/usr/bin/sh"), "/usr/bin/sh");
    }

    #[test]
    fn what_is_written_through_a_link_lies_where_it_leads() {
        let tree = tree(
            true,
            &[
                ("usr/bin/x", file()),
                ("bin", link("usr/bin")),
                ("bin/y", file()),
            ],
        );
        assert_eq!(leads_to(&tree, "/bin/y"), "/usr/bin/y");
        let paths: Vec<&[u8]> = tree.below(b"usr").map(|(path, _)| path).collect();
        assert_eq!(paths, [&b"usr/bin"[..], b"usr/bin/x", b"usr/bin/y"]);
    }

    #[test]
    fn what_is_mounted_is_not_known() {
        let mut tree = tree(true, &[("srv/app/x", file()), ("app", link("srv/app"))]);
        tree.mount("/app");
        assert_eq!(leads_to(&tree, "/app/x"), "unknown");
        assert_eq!(leads_to(&tree, "/app"), "unknown");
        assert_eq!(leads_to(&tree, "/srv/application"), "missing");
        tree.insert(b"srv/app/x", file());
        assert_eq!(leads_to(&tree, "/app/x"), "/srv/app/x");
    }

    #[test]
    fn a_file_takes_the_place_of_a_directory() {
        let tree = tree(
            true,
            &[("a/b/c", file()), ("a/b-c", file()), ("a/b", file())],
        );
        assert_eq!(leads_to(&tree, "/a/b"), "/a/b");
        assert_eq!(leads_to(&tree, "/a/b/c"), "missing");
        assert_eq!(leads_to(&tree, "/a/b-c"), "/a/b-c");
    }
}
