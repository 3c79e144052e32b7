//! `redundant-rule`: rules without which every request is decided alike.

use std::collections::BTreeMap;
use std::sync::Arc;

use rayon::prelude::*;
use rustc_hash::{FxHashMap, FxHashSet};

use crate::access::{Effective, EntryRef};
use crate::analysis::{Meaning, OwnRule, SharedEntries, covers};
use crate::diagnostic::{Applicability, Diagnostic};
use crate::lint::{Check, Cx, Sink};
use crate::policy::{Fact, ProfileView, RuleId, variable_uses};
use crate::source::{FileId, Span, TextRange};
use crate::syntax::ast::{Body, Mode};

/// What the registry runs.
pub const CHECK: Check = Check::Policy(check);

/// Most rules that a finding marks.
const MAX_LABELS: usize = 2;

/// Most entries that are looked at in one profile; a second or two.
const MAX_LOOKS: usize = 20_000_000;

fn check(cx: &Cx<'_>, sink: &mut Sink<'_>) {
    let profiles: Vec<&ProfileView<'_>> = cx.units.iter().flat_map(|unit| &unit.profiles).collect();
    let all: Vec<(&ProfileView<'_>, Arc<Effective>)> = profiles
        .par_iter()
        .map(|profile| (*profile, cx.effective(profile)))
        .collect();
    let shared = SharedEntries::new(all.iter().map(|(_, effective)| &**effective));
    let mut found: Vec<Redundant> = all
        .par_iter()
        .flat_map_iter(|(profile, effective)| of_profile(profile, effective, &shared, cx))
        .collect();
    // A profile in a file that several include is several profiles, and the rule may go only if none of them needs it.
    let mut versions: FxHashMap<Span, usize> = FxHashMap::default();
    for profile in &profiles {
        *versions.entry(profile.name_span()).or_default() += 1;
    }
    let mut without: FxHashMap<Span, usize> = FxHashMap::default();
    for one in &found {
        *without.entry(one.place).or_default() += 1;
    }
    let mut told: FxHashSet<Span> = FxHashSet::default();
    found.retain(|one| {
        without.get(&one.place) == versions.get(&one.profile) && told.insert(one.place)
    });
    let mut uses: FxHashMap<FileId, FxHashMap<String, usize>> = FxHashMap::default();
    for mut one in found {
        let file = one.place.file;
        let of_file = uses.entry(file).or_insert_with(|| uses_of(file, cx));
        one.unused = last_uses(one.place, of_file, cx);
        sink.report(one.finding(sink));
    }
}

/// A rule that may go.
struct Redundant {
    /// The name of its profile.
    profile: Span,
    place: Span,
    brief: String,
    is_deny: bool,
    /// The rules that say the same.
    covers: Vec<Span>,
    removal: Span,
    /// Variables that nothing in the file uses once the rule is gone.
    unused: Vec<String>,
}

impl Redundant {
    fn of<'f>(
        profile: &ProfileView<'_>,
        fact: &Fact<'_>,
        covers: impl Iterator<Item = &'f Fact<'f>>,
        cx: &Cx<'_>,
    ) -> Self {
        let mut covers: Vec<Span> = covers.map(|fact| cx.span(fact)).collect();
        covers.sort_unstable();
        covers.dedup();
        Self {
            profile: profile.name_span(),
            place: cx.span(fact),
            brief: cx.brief(fact),
            unused: Vec::new(),
            is_deny: fact.mode == Mode::Deny,
            covers,
            removal: cx.removal(fact),
        }
    }

    fn finding(self, sink: &Sink<'_>) -> Diagnostic {
        let verb = if self.is_deny { "denied" } else { "allowed" };
        let brief = self.brief;
        let message = format!("`{brief}` adds nothing: all of it is {verb} without this rule");
        let mut finding = sink.at(self.place, message);
        let more = self.covers.len().saturating_sub(MAX_LABELS);
        for (number, place) in (0..).zip(self.covers.into_iter().take(MAX_LABELS)) {
            let text = match (number, more) {
                (0, 0) => format!("{verb} here"),
                (0, 1) => format!("{verb} here, and by one more rule"),
                (0, more) => format!("{verb} here, and by {more} more rules"),
                _ => "and here".to_owned(),
            };
            finding = finding.label(place, text);
        }
        for name in &self.unused {
            finding = finding.note(format!(
                "nothing else in this file uses `{name}`: remove its definition as well (`unused-variable`)"
            ));
        }
        finding
            .note("without this rule the kernel decides and logs every request as it does with it")
            .replace(Applicability::Safe, "remove the rule", self.removal, "")
    }
}

/// How often each variable of a file is used there, definitions left out. Only those that the file defines.
fn uses_of(file: FileId, cx: &Cx<'_>) -> FxHashMap<String, usize> {
    let text = &cx.store.sources.get(file).text;
    let length = u32::try_from(text.len()).unwrap_or(u32::MAX);
    let mut uses: FxHashMap<String, usize> = FxHashMap::default();
    let mut defined: FxHashSet<String> = FxHashSet::default();
    for (name, range) in variable_uses(text, TextRange::new(0, length)) {
        let rest = text.get(range.end as usize..).unwrap_or_default();
        if rest.trim_start().starts_with(['=', '+']) {
            defined.insert(name.to_owned());
        } else {
            *uses.entry(name.to_owned()).or_default() += 1;
        }
    }
    uses.retain(|name, _| defined.contains(name));
    uses
}

/// The variables of a rule that nothing else in its file uses.
fn last_uses(rule: Span, uses: &FxHashMap<String, usize>, cx: &Cx<'_>) -> Vec<String> {
    let text = &cx.store.sources.get(rule.file).text;
    let mut own: BTreeMap<&str, usize> = BTreeMap::new();
    for (name, _) in variable_uses(text, rule.range) {
        *own.entry(name).or_default() += 1;
    }
    let is_last = |(name, count): &(&str, usize)| uses.get(*name) == Some(count);
    let last = own.into_iter().filter(is_last);
    last.map(|(name, _)| format!("@{{{name}}}")).collect()
}

fn of_profile(
    profile: &ProfileView<'_>,
    effective: &Effective,
    shared: &SharedEntries,
    cx: &Cx<'_>,
) -> Vec<Redundant> {
    // Without the file that would have to be edited there is nothing to say.
    if effective.is_uncertain() || !cx.targets.contains_key(&profile.file) {
        return Vec::new();
    }
    let member = shared.member(effective);
    let is_container = cx.container(profile).is_some();
    let mut gone: FxHashSet<RuleId> = FxHashSet::default();
    let mut found = Vec::new();
    let fact_of = |entry: &EntryRef<'_>| entry.origin(profile, cx.summaries).map(|(_, fact)| fact);
    let rules = effective.own_rules(profile);
    #[expect(
        clippy::mutable_key_type,
        reason = "what a program remembers of itself takes no part in comparing it"
    )]
    let mut firsts: FxHashMap<Vec<Meaning<'_>>, &OwnRule<'_>> = FxHashMap::default();
    for rule in &rules {
        let fact = rule.fact(profile, cx.summaries);
        if fact.is_some_and(|fact| !cx.is_conditional(fact)) {
            firsts.entry(rule.meaning()).or_insert(rule);
        }
    }
    // From the last to the first, each without those that may go already: so all may go at once.
    for rule in rules.iter().rev() {
        if member.looked() > MAX_LOOKS {
            break;
        }
        let is_left = |other: &EntryRef<'_>| {
            other.rule() != rule.number
                && !gone.contains(&other.rule())
                && fact_of(other).is_none_or(|fact| !cx.is_conditional(fact))
        };
        let same = firsts.get(&rule.meaning());
        let same = same.filter(|first| first.number != rule.number);
        let covers = match same {
            Some(first) => Some(first.entries.iter().map(|(_, entry)| *entry).collect()),
            None => covers(rule, effective, &member, &is_left),
        };
        let Some(covers) = covers else {
            continue;
        };
        let fact = rule.fact(profile, cx.summaries);
        let Some(fact) = fact.filter(|fact| !cx.is_conditional(fact)) else {
            continue;
        };
        // `container-signals` asks for these by name.
        if is_container && matches!(fact.rule.body, Body::Signal(_)) {
            continue;
        }
        gone.insert(rule.number);
        found.push(Redundant::of(
            profile,
            fact,
            covers.iter().filter_map(fact_of),
            cx,
        ));
    }
    found.reverse();
    found
}
