//! What rules see.

use std::sync::Arc;

use rustc_hash::{FxHashMap, FxHashSet};

use super::{Chosen, Decisions, FileRole, RetiredName, Suppression, Suppressions, UnknownSelector};
use crate::access::{Effective, EntryRef, ProfileMode};
use crate::config::{Config, ConfigFault};
use crate::containers::{ContainerView, ExpectedProfile, ManifestFault, Workload};
use crate::diagnostic::Meta;
use crate::lang::mediation::Enforcement;
use crate::lang::targets::Target;
use crate::policy::{AbiFile, Fact, FileSummaries, ProfileView, Store, Unit};
use crate::source::{FileId, Source, Span, TextRange};
use crate::syntax::File;
use crate::syntax::ast::{Body, Item, Word};
use crate::syntax::text;

/// A file as written.
#[derive(Copy, Clone, Debug)]
pub struct FileView<'c> {
    /// Its number.
    pub id: FileId,
    /// Its text.
    pub source: &'c Source,
    /// Its items and faults.
    pub file: &'c File,
    /// What it is for.
    pub role: FileRole,
    /// What it loads to, if it is checked by itself and holds profiles.
    pub unit: Option<&'c Unit<'c>>,
}

impl FileView<'_> {
    /// The text of a range.
    #[must_use]
    pub fn slice(&self, range: TextRange) -> &str {
        self.source.slice(range)
    }

    /// A range as a place.
    #[must_use]
    pub const fn span(&self, range: TextRange) -> Span {
        range.in_file(self.id)
    }
}

/// Everything that rules may ask.
#[derive(Debug)]
pub struct Cx<'c> {
    /// All files.
    pub store: &'c Store,
    /// What they boil down to.
    pub summaries: &'c FileSummaries<'c>,
    /// What each checked file with profiles loads to.
    pub units: &'c [Unit<'c>],
    /// The files that are checked, with their roles.
    pub targets: &'c FxHashMap<FileId, FileRole>,
    /// The configuration.
    pub config: &'c Config,
    /// Profile names that compose files, manifests and the configuration name.
    pub expected: &'c [ExpectedProfile],
    /// The containers that compose files and manifests describe.
    pub workloads: &'c [Workload],
    /// Names of profiles that manifests define in a form that is not judged.
    pub unjudged: &'c [String],
    /// What loads profiles: containers and units that run `apparmor_parser`.
    pub loaders: &'c [Span],
    /// The containers as they will run, as far as their images are known.
    pub views: &'c [ContainerView],
    /// Directories of checked files, and those above them, that hold a Dockerfile.
    pub docker_projects: &'c FxHashSet<String>,
    /// Files of the base directory that AppArmor brings and nobody named: of them only what keeps policy from loading is told.
    pub shipped: &'c FxHashSet<FileId>,
    /// Texts of files that are no policy: compose files, manifests, the configuration.
    pub others: &'c [FileId],
    /// Whether a whole policy set is checked: a transition to a profile outside of it leads nowhere.
    pub is_whole_set: bool,
    /// Where the policy will run.
    pub target: Option<&'c Target>,
    /// What is wrong with the configuration.
    pub config_faults: &'c [(FileId, ConfigFault)],
    /// Compose files and manifests that cannot be read.
    pub manifest_faults: &'c [(FileId, ManifestFault)],
    /// What the profiles decide.
    pub decisions: &'c Decisions,
    /// The intents that profiles must keep.
    pub intents: &'c [Chosen<'c>],
    /// Names in the configuration that fit no rule; they stand in its file, the first of `others`.
    pub unknown_selectors: &'c [(TextRange, UnknownSelector)],
    /// Names in the configuration that have been replaced; they stand in its file as well.
    pub retired_names: &'c [(TextRange, RetiredName)],
    /// The comments that silence findings, by file; files without any are left out.
    pub suppressions: &'c [(FileId, Suppressions)],
    /// What all rules are called.
    pub rules: &'c [&'static Meta],
}

impl<'c> Cx<'c> {
    /// What a profile decides; compiled when it is first asked for.
    #[must_use]
    pub fn effective(&self, profile: &ProfileView<'_>) -> Arc<Effective> {
        self.decisions
            .of(profile, self.summaries, &self.store.sources)
    }

    /// The text of a place.
    #[must_use]
    pub fn slice(&self, span: Span) -> &'c str {
        self.store.sources.slice(span)
    }

    /// A word's value: quotes and escapes resolved, variables left as they are.
    #[must_use]
    pub fn value(&self, file: FileId, word: Word) -> String {
        text::value(self.slice(word.0.in_file(file))).into_owned()
    }

    /// A word's value with variables put in. `None` if they cannot be.
    #[must_use]
    pub fn expand(&self, profile: &ProfileView<'_>, fact: &Fact<'_>, word: Word) -> Option<String> {
        profile.env.expand(&self.value(fact.file, word)).text()
    }

    /// All rules of a profile with the include statements that lead to each.
    pub fn facts<'p>(
        &'p self,
        profile: &'p ProfileView<'c>,
    ) -> impl Iterator<Item = (&'p [Span], &'p Fact<'c>)> {
        profile
            .facts(self.summaries)
            .map(|(segment, fact)| (&*segment.via, fact))
    }

    /// All file rules of a profile with the include statements that lead to each.
    pub fn file_facts<'p>(
        &'p self,
        profile: &'p ProfileView<'c>,
    ) -> impl Iterator<Item = (&'p [Span], &'p Fact<'c>, &'p crate::syntax::ast::FileRule)> {
        self.facts(profile)
            .filter_map(|(via, fact)| match &fact.rule.body {
                Body::File(rule) => Some((via, fact, rule)),
                _ => None,
            })
    }

    /// Whether the target ships the abi that is written so (`<abi/4.0>`); `None` if that is not known.
    #[must_use]
    pub fn ships_abi(&self, written: &str) -> Option<bool> {
        let path = written.strip_prefix('<')?.strip_suffix('>')?;
        self.target?.ships_abi(path)
    }

    /// The newest abi that policy can declare: one that the base directory has and the target ships, as far as either is
    /// known.
    #[must_use]
    pub fn newest_abi(&self) -> Option<&'static str> {
        let can_be_declared = |(path, in_base): &(&'static str, Option<bool>)| {
            let shipped = self.target.and_then(|target| target.ships_abi(path));
            let knows = [*in_base, shipped];
            knows.contains(&Some(true)) && !knows.contains(&Some(false))
        };
        let found = self.store.abis().find(can_be_declared);
        found.map(|(path, _)| path)
    }

    /// What is enforced of a profile's rules, as far as its abi and the target tell.
    #[must_use]
    pub fn enforcement<'p>(&'p self, profile: &ProfileView<'p>) -> Enforcement<'p> {
        let kernel = self.target.and_then(|target| target.kernel.as_ref());
        let abi = match &profile.abi {
            None => self.target.and_then(|target| target.default_abi.as_ref()),
            Some(declared) => match declared.file {
                Some(AbiFile::Kernel) => kernel,
                _ => declared.features(),
            },
        };
        Enforcement {
            kernel,
            abi,
            parser: self.target.and_then(|target| target.parser),
        }
    }

    /// The place of a rule.
    #[must_use]
    pub const fn span(&self, fact: &Fact<'_>) -> Span {
        fact.rule.range.in_file(fact.file)
    }

    /// What to delete so that a rule is gone: its lines, if nothing else stands there, with the directives that are about it alone. Another
    /// comment stays, in the place of the rule.
    #[must_use]
    pub fn removal(&self, fact: &Fact<'_>) -> Span {
        let source = self.store.sources.get(fact.file);
        let range = fact.rule.range;
        let first = source.line_range(range.start);
        let last = source.line_range(range.end.saturating_sub(1).max(range.start));
        let before = TextRange::new(first.start, range.start);
        let behind = source.slice(TextRange::new(range.end, last.end));
        let rest = behind.trim_start();
        let is_own = |suppression: &&Suppression| {
            suppression.covers.is_some_and(|covered| covered == range)
                && suppression.span.range.end <= first.start
        };
        let directives = self.suppressions.iter();
        let directives = directives.filter(|(file, _)| *file == fact.file);
        let all: Vec<&Suppression> = directives.flat_map(|(_, of_file)| &of_file.all).collect();
        let above = all.iter().copied().filter(is_own);
        let start = above
            .map(|one| source.line_range(one.span.range.start).start)
            .min();
        let start = start.unwrap_or(first.start);
        let is_directive = || {
            let mut all = all.iter();
            all.any(|one| {
                let start = one.span.range.start;
                (range.end..=last.end).contains(&start)
            })
        };
        let is_alone = source.slice(before).trim().is_empty();
        let gone = if is_alone && (rest.is_empty() || is_directive()) {
            TextRange::new(start, source.next_line(last.end))
        } else if is_alone && rest.starts_with('#') {
            let blanks = u32::try_from(behind.len() - rest.len()).unwrap_or(0);
            TextRange::new(range.start, range.end + blanks)
        } else {
            range
        };
        gone.in_file(fact.file)
    }

    /// A rule on one line, without its comma.
    #[must_use]
    pub fn brief(&self, fact: &Fact<'_>) -> String {
        let text = self.slice(self.span(fact)).trim_end_matches(',');
        let words: Vec<&str> = text.split_whitespace().collect();
        words.join(" ")
    }

    /// Whether a build step may drop a rule, or a condition decides whether it counts.
    #[must_use]
    pub fn is_conditional(&self, fact: &Fact<'_>) -> bool {
        let range = fact.rule.range;
        self.store.file(fact.file).is_some_and(|loaded| {
            loaded.file.is_conditional(range) || is_in_branch(&loaded.file.ast.items, range)
        })
    }

    /// Whether a build step may drop an entry's rule, or an include statement on the way to it.
    #[must_use]
    pub fn may_be_dropped(&self, entry: EntryRef<'_>, profile: &ProfileView<'_>) -> bool {
        let may_be = |place: Span| {
            let loaded = self.store.file(place.file);
            loaded.is_some_and(|loaded| loaded.file.is_conditional(place.range))
        };
        entry
            .origin(profile, self.summaries)
            .is_some_and(|(via, fact)| {
                may_be(fact.rule.range.in_file(fact.file)) || via.iter().any(|place| may_be(*place))
            })
    }

    /// How a deny rule that is advised begins: in complain mode one without `audit` is enforced, and not logged.
    #[must_use]
    pub fn advised_deny(&self, profile: &ProfileView<'_>) -> &'static str {
        let source = self.store.sources.get(profile.file);
        match ProfileMode::of(profile, &source.text) {
            ProfileMode::Complain => "audit deny",
            _ => "deny",
        }
    }

    /// Whether a profile's flags let through what no rule allows.
    #[must_use]
    pub fn is_open(&self, profile: &ProfileView<'_>) -> bool {
        let source = self.store.sources.get(profile.file);
        let mut flags = profile.flags(&source.text).into_iter();
        flags.any(|flag| matches!(flag, "default_allow" | "unconfined"))
    }
}

/// Whether a place lies in a branch of an `if`.
fn is_in_branch(mut items: &[Item], place: TextRange) -> bool {
    loop {
        let next = items.partition_point(|item| item.range().end <= place.start);
        items = match items.get(next) {
            Some(Item::Conditional(_)) => return true,
            Some(Item::Profile(profile)) => &profile.items,
            Some(Item::Block(block)) => &block.items,
            _ => return false,
        };
    }
}
