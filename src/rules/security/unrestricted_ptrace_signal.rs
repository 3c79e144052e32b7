//! `unrestricted-ptrace-signal`: tracing and signals without a peer.

use crate::diagnostic::Severity;
use crate::lint::{Check, Cx, Sink};
use crate::policy::{Fact, ProfileView};
use crate::syntax::ast::{Body, Conditioned, Mode};

/// What the registry runs.
pub const CHECK: Check = Check::Profile(check);

fn check(profile: &ProfileView<'_>, cx: &Cx<'_>, sink: &mut Sink<'_>) {
    for fact in profile
        .own_facts(cx.summaries)
        .filter(|fact| fact.mode == Mode::Allow)
    {
        let finding = match &fact.rule.body {
            Body::Ptrace(rule) if may(rule, fact, cx, &["trace", "write", "w", "rw", "wr"]) => {
                let Some(who) = any_peer(rule, fact, cx) else {
                    continue;
                };
                sink.at(cx.span(fact), format!("the process may trace {who}"))
                    .note("who traces a process does whatever that process may do")
                    .help("name the profile it traces: `ptrace (trace) peer=NAME,`; reading takes `ptrace (read)`")
            }
            Body::Signal(rule) if may(rule, fact, cx, &["send", "write", "w", "rw", "wr"]) => {
                if rule
                    .conditions
                    .iter()
                    .any(|c| cx.slice(c.name.in_file(fact.file)) == "set")
                {
                    continue;
                }
                let Some(who) = any_peer(rule, fact, cx) else {
                    continue;
                };
                sink.at(
                    cx.span(fact),
                    format!("the process may send any signal to {who}"),
                )
                .severity(Severity::Info)
                .help("name the profile: `signal (send) peer=NAME,`, or the signals: `set=(term)`")
            }
            _ => continue,
        };
        sink.report(finding);
    }
}

/// Whether the rule grants one of these permissions; none named means all.
fn may(rule: &Conditioned, fact: &Fact<'_>, cx: &Cx<'_>, words: &[&str]) -> bool {
    rule.access.is_empty()
        || rule
            .access
            .iter()
            .any(|word| words.contains(&cx.slice(word.0.in_file(fact.file))))
}

/// In words, if the rule is about everybody or about the unconfined.
fn any_peer(rule: &Conditioned, fact: &Fact<'_>, cx: &Cx<'_>) -> Option<&'static str> {
    let peer = rule
        .conditions
        .iter()
        .find(|c| cx.slice(c.name.in_file(fact.file)) == "peer");
    match peer.and_then(|peer| peer.values.first()) {
        None => Some("any process"),
        Some(value) => match cx.value(fact.file, *value).as_str() {
            "**" | "*" => Some("any process"),
            "unconfined" => Some("every unconfined process"),
            _ => None,
        },
    }
}
