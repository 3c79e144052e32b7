//! `unrestricted-dbus-unix`: messages to anybody, and sockets of anybody.

use crate::access::perms::{dbus, socket};
use crate::access::{Class, Effective, EntryRef};
use crate::diagnostic::{Diagnostic, Severity};
use crate::lint::{Check, Cx, Sink};
use crate::policy::{ProfileView, RuleId};
use crate::source::Span;
use crate::syntax::ast::{Body, Mode};

/// What the registry runs.
pub const CHECK: Check = Check::Profile(check);

/// A name that no rule means: what matches it matches every name.
const STRANGER: &str = "org.zeta.Site";

/// Labels that no rule means: `*` matches the first one, and not that of a profile named by a path.
const LABELS: [&str; 2] = ["zeta", "/zeta/site"];

fn check(profile: &ProfileView<'_>, cx: &Cx<'_>, sink: &mut Sink<'_>) {
    let effective = cx.effective(profile);
    let mut told: Vec<RuleId> = Vec::new();
    for class in [Class::Dbus, Class::Unix] {
        for entry in effective.own_entries(profile, class) {
            if entry.entry.effect != Mode::Allow || told.contains(&entry.rule()) {
                continue;
            }
            let origin = entry.origin(profile, cx.summaries);
            // `allow-all` speaks of `all,`.
            let Some((_, fact)) = origin.filter(|(_, fact)| !matches!(fact.rule.body, Body::All))
            else {
                continue;
            };
            let place = cx.span(fact);
            let finding = match class {
                Class::Dbus => of_bus(entry, &effective, place, sink),
                _ => of_socket(entry, &effective, place, sink),
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
        " but those under a profile named by a path"
    }
}

fn of_bus(
    entry: EntryRef<'_>,
    effective: &Effective,
    place: Span,
    sink: &Sink<'_>,
) -> Option<Diagnostic> {
    for bus in ["system", "session"] {
        // Bus, name, label, path, interface and member.
        let sends = |label: &&&str| {
            let message = [
                bus,
                STRANGER,
                **label,
                "/zeta/site/object",
                STRANGER,
                "Publish",
            ]
            .join("\0");
            allows(
                entry,
                effective,
                Class::Dbus,
                message.as_bytes(),
                dbus::SEND,
            )
        };
        let reached = LABELS.iter().filter(sends).count();
        if reached > 0 {
            let whose = whose(reached);
            let finding = sink
                .at(
                    place,
                    format!(
                        "the program may send any message to any service on the {bus} bus{whose}"
                    ),
                )
                .note("services do what they are told: some mount, install and restart, as root")
                .help("name the peer: `dbus send bus=… peer=(name=SERVICE),`");
            return Some(finding);
        }
        if allows(
            entry,
            effective,
            Class::Dbus,
            bus.as_bytes(),
            dbus::EAVESDROP,
        ) {
            let finding = sink
                .at(
                    place,
                    format!("the program may listen to all messages on the {bus} bus"),
                )
                .note("passwords and private messages are among them")
                .help("remove `eavesdrop`; only monitors of a bus need it");
            return Some(finding);
        }
    }
    None
}

fn of_socket(
    entry: EntryRef<'_>,
    effective: &Effective,
    place: Span,
    sink: &Sink<'_>,
) -> Option<Diagnostic> {
    // A stream socket without address or label connects to an abstract name of some profile.
    let connects = |label: &&&str| {
        let mut text = vec![1, 0, 0, 1, 0];
        text.extend_from_slice(b"zeta-site\0");
        text.extend_from_slice(label.as_bytes());
        allows(entry, effective, Class::Unix, &text, socket::CONNECT)
    };
    let reached = LABELS.iter().filter(connects).count();
    (reached > 0).then(|| {
        let whose = whose(reached);
        sink.at(
            place,
            format!("the program may connect to any abstract unix socket{whose}"),
        )
        .severity(Severity::Info)
        .note("such a socket has no file that another rule could refuse, and not every service checks who calls")
        .help("name the peer: `unix (connect, send, receive) type=stream peer=(label=NAME),`")
    })
}
