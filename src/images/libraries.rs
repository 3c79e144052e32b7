//! Where a dynamic loader finds libraries (ld.so(8); musl's ldso/dynlink.c).

use std::collections::VecDeque;

use rustc_hash::FxHashSet;

use super::elf::Linkage;
use super::file::Content;
use super::tree::{ImageTree, Lookup, NodeKind};

/// Most libraries of a program that are looked at.
const MAX_LIBRARIES: usize = 2_000;

/// Most directories of `ld.so.conf`.
const MAX_DIRECTORIES: usize = 1_000;

/// A library that a loader opens, in the order in which it does.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Library {
    /// Its name, as the file that needs it has it.
    pub name: String,
    /// Where it lies, as the kernel sees it; `None` if that is not known.
    pub path: Option<String>,
    /// Whether the loader finds it in the directories that only `/etc/ld.so.cache` knows.
    pub is_by_cache: bool,
}

/// How a loader searches.
struct Search<'t> {
    tree: &'t ImageTree,
    is_musl: bool,
    /// From the environment: `LD_LIBRARY_PATH`.
    given: Vec<String>,
    /// What `/etc/ld.so.conf` names, or the file of musl's loader.
    configured: Vec<String>,
    /// What the loader was built with.
    system: Vec<String>,
}

/// The libraries of a program, each once, in the order in which its loader opens them. `library_path` is the value of
/// `LD_LIBRARY_PATH`.
#[must_use]
pub fn libraries(
    tree: &ImageTree,
    program: &str,
    linkage: &Linkage,
    library_path: Option<&str>,
) -> Vec<Library> {
    let Some(loader) = &linkage.interpreter else {
        return Vec::new();
    };
    let search = Search::new(tree, loader, linkage, library_path);
    let mut found: Vec<Library> = Vec::new();
    let mut seen: FxHashSet<String> = FxHashSet::default();
    let mut open: VecDeque<(String, Linkage, Vec<String>)> = VecDeque::new();
    open.push_back((program.to_owned(), linkage.clone(), Vec::new()));
    while let Some((file, linkage, inherited)) = open.pop_front() {
        let inherited = search.inherited(&file, &linkage, inherited);
        for name in &linkage.needed {
            if found.len() == MAX_LIBRARIES {
                return found;
            }
            if search.is_loader_itself(name, loader) || !seen.insert(name.clone()) {
                continue;
            }
            let (library, linkage) = search.find(name, &file, &linkage, &inherited);
            if let (Some(path), Some(linkage)) = (&library.path, linkage) {
                open.push_back((path.clone(), linkage, inherited.clone()));
            }
            found.push(library);
        }
    }
    found
}

impl<'t> Search<'t> {
    fn new(
        tree: &'t ImageTree,
        loader: &str,
        linkage: &Linkage,
        library_path: Option<&str>,
    ) -> Self {
        let name = loader.rsplit('/').next().unwrap_or_default();
        let is_musl = name.starts_with("ld-musl-");
        let given = library_path.unwrap_or_default().split(':');
        let given = given
            .filter(|part| !part.is_empty())
            .map(str::to_owned)
            .collect();
        let (configured, system) = if is_musl {
            let architecture = name
                .trim_start_matches("ld-musl-")
                .split('.')
                .next()
                .unwrap_or_default();
            let file = format!("/etc/ld-musl-{architecture}.path");
            match text(tree, &file) {
                Some(text) => (
                    text.split([':', '\n']).map(str::to_owned).collect(),
                    Vec::new(),
                ),
                None => (
                    Vec::new(),
                    ["/lib", "/usr/local/lib", "/usr/lib"]
                        .map(str::to_owned)
                        .to_vec(),
                ),
            }
        } else {
            (configured(tree), system(linkage))
        };
        Self {
            tree,
            is_musl,
            given,
            configured,
            system,
        }
    }

    /// The loader serves as a library; musl's is the C library under all of its names.
    fn is_loader_itself(&self, name: &str, loader: &str) -> bool {
        const OF_MUSL: [&str; 8] = ["c", "pthread", "rt", "m", "dl", "util", "xnet", "resolv"];
        let stem = name
            .strip_prefix("lib")
            .and_then(|name| name.split('.').next());
        loader.ends_with(&format!("/{name}"))
            || self.is_musl && stem.is_some_and(|stem| OF_MUSL.contains(&stem))
    }

    /// The directories that hold for what a file brings as well: glibc's `DT_RPATH`, and everything of musl's.
    fn inherited(&self, file: &str, linkage: &Linkage, mut above: Vec<String>) -> Vec<String> {
        let own = match self.is_musl {
            true if linkage.run_path.is_empty() => &linkage.r_path,
            true => &linkage.run_path,
            // A file with a `DT_RUNPATH` has no `DT_RPATH` for glibc.
            false if linkage.run_path.is_empty() => &linkage.r_path,
            false => return above,
        };
        let own = own.iter().map(|directory| with_origin(directory, file));
        let mut all: Vec<String> = own.collect();
        all.append(&mut above);
        all.truncate(MAX_DIRECTORIES);
        all
    }

    /// Finds a library that a file needs, with its own linkage.
    fn find(
        &self,
        name: &str,
        file: &str,
        linkage: &Linkage,
        inherited: &[String],
    ) -> (Library, Option<Linkage>) {
        let library = |path: Option<String>, is_by_cache| Library {
            name: name.to_owned(),
            path,
            is_by_cache,
        };
        if name.contains('/') {
            return match self.at(name) {
                Some((path, linkage)) => (library(Some(path), false), linkage),
                None => (library(None, false), None),
            };
        }
        let own = linkage
            .run_path
            .iter()
            .map(|directory| with_origin(directory, file));
        let own: Vec<String> = own.collect();
        let plain = inherited
            .iter()
            .chain(&self.given)
            .chain(&own)
            .map(|one| (one, false));
        // The cache comes in front of the directories of the loader itself, which it holds as well.
        let configured = self
            .configured
            .iter()
            .map(|one| (one, !self.is_musl && !self.is_system(one)));
        let system = self.system.iter().map(|one| (one, false));
        for (directory, is_by_cache) in plain.chain(configured).chain(system) {
            let path = format!("{}/{name}", directory.trim_end_matches('/'));
            if let Some((path, linkage)) = self.at(&path) {
                return (library(Some(path), is_by_cache), linkage);
            }
        }
        (library(None, false), None)
    }

    /// Whether the loader looks into a directory without the cache.
    fn is_system(&self, directory: &str) -> bool {
        self.system.iter().any(|one| one == directory)
    }

    fn at(&self, path: &str) -> Option<(String, Option<Linkage>)> {
        let Lookup::Found(real, node) = self.tree.lookup(path.as_bytes()) else {
            return None;
        };
        let NodeKind::File(file) = &node.kind else {
            return None;
        };
        let linkage = match &file.content {
            Content::Elf(linkage) => linkage.as_deref().cloned(),
            _ => None,
        };
        Some((String::from_utf8(real).ok()?, linkage))
    }
}

/// `$ORIGIN` is the directory of the file.
fn with_origin(directory: &str, file: &str) -> String {
    let origin = file.rsplit_once('/').map_or("", |(directory, _)| directory);
    directory
        .replace("${ORIGIN}", origin)
        .replace("$ORIGIN", origin)
}

/// The directories that glibc's loader searches by itself: with the name of the architecture on Debian and what is made of it,
/// `lib64` elsewhere.
fn system(linkage: &Linkage) -> Vec<String> {
    let triplet = match (linkage.machine, linkage.is_64_bit) {
        (object::elf::EM_X86_64, true) => Some("x86_64-linux-gnu"),
        (object::elf::EM_AARCH64, true) => Some("aarch64-linux-gnu"),
        (object::elf::EM_386, false) => Some("i386-linux-gnu"),
        (object::elf::EM_ARM, false) => Some("arm-linux-gnueabihf"),
        (object::elf::EM_PPC64, true) => Some("powerpc64le-linux-gnu"),
        (object::elf::EM_S390, true) => Some("s390x-linux-gnu"),
        (object::elf::EM_RISCV, true) => Some("riscv64-linux-gnu"),
        _ => None,
    };
    let with_triplet = triplet
        .iter()
        .flat_map(|triplet| [format!("/lib/{triplet}"), format!("/usr/lib/{triplet}")]);
    let plain: &[&str] = match linkage.is_64_bit {
        true => &["/lib64", "/usr/lib64", "/lib", "/usr/lib"],
        false => &["/lib", "/usr/lib"],
    };
    with_triplet
        .chain(plain.iter().map(|one| (*one).to_owned()))
        .collect()
}

/// What `/etc/ld.so.conf` and the files that it includes name.
fn configured(tree: &ImageTree) -> Vec<String> {
    let mut found = Vec::new();
    let main = text(tree, "/etc/ld.so.conf").unwrap_or_default().to_owned();
    for line in main.lines().map(str::trim) {
        if let Some(pattern) = line.strip_prefix("include ") {
            // What distributions write; other patterns are theirs alone.
            if matches!(
                pattern.trim(),
                "/etc/ld.so.conf.d/*.conf" | "ld.so.conf.d/*.conf"
            ) {
                let files = tree
                    .below(b"etc/ld.so.conf.d")
                    .filter(|(path, _)| path.ends_with(b".conf"));
                for (path, _) in files {
                    let Ok(path) = std::str::from_utf8(path) else {
                        continue;
                    };
                    let lines = text(tree, path).unwrap_or_default().lines();
                    found.extend(lines.filter_map(directory));
                }
            }
        } else {
            found.extend(directory(line));
        }
    }
    found.truncate(MAX_DIRECTORIES);
    found
}

fn directory(line: &str) -> Option<String> {
    let line = line.split('#').next().unwrap_or_default().trim();
    line.starts_with('/')
        .then(|| line.trim_end_matches('/').to_owned())
}

fn text<'t>(tree: &'t ImageTree, path: &str) -> Option<&'t str> {
    match tree.lookup(path.as_bytes()) {
        Lookup::Found(_, node) => match &node.kind {
            NodeKind::File(file) => match &file.content {
                Content::Text(text) => Some(text),
                _ => None,
            },
            _ => None,
        },
        _ => None,
    }
}
