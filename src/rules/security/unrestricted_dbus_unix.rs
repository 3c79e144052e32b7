//! `unrestricted-dbus-unix`: messages to anybody, and sockets of anybody.

use crate::access::perms::{dbus, socket};
use crate::access::{Class, Effective, EntryRef};
use crate::diagnostic::{Claim, Diagnostic, Severity};
use crate::lint::{Check, Cx, Sink};
use crate::policy::{ProfileView, RuleId};
use crate::source::Span;
use crate::syntax::ast::{Body, Mode};

/// What the registry runs.
pub const CHECK: Check = Check::Profile(check);

/// Gives the claims that a string of a class is decided as it is, with these bits.
type Claimed<'c> = &'c dyn Fn(Class, &[u8], u32) -> Vec<Claim>;

/// A name that no rule means: what matches it matches every name.
const STRANGER: &str = "org.zeta.Site";

/// Labels that no rule means: `*` matches the first one, and not that of a profile named by a path.
const LABELS: [&str; 2] = ["zeta", "/zeta/site"];

fn check(profile: &ProfileView<'_>, cx: &Cx<'_>, sink: &mut Sink<'_>) {
    let effective = cx.effective(profile);
    let claimed = |class: Class, text: &[u8], bits: u32| cx.claims_of(profile, class, text, bits);
    let mut told: Vec<RuleId> = Vec::new();
    for class in [Class::Dbus, Class::Unix] {
        for entry in effective.own_entries(profile, class) {
            if entry.entry.effect != Mode::Allow || told.contains(&entry.rule()) {
                continue;
            }
            let origin = entry.origin(profile, cx.summaries);
            // `allow-all` reports `all,`, and `broad-network` reports `network,`.
            let is_told = |body: &Body| matches!(body, Body::All | Body::Network(_));
            let Some((_, fact)) = origin.filter(|(_, fact)| !is_told(&fact.rule.body)) else {
                continue;
            };
            let place = cx.span(fact);
            let finding = match class {
                Class::Dbus => of_bus(entry, &effective, place, &claimed, sink),
                _ => of_socket(entry, &effective, place, &claimed, sink),
            };
            let Some(finding) = finding else { continue };
            if effective.may_deny_more(class, profile, cx.summaries) {
                return;
            }
            told.push(entry.rule());
            sink.report(finding);
        }
    }
}

/// Whether the entry allows it, and nothing denies it.
fn allows(
    entry: EntryRef<'_>,
    effective: &Effective,
    class: Class,
    text: &[u8],
    bits: u32,
) -> bool {
    entry.entry.mask & bits != 0
        && entry.entry.nfa.matches(text)
        && effective.decide(class, text).allow & bits & entry.entry.mask != 0
}

/// Whose services are reached, if not everybody's: of the labels some.
const fn whose(reached: usize) -> &'static str {
    if reached == LABELS.len() {
        ""
    } else {
        " except those under a profile named by a path"
    }
}

/// A message to a service that no rule means, under this label.
fn message(bus: &str, label: &str) -> Vec<u8> {
    // Bus, name, label, path, interface and member.
    let parts = [
        bus,
        STRANGER,
        label,
        "/zeta/site/object",
        STRANGER,
        "Publish",
    ];
    parts.join("\0").into_bytes()
}

fn of_bus(
    entry: EntryRef<'_>,
    effective: &Effective,
    place: Span,
    claimed: Claimed<'_>,
    sink: &Sink<'_>,
) -> Option<Diagnostic> {
    for bus in ["system", "session"] {
        let sends = |label: &&str| {
            let text = message(bus, label);
            allows(entry, effective, Class::Dbus, &text, dbus::SEND)
        };
        let reached: Vec<&str> = LABELS.into_iter().filter(sends).collect();
        if !reached.is_empty() {
            let whose = whose(reached.len());
            let claims = reached.iter();
            let claims =
                claims.flat_map(|label| claimed(Class::Dbus, &message(bus, label), dbus::SEND));
            let finding = sink
                .at(
                    place,
                    format!(
                        "the program may send any message to any service on the {bus} bus{whose}"
                    ),
                )
                .claims(claims)
                .note("some services run as root and mount file systems, install packages or restart other services on request")
                .help("name the peer: `dbus send bus=… peer=(name=SERVICE),`");
            return Some(finding);
        }
        let text = bus.as_bytes();
        if allows(entry, effective, Class::Dbus, text, dbus::EAVESDROP) {
            let finding = sink
                .at(
                    place,
                    format!("the program may listen to all messages on the {bus} bus"),
                )
                .claims(claimed(Class::Dbus, text, dbus::EAVESDROP))
                .note("messages on a bus can hold passwords and private texts")
                .help("remove `eavesdrop`: only bus monitors need it");
            return Some(finding);
        }
    }
    None
}

/// A stream socket without address or label that connects to an abstract name of a process with this label.
fn connection(label: &str) -> Vec<u8> {
    let mut text = vec![1, 0, 0, 1, 0];
    text.extend_from_slice(b"zeta-site\0");
    text.extend_from_slice(label.as_bytes());
    text
}

fn of_socket(
    entry: EntryRef<'_>,
    effective: &Effective,
    place: Span,
    claimed: Claimed<'_>,
    sink: &Sink<'_>,
) -> Option<Diagnostic> {
    let connects = |label: &&str| {
        allows(
            entry,
            effective,
            Class::Unix,
            &connection(label),
            socket::CONNECT,
        )
    };
    let reached: Vec<&str> = LABELS.into_iter().filter(connects).collect();
    (!reached.is_empty()).then(|| {
        let whose = whose(reached.len());
        let claims = reached.iter();
        let claims =
            claims.flat_map(|label| claimed(Class::Unix, &connection(label), socket::CONNECT));
        sink.at(
            place,
            format!("the program may connect to any abstract unix socket{whose}"),
        )
        .claims(claims)
        .severity(Severity::Info)
        .note("no file rule restricts abstract sockets, and not every service checks its callers")
        .help("name the peer: `unix (connect, send, receive) type=stream peer=(label=NAME),`")
    })
}
