//! `broad-network`: every family, or raw sockets.

use crate::diagnostic::{Claim, Level};
use crate::lint::{Check, Cx, EveryFile, Sink};
use crate::policy::ProfileView;
use crate::syntax::ast::{Body, Mode};

/// What the registry runs.
pub const CHECK: Check = Check::Profile(check);

fn check(profile: &ProfileView<'_>, cx: &Cx<'_>, sink: &mut Sink<'_>) {
    let every_file = EveryFile::new(profile, cx);
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
        let place = cx.span(fact);
        let finding = match words.as_slice() {
            [] if !has_conditions => sink
                .at(place, "this rule allows sockets of every family")
                .claims(all(profile, cx))
                .note("few programs need more than `inet` and `inet6` streams and datagrams")
                .help("name the family and the type: `network inet stream,`"),
            // A netlink socket is always raw or dgram.
            ["raw" | "packet" | "icmp"] | ["inet" | "inet6", "raw" | "icmp"] | ["packet", ..] => {
                // Without the capability the kernel refuses such sockets, whatever the rule says.
                let Some(capability) = cx.allowed(profile, "capability net_raw") else {
                    continue;
                };
                let claim = words
                    .split_first()
                    .and_then(|(first, rest)| cx.claim(profile, &words_of(first, rest)));
                let finding = sink
                    .at(place, "this rule allows raw or packet sockets, and the profile allows CAP_NET_RAW")
                    .claims(claim)
                    .claims([capability])
                    .note("such sockets read and forge network packets of other programs")
                    .help("remove the rule or `capability net_raw,` unless the program sends packets of its own making");
                match words.len() {
                    1 => finding,
                    _ => finding.level(Level::Pedantic),
                }
            }
            [family @ ("alg" | "vsock"), rest @ ..] => {
                let finding = sink
                    .at(place, format!("this rule allows sockets of the family `{family}`"))
                    .claims(cx.claim(profile, &words_of(family, rest)))
                    .note("few programs need this family, and its code in the kernel has had security holes")
                    .help("remove the rule if the program does not need it");
                match rest {
                    [] => finding,
                    _ => finding.level(Level::Pedantic),
                }
            }
            _ => continue,
        };
        sink.report(every_file.include(finding, fact));
    }
}

/// The rule as a request.
fn words_of(family: &str, rest: &[&str]) -> String {
    let words = std::iter::once(family).chain(rest.iter().copied());
    format!("network {}", words.collect::<Vec<_>>().join(" "))
}

/// That every family is allowed, or one that few programs need: deny rules can take some away.
fn all(profile: &ProfileView<'_>, cx: &Cx<'_>) -> Option<Claim> {
    let requests = ["network", "network netlink raw", "network bluetooth stream"];
    let mut requests = requests.iter();
    requests.find_map(|request| cx.allowed(profile, request))
}
