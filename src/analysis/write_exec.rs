//! Files that a profile both writes and executes.

use std::sync::LazyLock;

use rustc_hash::FxHashSet;

use super::exposure::is_anywhere;
use super::matches_all;
use crate::access::{Class, Effective, Entry, EntryRef, Exec, Verdict, bits};
use crate::glob::{InputDomain, Nfa, PrefixIndex, readable};
use crate::lang::permissions::{APPEND, EXEC, MMAP, WRITE};
use crate::lang::places::{EVERYTHING, NO_PROGRAMS};
use crate::policy::{FileSummaries, ProfileView, RuleId};
use crate::syntax::ast::Mode;

/// A file that the same process may write and then execute or map as code.
#[derive(Clone, Debug)]
pub struct WriteExec<'e> {
    /// The rule that lets it write.
    pub write: EntryRef<'e>,
    /// The rule that lets it execute; the same one if that does both.
    pub execute: EntryRef<'e>,
    /// The path.
    pub path: Vec<u8>,
    /// What is decided for it.
    pub verdict: Verdict,
}

impl WriteExec<'_> {
    /// Whether the rule that lets it write is about a kind of names in all directories: `/**.png` is not about programs.
    #[must_use]
    pub fn is_by_name_alone(&self) -> bool {
        is_anywhere(&self.write.entry.nfa, &self.path)
            && !matches_all(self.write.entry, &EVERYTHING)
            && self.write.rule() != self.execute.rule()
    }
}

/// All paths but those of directories.
static FILES: LazyLock<Nfa> = LazyLock::new(|| Nfa::constant("/{**,}[^/]"));

/// Where nothing that is written can be executed.
const NO_PROGRAMS_BELOW: [&[u8]; 2] = [b"/proc/", b"/sys/"];

/// What else cannot be executed.
static SOCKETS: LazyLock<Nfa> = LazyLock::new(|| Nfa::constant(NO_PROGRAMS));

/// Below the homes of users, but of none: what a rule for all homes matches there by accident.
static NOBODYS: LazyLock<Nfa> = LazyLock::new(|| Nfa::constant("/home/.*/**"));

/// A file that no pattern is about; what matches it in a directory matches every file there.
const STRANGER_FILE: &[u8] = b"zeta-report";

/// A usual place for a file that somebody brings along.
const USUAL: &[u8] = b"/tmp/x";

/// From this many rules on only the first example of two rules is looked at.
const MAX_COMPARED: usize = 24;

/// What counts as execution: the bits for it of one half, and what an exec leads to.
pub type IsCode<'f> = &'f dyn Fn(u8, Option<&Exec>) -> bool;

impl Effective {
    /// Files that the same process may write and execute, at least one of the two by a rule of the
    /// profile itself: one example for each such rule.
    #[must_use]
    pub fn write_execs<'e>(
        &'e self,
        profile: &ProfileView<'_>,
        summaries: &FileSummaries<'_>,
        is_code: IsCode<'_>,
    ) -> Vec<WriteExec<'e>> {
        let executing = Places::of(self, |entry| Halves::of(entry, is_code).execute != 0);
        if executing.all.is_empty() {
            return Vec::new();
        }
        let writing = Places::of(self, |entry| Halves::of(entry, is_code).write != 0);
        let mut found: Vec<WriteExec<'e>> = Vec::new();
        let mut told: FxHashSet<RuleId> = FxHashSet::default();
        for own in self.own_entries(profile, Class::File) {
            let halves = Halves::of(own.entry, is_code);
            if told.contains(&own.rule()) {
                continue;
            }
            let write_exec = self
                .written(own, &halves, &executing, &told, is_code)
                .or_else(|| self.executed(own, &halves, &writing, profile, is_code));
            if let Some(write_exec) = write_exec {
                told.insert(write_exec.write.rule());
                // Who may execute everything needs to be told that once.
                if matches_all(write_exec.execute.entry, &EVERYTHING) {
                    told.insert(write_exec.execute.rule());
                }
                found.push(write_exec);
            }
        }
        if !found.is_empty() && self.may_deny_more(Class::File, profile, summaries) {
            found.clear();
        }
        found
    }

    /// What the entry writes and some other executes.
    fn written<'e>(
        &'e self,
        own: EntryRef<'e>,
        halves: &Halves,
        executing: &Places<'e>,
        told: &FxHashSet<RuleId>,
        is_code: IsCode<'_>,
    ) -> Option<WriteExec<'e>> {
        if halves.write == 0 {
            return None;
        }
        let by_itself = (halves.write & halves.execute != 0)
            .then(|| self.write_exec_by(own, own, is_code))
            .flatten();
        by_itself.or_else(|| {
            executing
                .intersecting(&own.entry.nfa)
                .filter(|other| {
                    Halves::of(other.entry, is_code).execute & halves.write != 0
                        && !told.contains(&other.rule())
                })
                .find_map(|other| self.write_exec_by(own, other, is_code))
        })
    }

    /// What the entry executes and one of an abstraction writes.
    fn executed<'e>(
        &'e self,
        own: EntryRef<'e>,
        halves: &Halves,
        writing: &Places<'e>,
        profile: &ProfileView<'_>,
        is_code: IsCode<'_>,
    ) -> Option<WriteExec<'e>> {
        if halves.execute == 0 {
            return None;
        }
        writing
            .intersecting(&own.entry.nfa)
            .filter(|other| {
                Halves::of(other.entry, is_code).write & halves.execute != 0
                    && !profile.is_own(other.segment)
            })
            .find_map(|other| self.write_exec_by(other, own, is_code))
    }

    /// A file that one entry lets be written, and the other executed.
    fn write_exec_by<'e>(
        &'e self,
        write: EntryRef<'e>,
        execute: EntryRef<'e>,
        is_code: IsCode<'_>,
    ) -> Option<WriteExec<'e>> {
        let files: &Nfa = &FILES;
        let [first, second] = [write, execute].map(|entry| &*entry.entry.nfa);
        if !first.intersects(second) {
            return None;
        }
        let wanted = [first, second, files];
        let (sockets, nobodys): (&Nfa, &Nfa) = (&SOCKETS, &NOBODYS);
        let mut path = self
            .budget
            .common(&wanted, &[], InputDomain::Paths)
            .ok()??;
        let is_same = write.rule() == execute.rule();
        let is_code_there =
            |path: &[u8]| !sockets.matches(path) && (is_same || !nobodys.matches(path));
        if !is_code_there(&path) {
            let mut excluded = vec![sockets];
            if !is_same {
                excluded.push(nobodys);
            }
            let others = self.budget.common(&wanted, &excluded, InputDomain::Paths);
            path = others.ok()??;
        }
        if NO_PROGRAMS_BELOW.iter().any(|root| path.starts_with(root)) {
            return None;
        }
        // Who may execute everything does not mean the one file that another rule writes.
        if matches_all(execute.entry, &EVERYTHING) && !names_any(first, &path) {
            return None;
        }
        let verdict = self.decide(Class::File, &path);
        let write_exec = |path, verdict| WriteExec {
            write,
            execute,
            path,
            verdict,
        };
        if is_write_exec(&verdict, is_code) {
            let better = [USUAL.to_vec(), readable(path.clone(), &wanted, &[sockets])];
            let matching = better
                .into_iter()
                .filter(|path| wanted.iter().all(|nfa| nfa.matches(path)));
            let mut decided = matching.map(|path| (self.decide(Class::File, &path), path));
            let best = decided.find(|(verdict, _)| is_write_exec(verdict, is_code));
            let (verdict, path) = best.unwrap_or((verdict, path));
            return Some(write_exec(path, verdict));
        }
        if self.intersecting(Class::File, &wanted).len() > MAX_COMPARED {
            return None;
        }
        let is_goal = |verdict: &Verdict, _: &[EntryRef<'e>]| is_write_exec(verdict, is_code);
        let found = self.find(Class::File, &wanted, InputDomain::Paths, is_goal);
        let found = found.ok()??;
        is_code_there(&found.witness).then(|| write_exec(found.witness, found.verdict))
    }
}

/// Whether a pattern lets the file at a path have any name.
fn names_any(nfa: &Nfa, path: &[u8]) -> bool {
    let slash = path.iter().rposition(|byte| *byte == b'/');
    let directory = slash.and_then(|slash| path.get(..=slash));
    nfa.matches(&[directory.unwrap_or_default(), STRANGER_FILE].concat())
}

/// Entries of one kind, by their prefixes.
#[derive(Default)]
struct Places<'e> {
    all: Vec<EntryRef<'e>>,
    by_prefix: PrefixIndex,
}

impl<'e> Places<'e> {
    fn of(effective: &'e Effective, is_kind: impl Fn(&Entry) -> bool) -> Self {
        let entries = effective.entries(Class::File);
        let all: Vec<EntryRef<'e>> = entries.filter(|found| is_kind(found.entry)).collect();
        let prefixes = all.iter().map(|found| found.entry.nfa.prefixes());
        Self {
            by_prefix: PrefixIndex::new((0..).zip(prefixes)),
            all,
        }
    }

    /// Those that may match what `nfa` matches.
    fn intersecting(&self, nfa: &Nfa) -> impl Iterator<Item = EntryRef<'e>> {
        let found = self.by_prefix.intersecting(nfa.prefixes());
        let found = found.into_iter();
        found.filter_map(|place| self.all.get(place as usize).copied())
    }
}

/// In which halves something holds: 1 for the owner's, 2 for the other.
struct Halves {
    write: u8,
    execute: u8,
}

impl Halves {
    /// What an entry grants.
    fn of(entry: &Entry, is_code: IsCode<'_>) -> Self {
        let exec = entry.exec.as_ref();
        let mask = match entry.effect {
            Mode::Allow => entry.mask,
            _ => 0,
        };
        Self::of_bits(mask, [exec, exec], is_code)
    }

    fn of_bits(bits: u32, execs: [Option<&Exec>; 2], is_code: IsCode<'_>) -> Self {
        let mut halves = Self {
            write: 0,
            execute: 0,
        };
        for (half, exec) in (0..).zip(execs) {
            let bits = u8::try_from(bits >> (half * bits::OTHER) & bits::HALF).unwrap_or(0);
            if bits & (WRITE | APPEND) != 0 {
                halves.write |= 1 << half;
            }
            if is_code(bits & (EXEC | MMAP), exec) {
                halves.execute |= 1 << half;
            }
        }
        halves
    }
}

fn is_write_exec(verdict: &Verdict, is_code: IsCode<'_>) -> bool {
    let [owner, other] = &verdict.exec;
    let halves = Halves::of_bits(verdict.allow, [owner.as_ref(), other.as_ref()], is_code);
    halves.write & halves.execute != 0
}
