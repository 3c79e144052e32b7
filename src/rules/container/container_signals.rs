//! `container-signals`: whether a container can be stopped.

use crate::glob::Nfa;
use crate::lint::{Check, Cx, Sink};
use crate::policy::{Fact, ProfileView};
use crate::syntax::ast::{Body, Mode};

/// What the registry runs.
pub const CHECK: Check = Check::Profile(check);

/// Labels that runtimes send signals from, by version and distribution.
const SENDERS: &[&str] = &[
    "unconfined",
    "runc",
    "crun",
    "docker",
    "dockerd",
    "containerd",
    "podman",
    "crio",
];

fn check(profile: &ProfileView<'_>, cx: &Cx<'_>, sink: &mut Sink<'_>) {
    let source = cx.store.sources.get(profile.file);
    let is_open = profile
        .flags(&source.text)
        .iter()
        .any(|flag| matches!(*flag, "unconfined" | "default_allow" | "complain"));
    if cx.container(profile).is_none() || profile.unknown.is_some() || is_open {
        return;
    }
    let receives = cx
        .facts(profile)
        .any(|(_, fact)| fact.mode != Mode::Deny && grants(fact, profile, cx));
    if !receives {
        let finding = sink
            .at(profile.name_span(), format!("`{}` can receive no signal from outside", profile.full_name))
            .note("`docker stop` and `docker rm -f` answer \"permission denied\" until the profile is removed")
            .help("add `signal (receive) peer=unconfined,`, and the runtime's own profile where it has one (`peer=runc`, `peer=crun`)");
        sink.report(finding);
    }
}

fn grants(fact: &Fact<'_>, profile: &ProfileView<'_>, cx: &Cx<'_>) -> bool {
    let rule = match &fact.rule.body {
        Body::All => return true,
        Body::Signal(rule) => rule,
        _ => return false,
    };
    let may_receive = rule.access.is_empty()
        || rule.access.iter().any(|word| {
            matches!(
                cx.slice(word.0.in_file(fact.file)),
                "receive" | "read" | "r" | "rw" | "wr"
            )
        });
    let condition = |name: &str| {
        rule.conditions
            .iter()
            .find(|c| cx.slice(c.name.in_file(fact.file)) == name)
    };
    let has_kill = condition("set").is_none_or(|set| {
        set.values
            .iter()
            .any(|value| matches!(cx.value(fact.file, *value).as_str(), "kill" | "term"))
    });
    let from_outside = match condition("peer").and_then(|peer| peer.values.first()) {
        None => true,
        Some(peer) => cx.expand(profile, fact, *peer).is_none_or(|peer| {
            Nfa::path(&peer).ok().is_none_or(|pattern| {
                SENDERS
                    .iter()
                    .any(|sender| pattern.matches(sender.as_bytes()))
            })
        }),
    };
    may_receive && has_kill && from_outside
}
