//! `broad-network`: every family, or raw sockets.

use crate::lint::{Check, Cx, Sink};
use crate::policy::ProfileView;
use crate::syntax::ast::{Body, Mode};

/// What the registry runs.
pub const CHECK: Check = Check::Profile(check);

fn check(profile: &ProfileView<'_>, cx: &Cx<'_>, sink: &mut Sink<'_>) {
    for fact in profile
        .own_facts(cx.summaries)
        .filter(|fact| fact.mode == Mode::Allow)
    {
        let Body::Network(rule) = &fact.rule.body else {
            continue;
        };
        let words: Vec<&str> = rule
            .operands
            .iter()
            .map(|word| cx.slice(word.0.in_file(fact.file)))
            .collect();
        let has_conditions = !rule.conditions.is_empty() || rule.peer.is_some();
        let finding = match words.as_slice() {
            [] if !has_conditions => sink
                .at(cx.span(fact), "sockets of every family are granted")
                .note("few programs need more than inet and inet6 streams and datagrams"),
            // A netlink socket is always raw or dgram.
            ["raw" | "packet" | "icmp"] | ["inet" | "inet6", "raw" | "icmp"] | ["packet", ..] => sink
                .at(cx.span(fact), "raw or packet sockets are granted")
                .note("they read and forge packets of other programs, if the process has CAP_NET_RAW"),
            ["alg" | "vsock", ..] => sink
                .at(cx.span(fact), format!("sockets of the family `{}` are granted", words.first().unwrap_or(&"")))
                .note("few programs need it, and it opens much of the kernel"),
            _ => continue,
        };
        let finding = finding.help("name the family and the type: `network inet stream,`");
        sink.report(finding);
    }
}
