//! Which files of a list a profile's own rules open.

use rustc_hash::FxHashMap;

use crate::glob::{Overlap, literal_prefix, overlap};
use crate::lang::sensitive::Danger;
use crate::lint::Cx;
use crate::policy::{Fact, ProfileView};
use crate::syntax::ast::Mode;

/// A rule that opens a file of the list.
pub(super) struct Opened<'p, 'd> {
    pub(super) fact: &'p Fact<'p>,
    pub(super) danger: &'d Danger,
}

/// The rules that open a file of `list` with any of the permissions `bits`: each rule once, with the
/// first file that it opens. Only rules that are about these directories count: their literal
/// beginning lies in one of `roots`.
pub(super) fn opened<'p, 'd>(
    profile: &'p ProfileView<'p>,
    cx: &'p Cx<'p>,
    list: &'d [Danger],
    bits: u8,
    roots: &[&str],
) -> Vec<Opened<'p, 'd>> {
    let mut found = Vec::new();
    let mut denied: FxHashMap<&str, bool> = FxHashMap::default();
    for fact in profile
        .own_facts(cx.digests)
        .filter(|fact| fact.mode == Mode::Allow)
    {
        let crate::syntax::ast::Body::File(rule) = &fact.rule.body else {
            continue;
        };
        if !rule.perms.has(bits) {
            continue;
        }
        // Most paths begin elsewhere, and that shows before variables are put in.
        let written = cx
            .slice(rule.path.0.in_file(fact.file))
            .trim_start_matches('"');
        let start = literal_prefix(written.split('@').next().unwrap_or_default());
        if !roots
            .iter()
            .any(|root| start.starts_with(root) || root.starts_with(start))
        {
            continue;
        }
        let Some(path) = cx.expand(profile, fact, rule.path) else {
            continue;
        };
        let prefix = literal_prefix(&path);
        if !roots.iter().any(|root| prefix.starts_with(root)) {
            continue;
        }
        let hit = list
            .iter()
            .find(|danger| overlap(danger.path, &path) == Overlap::Some);
        let Some(danger) = hit else { continue };
        let is_denied = denied.entry(danger.path).or_insert_with(|| {
            cx.file_facts(profile).any(|(_, deny, rule)| {
                deny.mode == Mode::Deny
                    && rule.perms.has(bits)
                    && cx
                        .expand(profile, deny, rule.path)
                        .is_some_and(|path| overlap(danger.path, &path) == Overlap::Some)
            })
        });
        if !*is_denied {
            found.push(Opened { fact, danger });
        }
    }
    found
}
