//! `redundant-deny`: deny rules for what nothing grants.

use rustc_hash::FxHashSet;

use crate::glob::{Overlap, PrefixIndex, overlap};
use crate::lang::permissions::LINK;
use crate::lint::{Check, Cx, Sink};
use crate::policy::{Fact, ProfileView};
use crate::syntax::ast::{Body, FileRule, Mode};

/// Most pairs of patterns that are compared in one profile; then the rule stays silent.
const MAX_COMPARISONS: usize = 200_000;

/// What the registry runs.
pub const CHECK: Check = Check::Profile(check);

fn check(profile: &ProfileView<'_>, cx: &Cx<'_>, sink: &mut Sink<'_>) {
    let denies: Vec<&Fact<'_>> = profile
        .own_facts(cx.digests)
        .filter(|fact| fact.mode == Mode::Deny && !fact.is_audit)
        .collect();
    let grants_everything = cx.facts(profile).any(|(_, fact)| {
        fact.mode != Mode::Deny && matches!(fact.rule.body, Body::AllFiles | Body::All)
    });
    let source = cx.store.sources.get(profile.file);
    let is_open = profile
        .flags(&source.text)
        .iter()
        .any(|flag| matches!(*flag, "default_allow" | "unconfined"));
    if denies.is_empty() || profile.unknown.is_some() || grants_everything || is_open {
        return;
    }
    let mut granted = Granted::new(profile, cx);
    for deny in denies {
        match &deny.rule.body {
            Body::File(rule) if granted.is_redundant(deny, rule, profile, cx) => {
                let path = cx.slice(rule.path.0.in_file(deny.file));
                report(
                    deny,
                    &format!("nothing grants what this rule denies for `{path}`"),
                    cx,
                    sink,
                );
            }
            Body::Capability(names)
                if !names.is_empty()
                    && names.iter().all(|name| {
                        !granted.has_capability(cx.slice(name.0.in_file(deny.file)))
                    }) =>
            {
                let text = names
                    .iter()
                    .map(|name| cx.slice(name.0.in_file(deny.file)))
                    .collect::<Vec<_>>()
                    .join(" ");
                report(
                    deny,
                    &format!("nothing grants the capability `{text}` that this rule denies"),
                    cx,
                    sink,
                );
            }
            _ => {}
        }
    }
}

fn report(deny: &Fact<'_>, message: &str, cx: &Cx<'_>, sink: &mut Sink<'_>) {
    let finding = sink
        .at(cx.span(deny), message)
        .note("it is refused anyway; the rule keeps attempts out of the log, and will override abstractions that are included later")
        .help("remove the rule, or write `audit deny` so that attempts are logged");
    sink.report(finding);
}

/// What a profile grants.
struct Granted<'c> {
    /// Path and permissions.
    files: PrefixIndex<(String, u8)>,
    /// Permissions for paths that are not known.
    unknown: u8,
    capabilities: FxHashSet<&'c str>,
    has_all_capabilities: bool,
    comparisons: usize,
}

impl<'c> Granted<'c> {
    fn new(profile: &ProfileView<'c>, cx: &Cx<'c>) -> Self {
        let mut files = Vec::new();
        let mut granted = Self {
            files: PrefixIndex::new([]),
            unknown: 0,
            capabilities: FxHashSet::default(),
            has_all_capabilities: false,
            comparisons: 0,
        };
        for (_, fact) in cx.facts(profile).filter(|(_, f)| f.mode != Mode::Deny) {
            let (path, bits) = match &fact.rule.body {
                Body::File(allow) => (allow.path, allow.perms.bits),
                // A link rule grants `l` on its first path.
                Body::Link(link) => (link.link, LINK),
                Body::Capability(names) => {
                    granted.has_all_capabilities |= names.is_empty();
                    let names = names.iter().map(|name| cx.slice(name.0.in_file(fact.file)));
                    granted.capabilities.extend(names);
                    continue;
                }
                _ => continue,
            };
            match cx.expand(profile, fact, path) {
                Some(path) => files.push((path.clone(), (path, bits))),
                None => granted.unknown |= bits,
            }
        }
        granted.files = PrefixIndex::new(files);
        granted
    }

    fn has_capability(&self, name: &str) -> bool {
        self.has_all_capabilities || self.capabilities.contains(name)
    }

    fn is_redundant(
        &mut self,
        deny: &Fact<'_>,
        rule: &FileRule,
        profile: &ProfileView<'_>,
        cx: &Cx<'_>,
    ) -> bool {
        let Some(denied) = cx.expand(profile, deny, rule.path) else {
            return false;
        };
        if self.unknown & rule.perms.bits != 0 {
            return false;
        }
        for (path, bits) in self.files.meeting(&denied) {
            self.comparisons += 1;
            if self.comparisons > MAX_COMPARISONS {
                return false;
            }
            if bits & rule.perms.bits != 0 && overlap(&denied, path) != Overlap::None {
                return false;
            }
        }
        true
    }
}
