//! `unrestricted-ptrace-signal`: tracing and signals without a peer.

use crate::diagnostic::Severity;
use crate::lint::{Check, Cx, EveryFile, Sink};
use crate::policy::{Fact, ProfileView};
use crate::syntax::ast::{Body, Conditioned, Mode};

/// What the registry runs.
pub const CHECK: Check = Check::Profile(check);

fn check(profile: &ProfileView<'_>, cx: &Cx<'_>, sink: &mut Sink<'_>) {
    let every_file = EveryFile::new(profile, cx);
    for fact in profile
        .own_facts(cx.summaries)
        .filter(|fact| fact.mode == Mode::Allow)
    {
        let (asked, rule) = match &fact.rule.body {
            Body::Ptrace(rule) if may(rule, fact, cx, &["trace", "write", "w", "rw", "wr"]) => {
                ("ptrace (trace)", rule)
            }
            Body::Signal(rule)
                if may(rule, fact, cx, &["send", "write", "w", "rw", "wr"])
                    && !has_condition(rule, "set", fact, cx) =>
            {
                ("signal (send)", rule)
            }
            _ => continue,
        };
        let Some((who, peers)) = any_peer(rule, fact, cx) else {
            continue;
        };
        // Other rules may take it away again, from all peers or from some.
        let mut peers = peers.iter();
        let claim = peers.find_map(|peer| cx.allowed(profile, &format!("{asked} peer={peer}")));
        let Some(claim) = claim else {
            continue;
        };
        let finding = if asked.starts_with("ptrace") {
            sink.at(cx.span(fact), format!("this rule lets the process trace {who}"))
                .note("a process that traces another one controls it, as far as the kernel's own checks let it")
                .help("name the profile that it traces: `ptrace (trace) peer=NAME,`; to read processes, `ptrace (read)` is enough")
        } else {
            sink.at(
                cx.span(fact),
                format!("this rule lets the process send any signal to {who}"),
            )
            .severity(Severity::Info)
            .help("name the profile: `signal (send) peer=NAME,`, or the signals: `set=(term)`")
        };
        sink.report(every_file.include(finding.claims([claim]), fact));
    }
}

fn has_condition(rule: &Conditioned, name: &str, fact: &Fact<'_>, cx: &Cx<'_>) -> bool {
    let mut conditions = rule.conditions.iter();
    conditions.any(|c| cx.slice(c.name.in_file(fact.file)) == name)
}

/// Whether the rule grants one of these permissions; none named means all.
fn may(rule: &Conditioned, fact: &Fact<'_>, cx: &Cx<'_>, words: &[&str]) -> bool {
    rule.access.is_empty()
        || rule
            .access
            .iter()
            .any(|word| words.contains(&cx.slice(word.0.in_file(fact.file))))
}

/// Who is meant, in words, and peers among them, if the rule is about every process or about the unconfined.
fn any_peer(
    rule: &Conditioned,
    fact: &Fact<'_>,
    cx: &Cx<'_>,
) -> Option<(&'static str, &'static [&'static str])> {
    const ANY: (&str, &[&str]) = ("any process", &["unconfined", "zeta"]);
    let peer = rule
        .conditions
        .iter()
        .find(|c| cx.slice(c.name.in_file(fact.file)) == "peer");
    match peer.and_then(|peer| peer.values.first()) {
        None => Some(ANY),
        Some(value) => match cx.value(fact.file, *value).as_str() {
            "**" | "*" => Some(ANY),
            "unconfined" => Some(("every unconfined process", &["unconfined"])),
            _ => None,
        },
    }
}
