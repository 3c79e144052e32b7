//! Files read from a [`Vfs`], each once, with their includes found.

use std::sync::Arc;

use rayon::prelude::*;
use rustc_hash::{FxHashMap, FxHashSet};

use super::abi::{AbiFile, AbiPlace, Abis, DeclaredAbi, declared};
use super::builtin;
use crate::lang::targets::ABIS;
use crate::source::{Budget, EntryKind, FileId, Source, SourceMap, TextRange, Vfs, VfsError};
use crate::syntax::ast::{Abi, Include, IncludeStyle, Item};
use crate::syntax::{self, File};

/// Where the text of a file came from.
#[derive(Copy, Clone, PartialEq, Eq, Debug)]
pub enum Origin {
    /// The file system.
    Disk,
    /// Ships with aalint, for machines without AppArmor.
    BuiltIn,
}

/// A file, read.
#[derive(Clone, Debug)]
pub struct Loaded {
    /// Its items and faults; shared with the stores of later states of the files.
    pub file: Arc<File>,
    /// Where it came from.
    pub origin: Origin,
    /// What each of its includes leads to, in the order of [`includes`].
    pub includes: Vec<IncludeTarget>,
}

/// What an include leads to.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum IncludeTarget {
    /// These files, in order; more than one or none if it names a directory.
    Files(Vec<FileId>),
    /// Nothing is there. With `if exists` that is well.
    Missing,
    /// Nothing can be known: no base directory was found on this machine.
    Unknown,
    /// It cannot be read; why.
    Unreadable(String),
    /// A path that is neither absolute nor in `<…>`: the parser takes it from the directory that it is started in, which
    /// nobody knows here. Whether a directory that `<…>` searches has such a file.
    Relative(bool),
    /// A file below `local/` that is not there, named by a file outside of the base directory: Debian's packages make it
    /// when they are installed, and it is empty then (dh_apparmor(1)).
    MadeAtInstall,
}

/// Where includes are searched.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Search {
    /// Directories for `<…>`, in order.
    pub directories: Vec<String>,
    /// Whether the machine has no policy base, so that built-in tunables stand in and other
    /// abstractions are unknown instead of missing.
    pub has_no_base: bool,
}

/// How many files are read before they are counted.
const AT_ONCE: usize = 64;

/// Up to this number of files are read on one core.
const FEW: usize = 8;

/// The number of a file, or its path and why it could not be read.
pub type LoadResult = Result<FileId, (String, VfsError)>;

/// All files of a run.
#[derive(Debug, Default)]
pub struct Store {
    /// Their texts.
    pub sources: SourceMap,
    files: Vec<Loaded>,
    by_path: FxHashMap<String, FileId>,
    abis: Abis,
    beyond: Vec<String>,
    has_tunables: bool,
    /// Of each of [`ABIS`] whether it is in the base directory; `None` where that cannot be known.
    has_abis: [Option<bool>; ABIS.len()],
    is_source_tree: bool,
}

/// The include statements of a file, in the order of the text, at any depth.
pub fn includes(items: &[Item]) -> Vec<&Include> {
    let mut found = Vec::new();
    collect(items, &mut found);
    found
}

fn collect<'a>(items: &'a [Item], found: &mut Vec<&'a Include>) {
    for item in items {
        match item {
            Item::Include(include) => found.push(include),
            Item::Profile(profile) => collect(&profile.items, found),
            Item::Block(block) => collect(&block.items, found),
            Item::Conditional(conditional) => {
                for branch in &conditional.branches {
                    collect(&branch.items, found);
                }
            }
            _ => {}
        }
    }
}

impl Store {
    /// Reads `targets` and everything that they include. A target that cannot be read is returned
    /// with the reason; the numbers of the others stand in the order of `targets`.
    ///
    /// Files are read in waves: the targets, then what they include, and so on. Each wave is read on
    /// all cores and numbered in a fixed order, so that the numbers are the same every time.
    pub fn load(vfs: &dyn Vfs, search: &Search, targets: &[String]) -> (Self, Vec<LoadResult>) {
        Self::load_within(Budget::of_policy(), None, vfs, search, targets)
    }

    /// The same where `before` holds files as they were before some changed; `is_same` says of a path that its file has not.
    pub fn reload(
        before: &Self,
        is_same: &(dyn Fn(&str) -> bool + Sync),
        vfs: &dyn Vfs,
        search: &Search,
        targets: &[String],
    ) -> (Self, Vec<LoadResult>) {
        let known = Some((before, is_same));
        Self::load_within(Budget::of_policy(), known, vfs, search, targets)
    }

    /// The same with other limits.
    fn load_within(
        budget: Budget,
        known: Option<Known<'_>>,
        vfs: &dyn Vfs,
        search: &Search,
        targets: &[String],
    ) -> (Self, Vec<LoadResult>) {
        let mut store = Self::default();
        let mut reading = Reading {
            known,
            budget,
            finder: Finder {
                vfs,
                search,
                known: FxHashMap::default(),
            },
            queued: FxHashSet::default(),
        };
        let results = store.read_targets(&mut reading, targets);
        let mut open: Vec<usize> = (0..store.files.len()).collect();
        while !open.is_empty() {
            open = store.read_included(&mut reading, &open);
        }
        let Reading {
            mut budget, finder, ..
        } = reading;
        store.read_abis(vfs, &finder, &mut budget);
        store.has_tunables = finder.searched("tunables/global").is_some();
        store.has_abis = std::array::from_fn(|number| {
            let (path, _) = ABIS.get(number)?;
            match finder.abi(path, IncludeStyle::Searched) {
                AbiPlace::At(_) => Some(true),
                AbiPlace::Nowhere => Some(false),
                AbiPlace::Unknown => None,
            }
        });
        store.is_source_tree = store.files.iter().any(|loaded| loaded.file.is_build_source);
        (store, results)
    }

    /// Reads the first wave.
    fn read_targets(&mut self, reading: &mut Reading<'_>, targets: &[String]) -> Vec<LoadResult> {
        let new = |target: &&String| reading.queued.insert((*target).clone());
        let wave = targets.iter().filter(new);
        let wave = wave.map(|target| (target.clone(), Origin::Disk)).collect();
        let failed = self.read_wave(reading, wave);
        let outcome = |target: &String| match (self.by_path.get(target), failed.get(target)) {
            (Some(id), _) => Ok(*id),
            (None, error) => Err((target.clone(), error.cloned().unwrap_or(VfsError::NotFound))),
        };
        targets.iter().map(outcome).collect()
    }

    /// Reads the wave behind the files with these numbers; gives the numbers of those that are new.
    fn read_included(&mut self, reading: &mut Reading<'_>, open: &[usize]) -> Vec<usize> {
        let mut found: Vec<(usize, Vec<Found>)> = Vec::new();
        let mut wave: Vec<(String, Origin)> = Vec::new();
        for &index in open {
            let Some(loaded) = self.files.get(index) else {
                continue;
            };
            let source = self
                .sources
                .get(FileId(u32::try_from(index).unwrap_or(u32::MAX)));
            let leads: Vec<Found> = includes(&loaded.file.ast.items)
                .iter()
                .map(|include| reading.finder.find(source, include))
                .collect();
            let files = leads.iter().filter_map(|lead| match lead {
                Found::Files(paths) => Some(paths),
                _ => None,
            });
            for (path, origin) in files.flatten() {
                if !self.by_path.contains_key(path) && reading.queued.insert(path.clone()) {
                    wave.push((path.clone(), *origin));
                }
            }
            found.push((index, leads));
        }
        let before = self.files.len();
        let failed = self.read_wave(reading, wave);
        self.enter_beyond(&failed);
        for (index, leads) in found {
            let targets = leads.into_iter().map(|lead| self.target(lead, &failed));
            let targets = targets.collect();
            if let Some(loaded) = self.files.get_mut(index) {
                loaded.includes = targets;
            }
        }
        (before..self.files.len()).collect()
    }

    /// Reads files as far as the budget lasts, a few at a time: what is beyond is dropped at once.
    fn read_wave(
        &mut self,
        reading: &mut Reading<'_>,
        wave: Vec<(String, Origin)>,
    ) -> FxHashMap<String, VfsError> {
        let (vfs, known, budget) = (reading.finder.vfs, reading.known, &mut reading.budget);
        let mut failed = FxHashMap::default();
        for part in wave.chunks(AT_ONCE) {
            if budget.is_spent() {
                let beyond = part.iter().map(|(path, _)| (path.clone(), budget.beyond()));
                failed.extend(beyond);
                continue;
            }
            let read = each(part, |(path, origin)| {
                if let Some(before) = known.and_then(|known| unchanged(known, path, *origin)) {
                    return Ok(before);
                }
                match origin {
                    Origin::Disk => vfs.read(path).map(Read::Bytes),
                    Origin::BuiltIn => builtin::read(path)
                        .map(|text| Read::Bytes(text.as_bytes().to_vec()))
                        .ok_or(VfsError::NotFound),
                }
            });
            let within = read
                .into_iter()
                .map(|read| read.and_then(|read| budget.take(read.length()).map(|()| read)));
            let within: Vec<Result<Read, VfsError>> = within.collect();
            let files: Vec<_> = part.iter().zip(within).collect();
            let files = each_of(files, |((path, origin), read)| match read? {
                Read::Before(source, file) => Ok((source, file)),
                Read::Bytes(bytes) => {
                    let mut source = Source::new(path.clone(), bytes);
                    source.is_outside = *origin == Origin::Disk && vfs.is_outside(path);
                    let file = syntax::read(&source.text);
                    Ok((Arc::new(source), Arc::new(file)))
                }
            });
            for ((path, origin), result) in part.iter().zip(files) {
                match result {
                    Ok((source, file)) => self.enter(path, *origin, source, file),
                    Err(error) => {
                        failed.insert(path.clone(), error);
                    }
                }
            }
        }
        failed
    }

    fn enter(&mut self, path: &str, origin: Origin, source: Arc<Source>, file: Arc<File>) {
        let id = self.sources.add(source);
        self.files.push(Loaded {
            file,
            origin,
            includes: Vec::new(),
        });
        self.by_path.insert(path.to_owned(), id);
    }

    /// Enters the files that are included and beyond what a run reads.
    fn enter_beyond(&mut self, failed: &FxHashMap<String, VfsError>) {
        let is_beyond = |(_, error): &(&String, &VfsError)| matches!(error, VfsError::Beyond(..));
        let beyond = failed.iter().filter(is_beyond);
        self.beyond.extend(beyond.map(|(path, _)| path.clone()));
        self.beyond.sort_unstable();
    }

    /// The paths, sorted, of files that are included or named as an abi, and beyond what a run reads.
    #[must_use]
    pub fn beyond(&self) -> &[String] {
        &self.beyond
    }

    /// The absolute paths, sorted, by which files include others or name an abi, with the files that these lead to.
    /// AppArmor's parser searches them in no directory.
    #[must_use]
    pub fn absolute_includes(&self) -> Vec<String> {
        let mut paths = Vec::new();
        for (id, loaded) in self.iter() {
            let items = &loaded.file.ast.items;
            let absolute = |range: TextRange, style| {
                let path = syntax::text::file_path(self.sources.slice(range.in_file(id)));
                let is_absolute = style == IncludeStyle::Plain && path.starts_with('/');
                is_absolute.then(|| path.into_owned())
            };
            for (include, target) in includes(items).into_iter().zip(&loaded.includes) {
                let Some(path) = absolute(include.path, include.style) else {
                    continue;
                };
                paths.push(path);
                if let IncludeTarget::Files(files) = target {
                    let files = files.iter().map(|file| self.sources.get(*file));
                    paths.extend(files.map(|source| source.path.clone()));
                }
            }
            for item in items {
                if let Item::Abi(abi) = item {
                    paths.extend(absolute(abi.path, abi.style));
                }
            }
        }
        paths.sort_unstable();
        paths.dedup();
        paths
    }

    fn read_abis(&mut self, vfs: &dyn Vfs, finder: &Finder<'_>, budget: &mut Budget) {
        let mut beyond = Vec::new();
        let mut read = |path: &str| {
            let bytes = vfs.read(path)?;
            let taken = budget.take(bytes.len());
            if taken.is_err() {
                beyond.push(path.to_owned());
            }
            taken.map(|()| bytes)
        };
        for (id, loaded) in (0u32..).map(FileId).zip(&self.files) {
            let source = &self.sources.get(id).text;
            let mut find = |path: &str, style| finder.abi(path, style);
            self.abis.read(&mut read, source, &loaded.file, &mut find);
        }
        self.beyond.extend(beyond);
        self.beyond.sort_unstable();
        self.beyond.dedup();
    }

    /// AppArmor's abi files, the newest first, each with whether the base directory has it; `None` where that cannot be
    /// known.
    pub fn abis(&self) -> impl Iterator<Item = (&'static str, Option<bool>)> {
        let known = self.has_abis.iter().copied();
        ABIS.iter().map(|(path, _)| *path).zip(known)
    }

    /// Whether `include <tunables/global>` would find its file.
    #[must_use]
    pub const fn has_tunables(&self) -> bool {
        self.has_tunables
    }

    /// Whether the parser would find no file for an abi rule in `file`.
    #[must_use]
    pub fn is_abi_missing(&self, file: FileId, abi: &Abi) -> bool {
        self.abi(file, abi).file == Some(&AbiFile::Missing)
    }

    /// An abi rule in `file`, with what it names.
    #[must_use]
    pub fn abi(&self, file: FileId, abi: &Abi) -> DeclaredAbi<'_> {
        declared(&self.sources, &self.abis, file, abi)
    }

    fn target(&self, found: Found, failed: &FxHashMap<String, VfsError>) -> IncludeTarget {
        match found {
            Found::Missing => IncludeTarget::Missing,
            Found::Unknown => IncludeTarget::Unknown,
            Found::Relative(is_below_base) => IncludeTarget::Relative(is_below_base),
            Found::MadeAtInstall => IncludeTarget::MadeAtInstall,
            Found::Files(paths) => {
                let mut ids = Vec::new();
                for (path, _) in paths {
                    match (self.by_path.get(&path), failed.get(&path)) {
                        (Some(id), _) => ids.push(*id),
                        (None, Some(error)) => return IncludeTarget::Unreadable(error.to_string()),
                        (None, None) => return IncludeTarget::Missing,
                    }
                }
                IncludeTarget::Files(ids)
            }
        }
    }

    /// Adds a text that ships with aalint; nothing in it is included. To be called before any other
    /// source is added to [`Self::sources`].
    pub fn add_built_in(&mut self, path: &str, text: &str) -> FileId {
        let source = Source::new(path.to_owned(), text.as_bytes().to_vec());
        self.files.push(Loaded {
            file: Arc::new(syntax::read(&source.text)),
            origin: Origin::BuiltIn,
            includes: Vec::new(),
        });
        self.sources.add(source)
    }

    /// Whether a file is the same here and in `other`, with what its includes lead to.
    #[must_use]
    pub fn has_same(&self, other: &Self, id: FileId) -> bool {
        let (Some(mine), Some(theirs)) = (self.file(id), other.file(id)) else {
            return false;
        };
        let (Some(text), Some(their_text)) = (self.sources.shared(id), other.sources.shared(id))
        else {
            return false;
        };
        Arc::ptr_eq(&mine.file, &theirs.file)
            && Arc::ptr_eq(text, their_text)
            && mine.origin == theirs.origin
            && mine.includes == theirs.includes
    }

    /// Whether what all files depend on is the same here and in `other`: the abi files, and whether these are sources.
    #[must_use]
    pub fn has_same_surroundings(&self, other: &Self) -> bool {
        self.abis == other.abis
            && self.has_abis == other.has_abis
            && self.is_source_tree == other.is_source_tree
    }

    /// Whether these are sources that a build step turns into policy (apparmor.d as it is edited).
    #[must_use]
    pub const fn is_source_tree(&self) -> bool {
        self.is_source_tree
    }

    /// A file by its number.
    #[must_use]
    pub fn file(&self, id: FileId) -> Option<&Loaded> {
        self.files.get(id.0 as usize)
    }

    /// A file by the path it was read from.
    #[must_use]
    pub fn by_path(&self, path: &str) -> Option<FileId> {
        self.by_path.get(path).copied()
    }

    /// All files with their numbers, in order.
    pub fn iter(&self) -> impl Iterator<Item = (FileId, &Loaded)> {
        (0u32..).map(FileId).zip(&self.files)
    }
}

/// Files as they were before, and which of them are still the same.
type Known<'k> = (&'k Store, &'k (dyn Fn(&str) -> bool + Sync));

/// What reading goes by.
struct Reading<'r> {
    known: Option<Known<'r>>,
    budget: Budget,
    finder: Finder<'r>,
    /// The paths of all that was read, or is to be.
    queued: FxHashSet<String>,
}

/// A file that is to be entered.
enum Read {
    /// As it was before.
    Before(Arc<Source>, Arc<File>),
    /// Its bytes.
    Bytes(Vec<u8>),
}

impl Read {
    /// Its length in bytes.
    fn length(&self) -> usize {
        match self {
            Self::Before(source, _) => source.bytes,
            Self::Bytes(bytes) => bytes.len(),
        }
    }
}

fn unchanged((before, is_same): Known<'_>, path: &str, origin: Origin) -> Option<Read> {
    if origin == Origin::Disk && !is_same(path) {
        return None;
    }
    let id = before.by_path(path)?;
    let loaded = before.file(id).filter(|file| file.origin == origin)?;
    let source = before.sources.shared(id)?;
    Some(Read::Before(Arc::clone(source), Arc::clone(&loaded.file)))
}

/// What becomes of each of some files, on all cores.
fn each<I: Sync, O: Send>(all: &[I], make: impl Fn(&I) -> O + Sync + Send) -> Vec<O> {
    each_of(all.iter().collect(), make)
}

/// The same with files that are handed over.
fn each_of<I: Send, O: Send>(all: Vec<I>, make: impl Fn(I) -> O + Sync + Send) -> Vec<O> {
    // Starting threads costs more than reading a handful of files.
    if all.len() < FEW {
        all.into_iter().map(make).collect()
    } else {
        all.into_par_iter().map(make).collect()
    }
}

enum Found {
    Files(Vec<(String, Origin)>),
    Missing,
    Unknown,
    Relative(bool),
    MadeAtInstall,
}

/// Finds what includes name; remembers what it found, for most files name the same ones.
struct Finder<'f> {
    vfs: &'f dyn Vfs,
    search: &'f Search,
    known: FxHashMap<String, Option<Vec<(String, Origin)>>>,
}

impl Finder<'_> {
    fn find(&mut self, source: &Source, include: &Include) -> Found {
        let path = syntax::text::file_path(source.slice(include.path)).into_owned();
        if path.is_empty() {
            return Found::Missing;
        }
        let found = match include.style {
            IncludeStyle::Searched => {
                let key = format!("<{path}>");
                match self.known.get(&key) {
                    Some(found) => found.clone(),
                    None => {
                        let found = self.searched(&path);
                        self.known.insert(key, found.clone());
                        found
                    }
                }
            }
            IncludeStyle::Plain if !path.starts_with('/') => {
                let is_below_base = self.searched(&path).is_some();
                let directory = source.path.rsplit_once('/').map(|(directory, _)| directory);
                let beside = directory.map(|directory| format!("{directory}/{path}"));
                // Where the parser is started is not known; a file that is in none of the likely places is not there.
                let is_likely = is_below_base
                    || self.at(&path).is_some()
                    || beside.is_some_and(|beside| self.at(&beside).is_some());
                return match is_likely {
                    true => Found::Relative(is_below_base),
                    false => Found::Missing,
                };
            }
            IncludeStyle::Plain => self.at(&path),
        };
        match found {
            Some(files) => Found::Files(files),
            None if self.search.has_no_base && include.style == IncludeStyle::Searched => {
                Found::Unknown
            }
            None if path.starts_with("local/") && !self.is_of_base(&source.path) => {
                Found::MadeAtInstall
            }
            None => Found::Missing,
        }
    }

    /// Whether a file lies in a directory that `<…>` searches: it is installed, or part of a whole tree of policy.
    fn is_of_base(&self, path: &str) -> bool {
        let mut directories = self.search.directories.iter();
        directories.any(|directory| match directory.trim_end_matches('/') {
            "." => !path.starts_with(['/', '.']) || path.starts_with("./"),
            directory => {
                let below = path.strip_prefix(directory);
                below.is_some_and(|below| below.starts_with('/'))
            }
        })
    }

    /// The file that an abi rule names: `<…>` below the search directories, anything else as the parser would open it from
    /// the directory that it runs in (features_lookup in parser_yacc.y does not search for it).
    fn abi(&self, path: &str, style: IncludeStyle) -> AbiPlace {
        let found = match style {
            IncludeStyle::Searched => self.searched(path),
            IncludeStyle::Plain => self.at(path),
        };
        let found = found.filter(|found| {
            // Not the files of a directory.
            found
                .iter()
                .all(|(found, _)| found.ends_with(path.trim_start_matches('/')))
        });
        match found.and_then(|found| found.into_iter().next()) {
            Some((path, Origin::Disk)) => AbiPlace::At(path),
            // No package brings a file to the directory that the parser runs in.
            _ if style == IncludeStyle::Plain && !path.starts_with('/') => AbiPlace::Nowhere,
            _ if self.has_abis() => AbiPlace::Nowhere,
            _ => AbiPlace::Unknown,
        }
    }

    /// Whether a base directory with abi files is searched. A tree of policy that is its own base leaves them to AppArmor's
    /// package.
    fn has_abis(&self) -> bool {
        let mut directories = self.search.directories.iter();
        directories.any(|directory| {
            let path = format!("{}/abi", directory.trim_end_matches('/'));
            self.vfs.kind(&path) == Some(EntryKind::Directory)
        })
    }

    fn searched(&self, path: &str) -> Option<Vec<(String, Origin)>> {
        // A search directory never contains `/etc/…` below itself, so an absolute path is joined too.
        let in_directories = self.search.directories.iter().find_map(|directory| {
            self.at(&format!(
                "{}/{}",
                directory.trim_end_matches('/'),
                path.trim_start_matches('/')
            ))
        });
        in_directories.or_else(|| {
            let built_in = self.search.has_no_base && builtin::read(path).is_some();
            built_in.then(|| vec![(path.to_owned(), Origin::BuiltIn)])
        })
    }

    fn at(&self, path: &str) -> Option<Vec<(String, Origin)>> {
        match self.vfs.kind(path)? {
            EntryKind::File => Some(vec![(path.to_owned(), Origin::Disk)]),
            EntryKind::Directory => {
                let entries = self.vfs.list(path).ok()?;
                // The parser puts them on a stack in the order of their names, so it reads the last one first.
                let files = entries
                    .into_iter()
                    .rev()
                    .filter(|entry| entry.kind == EntryKind::File && !is_ignored(&entry.name))
                    .map(|entry| {
                        (
                            format!("{}/{}", path.trim_end_matches('/'), entry.name),
                            Origin::Disk,
                        )
                    });
                Some(files.collect())
            }
        }
    }
}

/// Whether AppArmor passes over a file of this name in a directory (aa_is_blacklisted in
/// libapparmor, and the lists of the distributions' scripts).
#[must_use]
pub fn is_ignored(name: &str) -> bool {
    const SUFFIXES: &[&str] = &[
        ".dpkg-new",
        ".dpkg-old",
        ".dpkg-dist",
        ".dpkg-bak",
        ".dpkg-remove",
        ".pacsave",
        ".pacnew",
        ".rpmnew",
        ".rpmsave",
        ".orig",
        ".rej",
        "~",
    ];
    name.is_empty()
        || name.starts_with('.')
        || name == "README"
        || SUFFIXES.iter().any(|suffix| name.ends_with(suffix))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::source::MemoryVfs;

    #[test]
    fn what_is_beyond_the_limits_is_named() {
        let mut vfs = MemoryVfs::default();
        let include = "include <parts>\n";
        vfs.insert("base/p", format!("{include:40}"));
        vfs.insert("base/q", " ".repeat(40));
        for number in 0..100 {
            vfs.insert(format!("base/parts/{number:02}"), " ".repeat(40));
        }
        let search = Search {
            directories: vec!["base".to_owned()],
            has_no_base: false,
        };
        let targets = ["base/p".to_owned(), "base/q".to_owned()];
        for (bytes, files, read, beyond) in [
            (4080, 102, 102, 0),
            (4079, 102, 101, 1),
            (4080, 100, 100, 2),
            (80, 102, 2, 100),
            (40, 102, 1, 100),
        ] {
            let budget = Budget::new(bytes, files);
            let (store, outcomes) = Store::load_within(budget, None, &vfs, &search, &targets);
            assert_eq!(store.iter().count(), read, "{bytes} {files}");
            assert_eq!(store.beyond().len(), beyond, "{bytes} {files}");
            let is_beyond =
                |outcome: &&LoadResult| matches!(outcome, Err((_, VfsError::Beyond(..))));
            let of_targets = outcomes.iter().filter(is_beyond).count();
            assert_eq!(of_targets + beyond + read, 102, "{bytes} {files}");
        }
    }
}
