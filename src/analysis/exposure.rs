//! Which files of a list the rules of a profile expose.
//!
//! The list is an index of prefixes, so that a rule is compared with the files alone that it may
//! match; and each file has an example, so that an automaton is only built where that is refused.

use std::sync::LazyLock;

use rustc_hash::FxHashMap;

use crate::access::{Class, Effective, Entry, EntryRef, Verdict, bits, combine};
use crate::glob::{InputDomain, Nfa, PrefixIndex, readable};
use crate::policy::{Fact, FileSummaries, ProfileView};
use crate::source::Span;
use crate::syntax::ast::{Body, Mode};

/// Files to look for.
#[derive(Debug, Default)]
pub struct FileList {
    all: Vec<ListedFile>,
    by_prefix: PrefixIndex,
}

/// A file, or files that are alike.
#[derive(Debug)]
pub struct ListedFile {
    /// Its number in the list.
    pub number: usize,
    /// Their paths.
    pub nfa: Nfa,
    /// One of them.
    pub example: Vec<u8>,
    is_literal: bool,
}

impl FileList {
    /// Files by their patterns, each with an example.
    #[must_use]
    pub fn new(files: impl IntoIterator<Item = (&'static str, &'static str)>) -> Self {
        let files = files.into_iter();
        Self::of(files.map(|(pattern, example)| (Nfa::constant(pattern), example)))
    }

    /// Files by their paths.
    #[must_use]
    pub fn of_paths<'p>(paths: impl IntoIterator<Item = &'p str>) -> Self {
        let paths = paths.into_iter();
        Self::of(paths.map(|path| (Nfa::literal(path.as_bytes()), path)))
    }

    fn of<'p>(files: impl Iterator<Item = (Nfa, &'p str)>) -> Self {
        let mut list = Self::default();
        for (number, (nfa, example)) in files.enumerate() {
            list.all.push(ListedFile {
                number,
                is_literal: nfa.as_literal().is_some(),
                nfa,
                example: example.as_bytes().to_vec(),
            });
        }
        list.by_prefix =
            PrefixIndex::new((0..).zip(list.all.iter().map(|file| file.nfa.prefixes())));
        list
    }

    fn intersecting(&self, nfa: &Nfa) -> impl Iterator<Item = &ListedFile> {
        let found = self.by_prefix.intersecting(nfa.prefixes());
        let found = found.into_iter();
        found.filter_map(|place| self.all.get(place as usize))
    }
}

/// A rule that exposes files.
#[derive(Clone, Debug)]
pub struct ExposingRule<'e> {
    /// The rule's entry, the first one if it has several.
    pub entry: EntryRef<'e>,
    /// The files, in the order of the list.
    pub files: Vec<ExposedFile>,
}

/// A file that a rule exposes.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct ExposedFile {
    /// Its number in the list.
    pub number: usize,
    /// Its path.
    pub path: Vec<u8>,
    /// The bits that were asked for and are allowed.
    pub bits: u32,
}

impl ExposedFile {
    /// The path as text.
    #[must_use]
    pub fn text(&self) -> String {
        String::from_utf8_lossy(&self.path).into_owned()
    }

    /// The permissions that are allowed to anybody.
    #[must_use]
    pub fn permissions(&self) -> u8 {
        u8::try_from((self.bits | self.bits >> bits::OTHER) & bits::HALF).unwrap_or(0)
    }
}

impl ExposingRule<'_> {
    /// The rule with the include statements that lead to it, and the first file.
    #[must_use]
    pub fn first<'p, 's>(
        &self,
        profile: &'p ProfileView<'s>,
        summaries: &'p FileSummaries<'s>,
    ) -> Option<((&'p [Span], &'p Fact<'s>), &ExposedFile)> {
        Some((self.entry.origin(profile, summaries)?, self.files.first()?))
    }

    /// Whether the rule is about the first file by its name, or by that of one of `homes`, the
    /// directories that hold such files: it does not match just any other one beside it.
    #[must_use]
    pub fn is_named(&self, homes: &[&str]) -> bool {
        let nfa = &self.entry.entry.nfa;
        self.files.first().is_none_or(|file| {
            let home = component(&file.path, |name| {
                homes.iter().any(|home| home.as_bytes() == name)
            });
            let (directory, _) = split(&file.path);
            let at = [Some(directory.len()), home];
            at.into_iter().flatten().any(|at| {
                let others = strangers(&file.path, at);
                !others.iter().any(|other| nfa.matches(other))
            })
        })
    }

    /// The paths of all files but the first.
    #[must_use]
    pub fn others(&self) -> Vec<String> {
        self.files.iter().skip(1).map(ExposedFile::text).collect()
    }
}

impl Effective {
    /// The rules written in the profile itself that expose files of `list`: any of the permissions
    /// `wanted`, and nothing denies it. `is_asked` says which paths count that a rule matches.
    /// Nothing where a rule that is not known could deny it.
    #[must_use]
    pub fn exposing_rules<'e>(
        &'e self,
        profile: &ProfileView<'_>,
        summaries: &FileSummaries<'_>,
        list: &FileList,
        wanted: u8,
        is_asked: impl Fn(&Entry, &[u8]) -> bool,
    ) -> Vec<ExposingRule<'e>> {
        let own = self.own_entries(profile, Class::File);
        let mut found = self.exposing_among(own, (profile, summaries), list, wanted, is_asked);
        if !found.is_empty() && self.may_deny_more(Class::File, profile, summaries) {
            found.clear();
        }
        found
    }

    /// The rules of the profile and of its includes that expose files of `list`. A rule that is not known could deny
    /// some of them.
    #[must_use]
    pub fn all_exposing_rules<'e>(
        &'e self,
        profile: &ProfileView<'_>,
        summaries: &FileSummaries<'_>,
        list: &FileList,
        wanted: u8,
    ) -> Vec<ExposingRule<'e>> {
        let all = self.entries(Class::File);
        self.exposing_among(all, (profile, summaries), list, wanted, |_, _| true)
    }

    fn exposing_among<'e>(
        &'e self,
        entries: impl Iterator<Item = EntryRef<'e>>,
        (profile, summaries): (&ProfileView<'_>, &FileSummaries<'_>),
        list: &FileList,
        wanted: u8,
        is_asked: impl Fn(&Entry, &[u8]) -> bool,
    ) -> Vec<ExposingRule<'e>> {
        let mask = bits::both(wanted);
        let mut found: Vec<ExposingRule<'e>> = Vec::new();
        // Many rules may match one example, and looking at it looks at all of them.
        let mut examples: FxHashMap<usize, Ranked> = FxHashMap::default();
        for entry in entries {
            if entry.entry.effect != Mode::Allow || entry.entry.mask & mask == 0 {
                continue;
            }
            // What other rules bring along, such as `change_profile`, is not about files.
            let origin = entry.origin(profile, summaries);
            if !origin.is_some_and(|(_, fact)| is_about_files(&fact.rule.body)) {
                continue;
            }
            for listed in list.intersecting(&entry.entry.nfa) {
                if !is_asked(entry.entry, &listed.example) {
                    continue;
                }
                let file = self.exposed_file(entry, listed, mask, &mut examples);
                if let Some(file) = file.filter(|file| is_asked(entry.entry, &file.path)) {
                    enter(&mut found, entry, file);
                }
            }
        }
        found
    }

    /// A file of the list that the entry exposes.
    fn exposed_file(
        &self,
        entry: EntryRef<'_>,
        listed: &ListedFile,
        mask: u32,
        examples: &mut FxHashMap<usize, Ranked>,
    ) -> Option<ExposedFile> {
        let nfa = &*entry.entry.nfa;
        let given = |verdict: &Verdict| verdict.allow & entry.entry.mask & mask;
        let exposed = |path: Vec<u8>, ranked: &Ranked| {
            let bits = ranked.given_by(entry.entry) & mask;
            (bits != 0).then_some(ExposedFile {
                number: listed.number,
                path,
                bits,
            })
        };
        let decided = |path: Vec<u8>| {
            let ranked = Ranked::of(self, &path);
            exposed(path, &ranked)
        };
        let leftovers: &[&Nfa] = &[&LEFTOVERS];
        let is_leftover = |path: &[u8]| LEFTOVERS.matches(path);
        if nfa.matches(&listed.example) {
            let ranked = examples
                .entry(listed.number)
                .or_insert_with(|| Ranked::of(self, &listed.example));
            if let Some(file) = exposed(listed.example.clone(), ranked) {
                return Some(file);
            }
        }
        if listed.is_literal {
            return None;
        }
        if let Some(path) = nfa.as_literal() {
            let is_one = listed.nfa.matches(&path) && !is_leftover(&path);
            return is_one.then(|| decided(path)).flatten();
        }
        if !nfa.intersects(&listed.nfa) {
            return None;
        }
        let both = [&listed.nfa, nfa];
        // Nearly never is the first one a leftover, and to rule them out takes twice as long.
        let mut path = self.budget.common(&both, &[], InputDomain::Paths).ok()??;
        if is_leftover(&path) {
            let others = self.budget.common(&both, leftovers, InputDomain::Paths);
            path = others.ok()??;
        }
        let better = readable(path.clone(), &both, leftovers);
        let file = decided(better).or_else(|| decided(path)).or_else(|| {
            if self.intersecting(Class::File, &both).len() > MAX_COMPARED {
                return None;
            }
            let found = self.find(Class::File, &both, InputDomain::Paths, |verdict, _| {
                given(verdict) != 0
            });
            let path = found.ok()??.witness;
            (!is_leftover(&path)).then(|| decided(path)).flatten()
        })?;
        let is_chance = is_elsewhere(nfa, &file.path) || is_contrived(nfa, &listed.nfa, &file.path);
        (!is_chance).then_some(file)
    }
}

/// What is decided for a path, and by rules of which priorities.
#[derive(Debug)]
struct Ranked {
    verdict: Verdict,
    /// The bits that rules of each priority are about.
    ranks: Vec<(i32, u32)>,
}

impl Ranked {
    fn of(effective: &Effective, path: &[u8]) -> Self {
        let matching = effective.matching(Class::File, path);
        let entries: Vec<&Entry> = matching.iter().map(|found| found.entry).collect();
        let mut ranks: Vec<(i32, u32)> = Vec::new();
        for entry in &entries {
            match ranks
                .iter_mut()
                .find(|(priority, _)| *priority == entry.priority)
            {
                Some((_, bits)) => *bits |= entry.mask,
                None => ranks.push((entry.priority, entry.mask)),
            }
        }
        Self {
            verdict: combine(&entries),
            ranks,
        }
    }

    /// The bits that are allowed, and by the entry as much as by any other.
    fn given_by(&self, entry: &Entry) -> u32 {
        let above = self
            .ranks
            .iter()
            .filter(|(priority, _)| *priority > entry.priority);
        let outranked = above.fold(0, |all, (_, bits)| all | bits);
        self.verdict.allow & entry.mask & !outranked
    }
}

/// From this many rules on, no other example is looked for where the first ones are denied.
const MAX_COMPARED: usize = 24;

/// The path up to the last slash, and behind it.
fn split(path: &[u8]) -> (&[u8], &[u8]) {
    let slash = path.iter().rposition(|byte| *byte == b'/');
    let at = slash.map_or(0, |slash| slash + 1);
    path.split_at_checked(at).unwrap_or((path, &[]))
}

const fn is_about_files(body: &Body) -> bool {
    matches!(
        body,
        Body::File(_) | Body::AllFiles | Body::Link(_) | Body::All
    )
}

/// A directory that no pattern is about.
const STRANGER: &[u8] = b"zeta-site/";

/// Names under which programs leave an older or an unfinished version of a file: nothing reads it.
static LEFTOVERS: LazyLock<Nfa> =
    LazyLock::new(|| Nfa::constant("/**{.dpkg-*,.rpm*,.new,.old,.bak,.orig,.tmp,~}"));

/// Where the last component begins that is wanted.
fn component(path: &[u8], is_wanted: impl Fn(&[u8]) -> bool) -> Option<usize> {
    let (mut start, mut found) = (0, None);
    for name in path.split(|byte| *byte == b'/') {
        if is_wanted(name) {
            found = Some(start);
        }
        start += name.len() + 1;
    }
    found
}

/// The path with other names in the place of the component that begins at `start`: one that no pattern
/// is about, and one that begins as that component does, for `/etc/s*` does not name `/etc/shadow`.
fn strangers(path: &[u8], start: usize) -> [Vec<u8>; 2] {
    let (before, name) = path.split_at_checked(start).unwrap_or((path, &[]));
    let end = name.iter().position(|byte| *byte == b'/');
    let (name, behind) = name
        .split_at_checked(end.unwrap_or(name.len()))
        .unwrap_or((name, &[]));
    let stranger = STRANGER.strip_suffix(b"/").unwrap_or(STRANGER);
    let initial = name.get(..1).unwrap_or_default();
    [&[][..], initial].map(|initial| [before, initial, stranger, behind].concat())
}

/// Whether a pattern matches a file of the target only because it matches all the directories that
/// make it one: `/lib/**/__pycache__/*.pyc.*` is not about `/lib/modules/x/extra/__pycache__/x.pyc.ko`.
fn is_contrived(nfa: &Nfa, target: &Nfa, path: &[u8]) -> bool {
    let slashes = (1..).zip(path).filter(|(_, byte)| **byte == b'/');
    let starts: Vec<usize> = slashes.map(|(next, _)| next).collect();
    let mut spans = (0..).zip(&starts).flat_map(|(number, from)| {
        let behind = starts.iter().skip(number + 1);
        behind.map(move |to| (*from, *to))
    });
    spans.any(|(from, to)| {
        let (before, after) = (path.get(..from), path.get(to..));
        let other = [
            before.unwrap_or_default(),
            STRANGER,
            after.unwrap_or_default(),
        ];
        let other = other.concat();
        nfa.matches(&other) && !target.matches(&other)
    })
}

/// Whether a pattern matches a file for its name alone, wherever it lies: `/**.png` is not about
/// `/etc/cron.d/x.png`.
fn is_elsewhere(nfa: &Nfa, path: &[u8]) -> bool {
    let (directory, name) = split(path);
    let (above, _) = split(directory.strip_suffix(b"/").unwrap_or(directory));
    let matches = |above: &[u8]| nfa.matches(&[above, STRANGER, name].concat());
    matches(above) || matches(b"/")
}

/// Whether a pattern matches a file for its name alone, in whatever directory.
pub(super) fn is_anywhere(nfa: &Nfa, path: &[u8]) -> bool {
    let (_, name) = split(path);
    nfa.matches(&[b"/", STRANGER, name].concat())
}

/// Aliases give a rule several entries.
fn enter<'e>(found: &mut Vec<ExposingRule<'e>>, entry: EntryRef<'e>, file: ExposedFile) {
    match found.last_mut() {
        Some(last) if last.entry.rule() == entry.rule() => {
            if !last.files.iter().any(|known| known.number == file.number) {
                last.files.push(file);
                last.files.sort_by_key(|file| file.number);
            }
        }
        _ => found.push(ExposingRule {
            entry,
            files: vec![file],
        }),
    }
}
