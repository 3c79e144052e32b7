//! `state-explosion`: patterns whose automaton grows beyond all bounds.

use rustc_hash::FxHashMap;

use crate::access::{Class, EntryRef};
use crate::glob::{Program, deterministic_size};
use crate::lint::{Check, Cx, Sink};
use crate::policy::ProfileView;

/// What the registry runs.
pub const CHECK: Check = Check::Profile(check);

/// Most states that the patterns of one profile may need, taken alone and together.
const MOST_STATES: usize = 10_000;
/// States that are many where finding out more takes too long.
const MANY_STATES: usize = 2_000;
/// Most patterns that are measured by themselves, and most places with many patterns.
const MOST_MEASURED: usize = 8;
/// Wildcards behind a search, or searches in one place, that can double the states so often and stay
/// below [`MOST_STATES`].
const FEW: usize = 13;

fn check(profile: &ProfileView<'_>, cx: &Cx<'_>, sink: &mut Sink<'_>) {
    let effective = cx.effective(profile);
    // Searches by where they begin.
    let mut searches: FxHashMap<&[Vec<u8>], Vec<EntryRef<'_>>> = FxHashMap::default();
    let mut measured = 0;
    for entry in effective.own_entries(profile, Class::File) {
        let program = &entry.entry.program;
        let Some(wildcards) = program.wildcards_behind_search() else {
            continue;
        };
        if wildcards > FEW && measured < MOST_MEASURED {
            measured += 1;
            if let Err(size) = deterministic_size(&[program], MOST_STATES)
                && size >= MANY_STATES
            {
                report(&entry, (1, size), profile, cx, sink);
                continue;
            }
        }
        if !program.searches_directories() {
            continue;
        }
        let of_place = searches.entry(program.beginnings()).or_default();
        if !of_place.iter().any(|known| known.entry.program == *program) {
            of_place.push(entry);
        }
    }
    let mut many: Vec<_> = searches
        .into_values()
        .filter(|all| all.len() > FEW)
        .collect();
    many.sort_by_key(|all| all.first().map(EntryRef::rule));
    for entries in many.iter().take(MOST_MEASURED) {
        let programs: Vec<&Program> = entries.iter().map(|entry| &*entry.entry.program).collect();
        if let Err(size) = deterministic_size(&programs, MOST_STATES)
            && size >= MANY_STATES
            && let Some(last) = entries.last()
        {
            report(last, (entries.len(), size), profile, cx, sink);
        }
    }
}

fn report(
    entry: &EntryRef<'_>,
    (count, size): (usize, usize),
    profile: &ProfileView<'_>,
    cx: &Cx<'_>,
    sink: &mut Sink<'_>,
) {
    let Some((_, fact)) = entry.origin(profile, cx.digests) else {
        return;
    };
    let brief = cx.brief(fact);
    let message = if count == 1 {
        format!(
            "the pattern of `{brief}` needs more than {} states",
            size - 1
        )
    } else {
        format!(
            "{count} patterns that search in the same place need more than {} states together, this one among them",
            size - 1
        )
    };
    let finding = sink
        .at(cx.span(fact), message)
        .note("the parser turns all rules of a profile into one automaton: loading takes long, or runs out of memory")
        .help("name the directories instead of `**` in front of a text, or use fewer wildcards behind it");
    sink.report(finding);
}
