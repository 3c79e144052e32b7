//! What of a profile is not known.

use rustc_hash::FxHashSet;

use super::describe::{on_one_line, rule};
use super::located::Located;
use super::model::VersionedRule;
use crate::access::{Class, Effective, PolicyVersion};
use crate::policy::{IncludeTarget, RuleId, includes};
use crate::session::policy::Policy;
use crate::session::rule_at::RuleAt;
use crate::source::{FileId, Span};
use crate::syntax::ast::{Body, Include, Item};

/// Includes that are missing or cannot be read, wherever they stand that the profile is made of, and
/// rules that cannot be read.
pub(in crate::session) fn of(
    (policy, profile): Located<'_, '_>,
    version: PolicyVersion,
    effective: &Effective,
) -> Vec<VersionedRule> {
    let sources = &policy.store.sources;
    let at = |span: Span| VersionedRule {
        version,
        rule: RuleAt::at(span, &[], on_one_line(sources.slice(span)), sources),
    };
    let mut gaps = Gaps {
        policy,
        seen: FxHashSet::default(),
        found: Vec::new(),
    };
    gaps.of(profile.file, &includes(&profile.ast.items));
    // What stands in front of the profile gives it its variables.
    if let Some(loaded) = policy.store.file(profile.file) {
        let preamble = loaded.file.ast.items.iter().filter_map(|item| match item {
            Item::Include(include) => Some(include),
            _ => None,
        });
        gaps.of(profile.file, &preamble.collect::<Vec<_>>());
    }
    // A condition whose branches are not decided is among these.
    gaps.found.extend(profile.unknown);
    let mut unknown: Vec<VersionedRule> = gaps.found.into_iter().map(at).collect();
    for part in &effective.parts {
        let numbers = part.rules.unreadable.iter().chain(&part.rules.undecided);
        let located = (policy, profile);
        let rules = numbers.filter_map(|number| {
            rule(
                located,
                version,
                RuleId {
                    segment: part.segment,
                    number: *number,
                },
                Class::File,
            )
        });
        unknown.extend(rules.map(|(rule, _)| rule));
    }
    let unreadable = profile
        .facts(policy.summaries)
        .filter(|(_, fact)| matches!(fact.rule.body, Body::Unreadable));
    unknown.extend(unreadable.map(|(_, fact)| at(fact.rule.range.in_file(fact.file))));
    unknown.sort();
    unknown.dedup();
    unknown
}

/// Includes that lead nowhere.
struct Gaps<'p, 's> {
    policy: &'p Policy<'s>,
    seen: FxHashSet<FileId>,
    found: Vec<Span>,
}

impl Gaps<'_, '_> {
    /// Those among the include statements of a file, and below them.
    fn of(&mut self, file: FileId, statements: &[&Include]) {
        let mut open: Vec<(FileId, Vec<&Include>)> = vec![(file, statements.to_vec())];
        while let Some((file, statements)) = open.pop() {
            let Some(loaded) = self.policy.store.file(file) else {
                continue;
            };
            for include in statements {
                match loaded.includes.get(include.index) {
                    Some(IncludeTarget::Files(files)) => {
                        let fresh = files.iter().filter(|file| self.seen.insert(**file));
                        let fresh: Vec<FileId> = fresh.copied().collect();
                        for file in fresh {
                            if let Some(loaded) = self.policy.store.file(file) {
                                open.push((file, includes(&loaded.file.ast.items)));
                            }
                        }
                    }
                    Some(IncludeTarget::MadeAtInstall) => {}
                    Some(IncludeTarget::Missing) if include.if_exists => {}
                    _ => self.found.push(include.range.in_file(file)),
                }
            }
        }
    }
}
