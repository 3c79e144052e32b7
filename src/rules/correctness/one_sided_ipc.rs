//! `one-sided-ipc`: signals and traces that the other profile does not accept.

use std::sync::Arc;

use rustc_hash::FxHashMap;

use crate::access::perms::{ptrace, signal};
use crate::access::{Class, Effective};
use crate::glob::{Among, Builder, ByteSet, Program, alternatives, literal};
use crate::lint::{Check, Cx, Sink};
use crate::policy::{Fact, ProfileView};
use crate::syntax::ast::{Body, Conditioned, Mode};

/// What the registry runs.
pub const CHECK: Check = Check::Policy(check);

/// Most peers of one rule that are looked at.
const MOST_PEERS: usize = 16;

/// What one side does, its word, what the other must allow, and the word for that.
const PAIRS: &[(Class, u32, &str, u32, &str)] = &[
    (
        Class::Signal,
        signal::SEND,
        "send",
        signal::RECEIVE,
        "signal (receive)",
    ),
    (
        Class::Ptrace,
        ptrace::TRACE,
        "trace",
        ptrace::TRACED_BY,
        "ptrace (tracedby)",
    ),
    (
        Class::Ptrace,
        ptrace::READ,
        "read",
        ptrace::READ_BY,
        "ptrace (readby)",
    ),
];

fn check(cx: &Cx<'_>, sink: &mut Sink<'_>) {
    let mut by_name: FxHashMap<&str, Vec<&ProfileView<'_>>> = FxHashMap::default();
    for profile in cx.units.iter().flat_map(|unit| &unit.profiles) {
        by_name.entry(&profile.full_name).or_default().push(profile);
    }
    for profile in cx.units.iter().flat_map(|unit| &unit.profiles) {
        for fact in profile
            .own_facts(cx.digests)
            .filter(|fact| fact.mode == Mode::Allow)
        {
            let (class, rule) = match &fact.rule.body {
                Body::Signal(rule) => (Class::Signal, rule),
                Body::Ptrace(rule) => (Class::Ptrace, rule),
                _ => continue,
            };
            for peer in peers(profile, fact, rule, cx) {
                // Of two with one name nobody knows which is loaded.
                if let Some([other]) = by_name.get(peer.as_str()).map(Vec::as_slice)
                    && peer != profile.full_name
                {
                    compare(profile, fact, class, other, cx, sink);
                }
            }
        }
    }
}

/// The labels that a rule names in so many words.
fn peers(
    profile: &ProfileView<'_>,
    fact: &Fact<'_>,
    rule: &Conditioned,
    cx: &Cx<'_>,
) -> Vec<String> {
    let is_peer = |name| cx.slice(name) == "peer";
    let condition = rule
        .conditions
        .iter()
        .find(|one| is_peer(one.name.in_file(fact.file)));
    let label = condition.and_then(|condition| condition.values.first());
    let text = label.and_then(|word| cx.expand(profile, fact, *word));
    let all = text
        .and_then(|text| alternatives(&text, MOST_PEERS))
        .unwrap_or_default();
    all.iter().filter_map(|one| literal(one)).collect()
}

fn compare(
    profile: &ProfileView<'_>,
    fact: &Fact<'_>,
    class: Class,
    other: &ProfileView<'_>,
    cx: &Cx<'_>,
    sink: &mut Sink<'_>,
) {
    let source = cx.store.sources.get(other.file);
    let flags = other.flags(&source.text);
    if cx.is_open(other) || flags.contains(&"complain") {
        return;
    }
    let mine = cx.effective(profile);
    let theirs = cx.effective(other);
    if theirs.is_uncertain() {
        return;
    }
    for (of, bit, verb, needed, word) in PAIRS {
        if *of != class || !allows(&mine, class, *bit, fact, profile, cx) {
            continue;
        }
        if is_accepted(&theirs, class, *needed, &profile.full_name) {
            continue;
        }
        let what = match class {
            Class::Signal => format!(
                "signals that `{}` may {verb} to `{}` are refused there",
                profile.full_name, other.full_name
            ),
            _ => format!(
                "`{}` may {verb} `{}`, which does not accept it",
                profile.full_name, other.full_name
            ),
        };
        let finding = sink
            .at(cx.span(fact), what)
            .label(
                other.name_span(),
                format!("has no rule `{word} peer={}`", profile.full_name),
            )
            .note("both sides must allow it")
            .help(format!(
                "add `{word} peer={},` to `{}`, or remove this rule",
                profile.full_name, other.full_name
            ));
        sink.report(finding);
    }
}

/// Whether a rule is about a permission.
fn allows(
    effective: &Arc<Effective>,
    class: Class,
    bit: u32,
    fact: &Fact<'_>,
    profile: &ProfileView<'_>,
    cx: &Cx<'_>,
) -> bool {
    effective.own_entries(profile, class).any(|found| {
        let origin = found.origin(profile, cx.digests);
        found.entry.mask & bit != 0 && origin.is_some_and(|(_, of)| cx.span(of) == cx.span(fact))
    })
}

/// Whether a profile allows anything of the kind to do with `label`.
fn is_accepted(effective: &Effective, class: Class, bit: u32, label: &str) -> bool {
    let mut builder = Builder::default();
    if class == Class::Signal {
        builder.one_of(ByteSet::ALL);
    }
    builder.bytes(label.as_bytes());
    let Ok(program): Result<Program, _> = builder.finish() else {
        return true;
    };
    let found = effective.find(class, &[&program], Among::Bytes, |verdict, _| {
        verdict.allow & bit != 0
    });
    !matches!(found, Ok(None))
}
