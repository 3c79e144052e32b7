//! `one-sided-ipc`: signals and traces that the other profile does not accept.

use rustc_hash::FxHashMap;

use crate::access::{Class, EXCHANGES, Exchange, Refusal, Side};
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
const MOST_PEERS: usize = 16;
/// Most signals that are named.
const MOST_NAMED: usize = 3;

fn check(cx: &Cx<'_>, sink: &mut Sink<'_>) {
    let all = || cx.units.iter().flat_map(|unit| &unit.profiles);
    let mut by_name: FxHashMap<&str, Vec<&ProfileView<'_>>> = FxHashMap::default();
    for profile in all() {
        by_name.entry(&profile.full_name).or_default().push(profile);
    }
    // A rule of a file that several profiles include is told of the first.
    let mut told: FxHashMap<Span, &str> = FxHashMap::default();
    for profile in all() {
        let facts = profile.own_facts(cx.digests);
        for fact in facts.filter(|fact| fact.mode == Mode::Allow) {
            for peer in peers(profile, fact, cx) {
                // Of two with one name nobody knows which is loaded.
                if let Some([other]) = by_name.get(peer.as_str()).map(Vec::as_slice)
                    && peer != profile.full_name
                    && *told.entry(cx.span(fact)).or_insert(&profile.full_name) == profile.full_name
                {
                    compare(profile, fact, other, cx, sink);
                }
            }
        }
    }
}

/// The labels that a rule names in so many words.
fn peers(profile: &ProfileView<'_>, fact: &Fact<'_>, cx: &Cx<'_>) -> Vec<String> {
    let (Body::Signal(rule) | Body::Ptrace(rule)) = &fact.rule.body else {
        return Vec::new();
    };
    let mut conditions = rule.conditions.iter();
    let peer = conditions.find(|one| cx.slice(one.name.in_file(fact.file)) == "peer");
    let label = peer.and_then(|condition| condition.values.first());
    let text = label.and_then(|word| cx.expand(profile, fact, *word));
    let all = text.and_then(|text| alternatives(&text, MOST_PEERS));
    let all = all.unwrap_or_default();
    all.iter().filter_map(|one| literal(one)).collect()
}

fn compare(
    profile: &ProfileView<'_>,
    fact: &Fact<'_>,
    other: &ProfileView<'_>,
    cx: &Cx<'_>,
    sink: &mut Sink<'_>,
) {
    let source = cx.store.sources.get(other.file);
    if cx.is_open(other) || other.flags(&source.text).contains(&"complain") {
        return;
    }
    let (mine, theirs) = (cx.effective(profile), cx.effective(other));
    let [mine, theirs] = [(&*mine, profile), (&*theirs, other)].map(|(effective, profile)| Side {
        effective,
        label: &profile.full_name,
    });
    for exchange in &EXCHANGES {
        let entries = mine.effective.own_entries(profile, exchange.class);
        let mut entries = entries.filter(|found| {
            let origin = found.origin(profile, cx.digests);
            found.entry.mask & exchange.done.0 != 0
                && origin.is_some_and(|(_, of)| cx.span(of) == cx.span(fact))
        });
        let refusal = entries.find_map(|entry| exchange.refusal(mine, &entry, theirs));
        if let Some(refusal) = refusal
            && !theirs
                .effective
                .may_allow_more(exchange.class, other, cx.digests)
            && !matches!(
                cx.enforcement(other).of(exchange.kind),
                Mediation::NotEnforced(_)
            )
        {
            report((profile, fact), other, exchange, &refusal, cx, sink);
        }
    }
}

fn report(
    (profile, fact): (&ProfileView<'_>, &Fact<'_>),
    other: &ProfileView<'_>,
    exchange: &Exchange,
    refusal: &Refusal,
    cx: &Cx<'_>,
    sink: &mut Sink<'_>,
) {
    let (mine, peer) = (&profile.full_name, &other.full_name);
    let word = |number: &u8| SIGNALS.iter().find(|(_, of)| of == number);
    let words = refusal.signals.iter().filter_map(word);
    let words: Vec<String> = words.map(|(word, _)| (*word).to_owned()).collect();
    let (what, set) = match exchange.class {
        Class::Signal if refusal.is_any => ("send signals to".to_owned(), String::new()),
        Class::Signal => (
            format!("send {} to", listed(&words, MOST_NAMED)),
            format!(" set=({})", words.join(" ")),
        ),
        _ => (exchange.done.1.to_owned(), String::new()),
    };
    let class = exchange.class.name();
    let needed = format!("{class} {}{set} peer={mine}", exchange.accepted.1);
    let theirs = cx.effective(other);
    let matching = theirs.matching(exchange.class, &refusal.request);
    let deny = matching.iter().find(|found| {
        found.entry.effect == Mode::Deny && found.entry.mask & exchange.accepted.0 != 0
    });
    let finding = sink
        .at(
            cx.span(fact),
            format!("`{mine}` may {what} `{peer}`, which does not accept it"),
        )
        .note("both sides must allow it");
    sink.report(match deny.and_then(|deny| deny.origin(other, cx.digests)) {
        Some((_, deny)) => finding
            .label(cx.span(deny), "denied here; deny always wins")
            .help("remove this rule, or narrow the deny rule"),
        None => finding
            .label(other.name_span(), format!("has no rule `{needed}`"))
            .help(format!("add `{needed},` to `{peer}`, or remove this rule")),
    });
}
