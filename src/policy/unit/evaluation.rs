//! What is known while a file is evaluated.

use std::sync::{Arc, RwLock};

use rustc_hash::{FxHashMap, FxHashSet};

use crate::policy::profile::{Evaluated, Segment};
use crate::policy::{
    Bits, DeclaredAbi, Dropped, Env, Fact, FileSummaries, IncludeChain, Limit, MAX_INCLUDE_DEPTH,
    Problem, ProblemKind, Store,
};
use crate::source::{FileId, Span, TextRange};
use crate::syntax::ast::Profile;
use crate::syntax::fault::{FaultKind, SyntaxFault};

pub(super) struct Evaluation<'s, 'e> {
    /// The file that is loaded.
    pub(super) file: FileId,
    pub(super) store: &'s Store,
    pub(super) summaries: &'e FileSummaries<'s>,
    pub(super) cache: &'e PreambleCache,
    pub(super) env: Env,
    /// Files included so far outside of profiles; the parser skips them the second time.
    pub(super) seen: FxHashSet<FileId>,
    pub(super) used: Bits,
    pub(super) defined: Bits,
    pub(super) unknown: Option<Span>,
    pub(super) limit: Option<(Span, Limit)>,
    /// How many include statements, blocks, conditionals and child profiles are around what is read.
    pub(super) depth: usize,
    pub(super) missing: Option<Span>,
    pub(super) outcome: Evaluated<'s>,
    pub(super) has_profile: bool,
    pub(super) ambient: &'e [(String, Vec<String>)],
    pub(super) abi: Option<DeclaredAbi<'s>>,
}

/// Where the rules of a profile are collected.
pub(super) struct ProfileBody<'s> {
    pub(super) rules: Vec<Fact<'s>>,
    pub(super) segments: Vec<Segment<'s>>,
    pub(super) dropped: Vec<Dropped<'s>>,
    pub(super) seen: FxHashSet<FileId>,
    pub(super) unknown: Option<Span>,
    pub(super) limit: Option<(Span, Limit)>,
    pub(super) missing: Option<Span>,
    pub(super) uses: Vec<(u32, Span, IncludeChain)>,
    pub(super) used: Bits,
    pub(super) children: Vec<(&'s Profile, FileId, IncludeChain)>,
}

impl<'s> ProfileBody<'s> {
    /// An empty one; what is not known of the preamble is not known of the profile.
    pub(super) fn of(evaluation: &Evaluation<'s, '_>) -> Self {
        Self {
            rules: Vec::new(),
            segments: Vec::new(),
            dropped: Vec::new(),
            seen: FxHashSet::default(),
            unknown: evaluation.unknown,
            limit: evaluation.limit,
            missing: evaluation.missing,
            uses: Vec::new(),
            used: Bits::default(),
            children: Vec::new(),
        }
    }
}

/// Preambles that were evaluated before: by the file included first.
#[derive(Debug, Default)]
pub struct PreambleCache(pub(super) RwLock<FxHashMap<FileId, Arc<Preamble>>>);

#[derive(Clone, Debug)]
pub(super) struct Preamble {
    pub(super) env: Env,
    pub(super) seen: FxHashSet<FileId>,
    pub(super) used: Bits,
    pub(super) defined: Bits,
    pub(super) unknown: Option<Span>,
}

impl<'s> Evaluation<'s, '_> {
    pub(super) fn text(&self, file: FileId) -> &'s str {
        self.store.sources.get(file).text.as_str()
    }

    pub(super) fn slice(&self, file: FileId, range: TextRange) -> &'s str {
        self.text(file)
            .get(range.start as usize..range.end as usize)
            .unwrap_or_default()
    }

    pub(super) fn problem(&mut self, span: Span, via: &[Span], kind: ProblemKind) {
        self.outcome.problems.push(Problem {
            span,
            via: via.to_vec(),
            kind,
        });
    }

    /// Whether one more block or include statement is followed; a caller that is told so leaves it again.
    pub(super) const fn enter(&mut self) -> bool {
        let may_enter = self.depth < MAX_INCLUDE_DEPTH;
        self.depth += may_enter as usize;
        may_enter
    }

    pub(super) const fn leave(&mut self) {
        self.depth = self.depth.saturating_sub(1);
    }

    /// Notes that what stands at `span` in a profile is not followed.
    pub(super) fn beyond(
        &mut self,
        span: Span,
        via: &[Span],
        limit: Limit,
        body: &mut ProfileBody<'s>,
    ) {
        body.unknown.get_or_insert(span);
        if body.limit.is_none() {
            body.limit = Some((span, limit));
            self.problem(span, via, ProblemKind::Beyond(limit));
        }
    }

    /// The same of what stands outside of profiles.
    pub(super) fn beyond_in_preamble(&mut self, span: Span, via: &[Span], limit: Limit) {
        self.unknown.get_or_insert(span);
        if self.limit.is_none() {
            self.limit = Some((span, limit));
            self.problem(span, via, ProblemKind::Beyond(limit));
        }
    }

    /// Blocks of a file that are nested too deep: what stands in them is read as if they were not there.
    pub(super) fn nested_too_deep(&self, file: FileId, within: Option<TextRange>) -> Option<Span> {
        let faults = self.store.file(file).map(|loaded| &loaded.file.faults);
        let mut faults = faults.into_iter().flatten().filter(|fault| {
            fault.kind == FaultKind::Syntax(SyntaxFault::TooDeep)
                && within.is_none_or(|range| range.contains(fault.range))
        });
        Some(faults.next()?.range.in_file(file))
    }

    /// Variables that a build step defines: those of the configuration, and `@{att}`, which
    /// apparmor.d inserts when it builds a profile.
    pub(super) fn is_ambient(&self, name: &str) -> bool {
        name == "att" || self.ambient.iter().any(|(ambient, _)| ambient == name)
    }
}
