//! `state-explosion`: patterns whose automaton grows beyond all bounds.

use rustc_hash::FxHashMap;

use crate::access::{Class, EntryRef};
use crate::glob::{Nfa, is_larger};
use crate::lint::{Check, Cx, Sink};
use crate::policy::ProfileView;

/// What the registry runs.
pub const CHECK: Check = Check::Profile(check);

/// Most states that patterns of a profile may need, alone or together. With 30,000 apparmor_parser
/// 3.0.8 takes one to seven seconds, with four times as many longer than a minute.
const MAX_STATES: usize = 20_000;
/// Most steps that may be spent on finding that out for one profile.
const MAX_STEPS: u64 = 10_000_000;
/// Wildcards behind a search with which there cannot be as many states: each can double them.
const FEW_WILDCARDS: usize = 13;
/// The same for patterns of [two stages](Nfa::has_stages) in one place: each can treble them.
const FEW_STAGED: usize = 7;
/// Most patterns that are measured together.
const MAX_TOGETHER: usize = 64;

fn check(profile: &ProfileView<'_>, cx: &Cx<'_>, sink: &mut Sink<'_>) {
    let effective = cx.effective(profile);
    let mut steps = MAX_STEPS;
    // Patterns of two stages by where they begin, in the order of the first of each.
    let mut places: FxHashMap<&[Vec<u8>], usize> = FxHashMap::default();
    let mut staged: Vec<Vec<EntryRef<'_>>> = Vec::new();
    for entry in effective.own_entries(profile, Class::File) {
        let nfa = &entry.entry.nfa;
        let Some(wildcards) = nfa.wildcards_behind_search() else {
            continue;
        };
        if wildcards > FEW_WILDCARDS && is_larger(&[nfa], MAX_STATES, &mut steps) == Some(true) {
            report(&[entry], profile, cx, sink);
        } else if nfa.has_stages() {
            let place = *places.entry(nfa.prefixes()).or_insert(staged.len());
            match staged.get_mut(place) {
                Some(all) if all.len() >= MAX_TOGETHER || is_among(nfa, all) => {}
                Some(all) => all.push(entry),
                None => staged.push(vec![entry]),
            }
        }
    }
    for entries in staged.iter().filter(|all| all.len() > FEW_STAGED) {
        let nfas: Vec<&Nfa> = entries.iter().map(|entry| &*entry.entry.nfa).collect();
        if is_larger(&nfas, MAX_STATES, &mut steps) == Some(true) {
            report(entries, profile, cx, sink);
        }
    }
}

fn is_among(nfa: &Nfa, all: &[EntryRef<'_>]) -> bool {
    all.iter().any(|known| *known.entry.nfa == *nfa)
}

fn report(entries: &[EntryRef<'_>], profile: &ProfileView<'_>, cx: &Cx<'_>, sink: &mut Sink<'_>) {
    let origin = |entry: &EntryRef<'_>| entry.origin(profile, cx.summaries).map(|(_, fact)| fact);
    let [first, .., last] = entries else {
        if let Some(fact) = entries.first().and_then(origin) {
            let finding = sink.at(
                cx.span(fact),
                format!(
                    "the pattern of `{}` needs more than {MAX_STATES} states",
                    cx.brief(fact)
                ),
            );
            sink.report(
                finding
                    .note("each wildcard after `**` can double the states, so loading the profile takes minutes or runs out of memory")
                    .help("name the directories in place of `**`, or use fewer wildcards after it"),
            );
        }
        return;
    };
    if let (Some(first), Some(last)) = (origin(first), origin(last)) {
        let count = entries.len();
        let finding = sink
            .at(
                cx.span(last),
                format!("{count} patterns with `**` in front of two texts need more than {MAX_STATES} states together"),
            )
            .label(cx.span(first), "the first of these patterns");
        sink.report(
            finding
                .note("the states of these patterns multiply, so loading the profile takes minutes or runs out of memory")
                .help("name the directories in place of the first `**`"),
        );
    }
}
