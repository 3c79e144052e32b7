//! The files that a program meets where it runs: in a container, or on this machine.
//!
//! AppArmor decides by the path that a file has once all symbolic links are followed. Where `/bin` is a link
//! to `usr/bin`, no rule for `/bin/sh` is ever asked.

use std::collections::VecDeque;
use std::ffi::{CStr, OsStr};
use std::io;
use std::os::fd::OwnedFd;
use std::os::unix::ffi::OsStrExt;
use std::path::Path;

use rustc_hash::FxHashMap;
use rustix::fs::{
    AtFlags, CWD, Dir, FileType, Mode, OFlags, ResolveFlags, openat, openat2, readlinkat, statat,
};

use super::feasible::can_be_a_path;
use crate::glob::{LazyDfa, Nfa};
use crate::images::{FileNodeKind, ImageTree, Lookup};

/// Maximum number of symbolic links on a way (Linux: MAXSYMLINKS, include/linux/namei.h).
const MAX_LINKS: usize = 40;
/// Maximum number of directories that are read, for all patterns together.
const MAX_DIRECTORIES: usize = 4_000;
/// Maximum number of names that are looked at for one pattern.
const MAX_NAMES: usize = 4_000;
/// Maximum number of states of a pattern's automaton.
const MAX_STATES: usize = 10_000;
/// File systems whose files come and go with processes.
const PASSING: [&[u8]; 2] = [b"proc", b"sys"];

/// The files below a root directory, or of an image. Of the root nothing is opened but directories, no link is followed by the
/// kernel, and no way leads out: what lies there may belong to somebody hostile.
#[derive(Debug)]
pub struct Tree<'t> {
    root: Root<'t>,
    links: FxHashMap<Vec<u8>, Kind>,
    listings: FxHashMap<Vec<u8>, Vec<(Vec<u8>, FileType)>>,
}

#[derive(Debug)]
enum Root<'t> {
    Directory(OwnedFd),
    Image(&'t ImageTree),
}

/// What lies at a path.
#[derive(Clone, PartialEq, Eq, Debug)]
enum Kind {
    Link(Vec<u8>),
    Other,
    Missing,
}

impl<'t> Tree<'t> {
    /// The files below a directory, such as `/`, or `/proc/PID/root` for those of a container.
    ///
    /// # Errors
    /// If it cannot be opened.
    pub fn open(root: &Path) -> io::Result<Self> {
        let flags = OFlags::PATH | OFlags::DIRECTORY | OFlags::CLOEXEC;
        let root = openat(CWD, root, flags, Mode::empty())?;
        Ok(Self::of(Root::Directory(root)))
    }

    /// The files of an image, as far as they are known.
    #[must_use]
    pub fn of_image(image: &'t ImageTree) -> Self {
        Self::of(Root::Image(image))
    }

    fn of(root: Root<'t>) -> Self {
        Self {
            root,
            links: FxHashMap::default(),
            listings: FxHashMap::default(),
        }
    }

    /// The path at which the kernel finds what is asked for by `path`, where symbolic links make that
    /// another one. `None` as well for what cannot be known: links without end, or a path below `/proc`.
    pub fn leads_to(&mut self, path: &[u8]) -> Option<Vec<u8>> {
        if !can_be_a_path(path) {
            return None;
        }
        let mut rest: VecDeque<Vec<u8>> = names(path).collect();
        let mut way: Vec<Vec<u8>> = Vec::new();
        let mut links = 0;
        let mut is_missing = false;
        while let Some(name) = rest.pop_front() {
            if name == b".." {
                way.pop();
                continue;
            }
            way.push(name);
            if way.first().is_some_and(|first| is_passing(first)) {
                return None;
            }
            // What is below something that is not there is no link.
            if is_missing {
                continue;
            }
            match self.kind(&way.join(&b'/')) {
                Kind::Other => {}
                Kind::Missing => is_missing = true,
                Kind::Link(target) => {
                    links += 1;
                    if links > MAX_LINKS {
                        return None;
                    }
                    way.pop();
                    if target.starts_with(b"/") {
                        way.clear();
                    }
                    for name in names(&target).collect::<Vec<_>>().into_iter().rev() {
                        rest.push_front(name);
                    }
                }
            }
        }
        let mut found = b"/".to_vec();
        found.extend(way.join(&b'/'));
        if path.ends_with(b"/") && found != b"/" {
            found.push(b'/');
        }
        (links > 0 && found != path).then_some(found)
    }

    /// Paths of files that match a pattern, directories with a slash at their end: at most that many, those
    /// with the fewest directories first, then by name.
    pub fn matching(&mut self, nfa: &Nfa, most: usize) -> Vec<Vec<u8>> {
        let mut found = Vec::new();
        let root = (Vec::new(), Vec::new());
        self.search(nfa, vec![root], &mut |path, _| {
            found.push(path);
            found.len() < most
        });
        found
    }

    /// Goes through the files that a pattern means although no path of theirs matches it, because it begins
    /// with the path of a directory that is reached by symbolic links: `/bin/*`, where `/bin` leads to
    /// `/usr/bin`. `visit` gets the path that matches and the one that is real, and says whether to go on.
    pub fn linked(&mut self, nfa: &Nfa, visit: &mut dyn FnMut(Vec<u8>, Vec<u8>) -> bool) {
        let mut roots = Vec::new();
        for prefix in nfa.prefixes() {
            let Some(end) = prefix.iter().rposition(|byte| *byte == b'/') else {
                continue;
            };
            let directory = prefix.get(..end).unwrap_or_default();
            if let Some(real) = self.leads_to(directory) {
                roots.push((directory.to_vec(), real));
            }
        }
        roots.dedup();
        self.search(nfa, roots, visit);
    }

    /// Goes through the files that match, below directories each of which has the path to begin the match
    /// with, and its own. Directories of these have no slash at the end; the root is empty.
    fn search(
        &mut self,
        nfa: &Nfa,
        roots: Vec<(Vec<u8>, Vec<u8>)>,
        visit: &mut dyn FnMut(Vec<u8>, Vec<u8>) -> bool,
    ) {
        let mut automaton = LazyDfa::new(vec![nfa], MAX_STATES);
        let mut queue = VecDeque::new();
        for (path, real) in roots {
            if let Some(state) = automaton.walk(&[&*path, b"/"].concat()) {
                queue.push_back((path, real, state));
            }
        }
        let mut looked_at = 0;
        while let Some((path, real, start)) = queue.pop_front() {
            for (name, kind) in self.listing(&real) {
                looked_at += 1;
                let end = name
                    .iter()
                    .try_fold(start, |state, byte| automaton.next(state, *byte));
                let (Some(mut state), true) = (end, looked_at <= MAX_NAMES) else {
                    return;
                };
                let mut path = [&*path, b"/", name].concat();
                let mut real = [&*real, b"/", name].concat();
                if *kind == FileType::Directory {
                    let Some(inside) = automaton.next(state, b'/') else {
                        return;
                    };
                    state = inside;
                    if automaton.is_alive(state, 0..1) {
                        queue.push_back((path.clone(), real.clone(), state));
                    }
                    path.push(b'/');
                    real.push(b'/');
                }
                if !automaton.accepted(state).is_empty() && !visit(path, real) {
                    return;
                }
            }
        }
    }

    /// What lies at a path, which begins with no slash; what is a link only by its last name is one.
    fn kind(&mut self, path: &[u8]) -> Kind {
        if let Some(kind) = self.links.get(path) {
            return kind.clone();
        }
        let kind = self.look(path).unwrap_or(Kind::Missing);
        self.links.insert(path.to_vec(), kind.clone());
        kind
    }

    fn look(&self, path: &[u8]) -> io::Result<Kind> {
        let root = match &self.root {
            Root::Directory(root) => root,
            Root::Image(image) => {
                return Ok(match image.lookup_itself(path) {
                    Lookup::Found(_, node) => match &node.kind {
                        FileNodeKind::Link(target) => Kind::Link(target.to_vec()),
                        _ => Kind::Other,
                    },
                    Lookup::Missing | Lookup::Unknown => Kind::Missing,
                });
            }
        };
        let flags = OFlags::PATH | OFlags::NOFOLLOW | OFlags::CLOEXEC;
        let file = within(root, path, flags)?;
        let status = statat(&file, c"", AtFlags::EMPTY_PATH)?;
        if FileType::from_raw_mode(status.st_mode) != FileType::Symlink {
            return Ok(Kind::Other);
        }
        let target = readlinkat(&file, c"", Vec::new())?;
        Ok(Kind::Link(target.into_bytes()))
    }

    /// What is in a directory, by name, without links and what is there only while a process is.
    fn listing(&mut self, directory: &[u8]) -> &[(Vec<u8>, FileType)] {
        if !self.listings.contains_key(directory) {
            let mut names = match self.listings.len() < MAX_DIRECTORIES {
                true => self.read(directory).unwrap_or_default(),
                false => Vec::new(),
            };
            names.retain(|(name, kind)| {
                *kind != FileType::Symlink && !(directory.is_empty() && is_passing(name))
            });
            names.sort_unstable_by(|a, b| a.0.cmp(&b.0));
            self.listings.insert(directory.to_vec(), names);
        }
        self.listings
            .get(directory)
            .map(Vec::as_slice)
            .unwrap_or_default()
    }

    fn read(&self, directory: &[u8]) -> io::Result<Vec<(Vec<u8>, FileType)>> {
        let flags = OFlags::RDONLY | OFlags::DIRECTORY | OFlags::CLOEXEC;
        let path = directory.strip_prefix(b"/").unwrap_or(directory);
        let root = match &self.root {
            Root::Directory(root) => root,
            Root::Image(image) => return Ok(names_in(image, path)),
        };
        let file = within(root, path, flags)?;
        let mut names = Vec::new();
        for entry in Dir::read_from(&file)? {
            let entry = entry?;
            let name = entry.file_name();
            if matches!(name.to_bytes(), b"." | b"..") {
                continue;
            }
            names.push((
                name.to_bytes().to_vec(),
                kind_of(&file, name, entry.file_type())?,
            ));
        }
        Ok(names)
    }
}

/// What an image has in a directory.
fn names_in(image: &ImageTree, directory: &[u8]) -> Vec<(Vec<u8>, FileType)> {
    let at = if directory.is_empty() {
        0
    } else {
        directory.len() + 1
    };
    let below = image.below(directory);
    let named = below.filter_map(|(path, node)| {
        let name = path.get(at..).filter(|name| !name.contains(&b'/'))?;
        let kind = match node.kind {
            FileNodeKind::Directory => FileType::Directory,
            FileNodeKind::Link(_) => FileType::Symlink,
            FileNodeKind::File(_) | FileNodeKind::Other => FileType::RegularFile,
        };
        Some((name.to_vec(), kind))
    });
    named.collect()
}

fn within(root: &OwnedFd, path: &[u8], flags: OFlags) -> io::Result<OwnedFd> {
    let how = ResolveFlags::IN_ROOT | ResolveFlags::NO_SYMLINKS | ResolveFlags::NO_MAGICLINKS;
    let path = if path.is_empty() { b"." } else { path };
    Ok(openat2(
        root,
        OsStr::from_bytes(path),
        flags,
        Mode::empty(),
        how,
    )?)
}

/// The kind of a file; some file systems do not tell it in their directories.
fn kind_of(directory: &OwnedFd, name: &CStr, told: FileType) -> io::Result<FileType> {
    if told != FileType::Unknown {
        return Ok(told);
    }
    let status = statat(directory, name, AtFlags::SYMLINK_NOFOLLOW)?;
    Ok(FileType::from_raw_mode(status.st_mode))
}

fn is_passing(name: &[u8]) -> bool {
    PASSING.contains(&name)
}

/// The names in a path or in a link's target.
fn names(path: &[u8]) -> impl Iterator<Item = Vec<u8>> {
    let names = path.split(|byte| *byte == b'/');
    let names = names.filter(|name| !name.is_empty() && *name != b".");
    names.map(<[u8]>::to_vec)
}

#[cfg(test)]
#[expect(
    clippy::disallowed_methods,
    reason = "the files of the tests are on the disk"
)]
mod tests {
    use std::fs;
    use std::os::unix::fs::symlink;

    use super::*;

    fn tree() -> (tempfile::TempDir, Tree<'static>) {
        let root = tempfile::tempdir().unwrap();
        let at = |path: &str| root.path().join(path);
        for directory in ["usr/bin", "etc/ssl", "proc/1", "var", "run"] {
            fs::create_dir_all(at(directory)).unwrap();
        }
        for file in ["usr/bin/bash", "usr/bin/cat", "etc/passwd", "proc/1/maps"] {
            fs::write(at(file), "").unwrap();
        }
        for (target, link) in [
            ("usr/bin", "bin"),
            ("../../bin/bash", "usr/bin/sh"),
            ("/run", "var/run"),
            ("loop", "loop"),
            ("../../../../../etc", "etc/up"),
            ("/proc/self/fd", "fd"),
        ] {
            symlink(target, at(link)).unwrap();
        }
        let tree = Tree::open(root.path()).unwrap();
        (root, tree)
    }

    #[test]
    fn an_image_is_as_its_files_on_disk() {
        let (root, mut on_disk) = tree();
        let image = crate::host::open_image(root.path().to_str().unwrap()).unwrap();
        let image = image.tree;
        let mut of_image = Tree::of_image(&image);
        for path in [
            "/bin/bash",
            "/bin/",
            "/bin/sh",
            "/var/run/x",
            "/etc/up/passwd",
            "/usr/bin/bash",
            "/loop",
            "/fd/0",
            "/none",
        ] {
            let path = path.as_bytes();
            assert_eq!(of_image.leads_to(path), on_disk.leads_to(path));
        }
        for pattern in [
            "/usr/bin/*",
            "/**",
            "/{,usr/}bin/{ba,}sh",
            "/etc/**",
            "/etc/*/",
            "/none",
        ] {
            let nfa = Nfa::path(pattern).unwrap();
            assert_eq!(
                of_image.matching(&nfa, 9),
                on_disk.matching(&nfa, 9),
                "{pattern}"
            );
        }
    }

    #[test]
    fn paths_lead_where_links_lead() {
        let (_root, mut tree) = tree();
        let mut leads_to = |path: &str| {
            let found = tree.leads_to(path.as_bytes())?;
            Some(String::from_utf8(found).unwrap())
        };
        let to = |path: &str| Some(path.to_owned());
        assert_eq!(leads_to("/bin/bash"), to("/usr/bin/bash"));
        assert_eq!(leads_to("/bin/none/at/all"), to("/usr/bin/none/at/all"));
        assert_eq!(leads_to("/bin/"), to("/usr/bin/"));
        assert_eq!(leads_to("/bin/sh"), to("/usr/bin/bash"));
        assert_eq!(leads_to("/var/run/docker.sock"), to("/run/docker.sock"));
        // Above the root there is only the root.
        assert_eq!(leads_to("/etc/up/passwd"), to("/etc/passwd"));
        for same in [
            "/usr/bin/bash",
            "/missing/x",
            "/loop",
            "/fd/0",
            "/proc/1/x",
            "a",
            "/a//b",
        ] {
            assert_eq!(leads_to(same), None, "{same}");
        }
    }

    #[test]
    fn files_are_found_by_pattern() {
        let (_root, mut tree) = tree();
        let mut matching = |pattern: &str, most| {
            let found = tree.matching(&Nfa::path(pattern).unwrap(), most);
            let found = found
                .into_iter()
                .map(|path| String::from_utf8(path).unwrap());
            found.collect::<Vec<_>>()
        };
        assert_eq!(matching("/usr/bin/*", 9), ["/usr/bin/bash", "/usr/bin/cat"]);
        assert_eq!(matching("/**", 3), ["/etc/", "/run/", "/usr/"]);
        assert_eq!(matching("/{,usr/}bin/{ba,}sh", 9), ["/usr/bin/bash"]);
        assert_eq!(matching("/etc/**", 9), ["/etc/passwd", "/etc/ssl/"]);
        assert_eq!(matching("/etc/*/", 9), ["/etc/ssl/"]);
        assert_eq!(matching("/proc/**", 9), [""; 0]);
        assert_eq!(matching("/none", 9), [""; 0]);
    }

    #[test]
    fn files_are_found_behind_links_that_a_pattern_names() {
        let (_root, mut tree) = tree();
        let mut linked = |pattern: &str| {
            let mut found = Vec::new();
            let text = |path| String::from_utf8(path).unwrap();
            tree.linked(&Nfa::path(pattern).unwrap(), &mut |path, real| {
                found.push((text(path), text(real)));
                true
            });
            found
        };
        let pair = |path: &str, real: &str| (path.to_owned(), real.to_owned());
        assert_eq!(linked("/bin/b*"), [pair("/bin/bash", "/usr/bin/bash")]);
        assert_eq!(
            linked("/{,usr/}bin/{bash,none}"),
            [pair("/bin/bash", "/usr/bin/bash")]
        );
        // What a wildcard stands for may be a link by chance.
        assert_eq!(linked("/*/bash"), []);
        assert_eq!(linked("/usr/bin/*"), []);
    }
}
