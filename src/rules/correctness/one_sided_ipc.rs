//! `one-sided-ipc`: signals and traces that the other profile does not accept.

use std::collections::BTreeMap;

use rustc_hash::FxHashMap;

use crate::access::{Class, Effective, EntryRef};
use crate::analysis::{PEER_OPERATIONS, PeerCheck, PeerDenial, PeerOperation, PeerProfile};
use crate::glob::{alternatives, literal};
use crate::lang::mediation::Mediation;
use crate::lang::signal::SIGNALS;
use crate::lint::{Check, Cx, Sink, listed};
use crate::policy::{Fact, ProfileView};
use crate::source::Span;
use crate::syntax::ast::{Body, Mode};

/// What the registry runs.
pub const CHECK: Check = Check::Policy(check);

/// Most peers of one rule that are looked at.
const MAX_PEERS: usize = 16;
/// Most rules about one class that a profile may have to be looked at.
const MAX_RULES: usize = 500;
/// Most signals that are named.
const MAX_NAMED: usize = 3;

/// Profiles by name.
type Profiles<'c> = FxHashMap<&'c str, Vec<&'c ProfileView<'c>>>;

fn check(cx: &Cx<'_>, sink: &mut Sink<'_>) {
    let mut all = Profiles::default();
    for profile in cx.units.iter().flat_map(|unit| &unit.profiles) {
        all.entry(&profile.full_name).or_default().push(profile);
    }
    // A rule of a file that several profiles include is told of the first.
    let mut told: FxHashMap<Span, &str> = FxHashMap::default();
    for profile in cx.units.iter().flat_map(|unit| &unit.profiles) {
        for operation in &PEER_OPERATIONS {
            of_profile(profile, operation, (&all, &mut told), cx, sink);
        }
    }
}

fn of_profile<'c>(
    profile: &'c ProfileView<'c>,
    operation: &PeerOperation,
    (all, told): (&Profiles<'c>, &mut FxHashMap<Span, &'c str>),
    cx: &Cx<'c>,
    sink: &mut Sink<'_>,
) {
    let effective = cx.effective(profile);
    let is_huge =
        |effective: &Effective| effective.entries(operation.class).nth(MAX_RULES).is_some();
    if is_huge(&effective) {
        return;
    }
    let mut by_peer: BTreeMap<String, Vec<(EntryRef<'_>, &Fact<'_>)>> = BTreeMap::new();
    for entry in effective.own_entries(profile, operation.class) {
        if entry.entry.effect == Mode::Allow
            && entry.entry.mask & operation.done.0 != 0
            && let Some((_, fact)) = entry.origin(profile, cx.summaries)
        {
            for peer in peers(profile, fact, cx) {
                by_peer.entry(peer).or_default().push((entry, fact));
            }
        }
    }
    for (peer, rules) in &by_peer {
        // Of two with one name nobody knows which is loaded.
        let Some([other]) = all.get(peer.as_str()).map(Vec::as_slice) else {
            continue;
        };
        if *peer == profile.full_name || !denies(other, operation, cx) {
            continue;
        }
        let theirs = cx.effective(other);
        if is_huge(&theirs) {
            continue;
        }
        let [mine, theirs] = [(&*effective, &profile.full_name), (&*theirs, peer)]
            .map(|(effective, label)| PeerProfile { effective, label });
        let mut check = PeerCheck::new(operation, mine, theirs);
        for (entry, fact) in rules {
            if let Some(denial) = check.denial(entry)
                && *told.entry(cx.span(fact)).or_insert(&profile.full_name) == profile.full_name
            {
                report((profile, fact), other, operation, &denial, cx, sink);
            }
        }
    }
}

/// Whether a profile refuses what it does not allow, and all that it allows is known.
fn denies(other: &ProfileView<'_>, operation: &PeerOperation, cx: &Cx<'_>) -> bool {
    let source = cx.store.sources.get(other.file);
    !cx.is_open(other)
        && !other.flags(&source.text).contains(&"complain")
        && !matches!(
            cx.enforcement(other).of(operation.kind),
            Mediation::NotEnforced(_)
        )
        && !cx
            .effective(other)
            .may_allow_more(operation.class, other, cx.summaries)
}

/// The labels that a rule names without a pattern.
fn peers(profile: &ProfileView<'_>, fact: &Fact<'_>, cx: &Cx<'_>) -> Vec<String> {
    let (Body::Signal(rule) | Body::Ptrace(rule)) = &fact.rule.body else {
        return Vec::new();
    };
    let mut conditions = rule.conditions.iter();
    let peer = conditions.find(|one| cx.slice(one.name.in_file(fact.file)) == "peer");
    let label = peer.and_then(|condition| condition.values.first());
    let text = label.and_then(|word| cx.expand(profile, fact, *word));
    let all = text.and_then(|text| alternatives(&text, MAX_PEERS));
    let all = all.unwrap_or_default();
    all.iter().filter_map(|one| literal(one)).collect()
}

fn report(
    (profile, fact): (&ProfileView<'_>, &Fact<'_>),
    other: &ProfileView<'_>,
    operation: &PeerOperation,
    denial: &PeerDenial,
    cx: &Cx<'_>,
    sink: &mut Sink<'_>,
) {
    let (mine, peer) = (&profile.full_name, &other.full_name);
    let word = |number: &u8| SIGNALS.iter().find(|(_, of)| of == number);
    let words = denial.signals.iter().filter_map(word);
    let words: Vec<String> = words.map(|(word, _)| (*word).to_owned()).collect();
    let (what, set) = match operation.class {
        Class::Signal if denial.is_any => ("send signals to".to_owned(), String::new()),
        Class::Signal => (
            format!("send {} to", listed(&words, MAX_NAMED)),
            format!(" set=({})", words.join(" ")),
        ),
        _ => (operation.done.1.to_owned(), String::new()),
    };
    let class = operation.class.name();
    let needed = format!("{class} {}{set} peer={mine}", operation.accepted.1);
    let theirs = cx.effective(other);
    let signal = denial.signals.first().copied().unwrap_or_default();
    let request = operation.request(signal, mine);
    let done = operation.request(signal, peer);
    let claims = [
        cx.claims_of(profile, operation.class, &done, operation.done.0),
        cx.claims_of(other, operation.class, &request, operation.accepted.0),
    ];
    let matching = theirs.matching(operation.class, &request);
    let deny = matching.iter().find(|found| {
        found.entry.effect == Mode::Deny && found.entry.mask & operation.accepted.0 != 0
    });
    let finding = sink
        .at(
            cx.span(fact),
            format!("`{mine}` may {what} `{peer}`, and `{peer}` does not allow it"),
        )
        .claims(claims.concat())
        .note("the kernel asks both profiles, and both must allow it");
    sink.report(
        match deny.and_then(|deny| deny.origin(other, cx.summaries)) {
            Some((_, deny)) => finding
                .label(cx.span(deny), "denied here; deny always wins")
                .help("remove this rule, or narrow the deny rule"),
            None => finding
                .label(other.name_span(), format!("has no rule `{needed}`"))
                .help(format!("add `{needed},` to `{peer}`, or remove this rule")),
        },
    );
}
