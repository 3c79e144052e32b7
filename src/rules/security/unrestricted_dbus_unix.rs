//! `unrestricted-dbus-unix`: messages to anybody, and sockets of anybody.

use crate::access::perms::{dbus, socket};
use crate::access::{Class, Effective, EntryRef};
use crate::diagnostic::{Diagnostic, Severity};
use crate::lint::{Check, Cx, Sink};
use crate::policy::ProfileView;
use crate::source::Span;
use crate::syntax::ast::{Body, Mode};

/// What the registry runs.
pub const CHECK: Check = Check::Profile(check);

/// A name that no rule means: what matches it matches every name.
const STRANGER: &str = "org.zzz.NoSuch";

fn check(profile: &ProfileView<'_>, cx: &Cx<'_>, sink: &mut Sink<'_>) {
    let effective = cx.effective(profile);
    let mut told: Vec<(usize, u32)> = Vec::new();
    for class in [Class::Dbus, Class::Unix] {
        for entry in effective.own_entries(profile, class) {
            if entry.entry.effect != Mode::Allow || told.contains(&entry.rule()) {
                continue;
            }
            let origin = entry.origin(profile, cx.digests);
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
            if effective.may_deny_more(class, profile, cx.digests) {
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
        && entry.entry.program.matches(text)
        && effective.decide(class, text).allow & bits & entry.entry.mask != 0
}

fn of_bus(
    entry: EntryRef<'_>,
    effective: &Effective,
    place: Span,
    sink: &Sink<'_>,
) -> Option<Diagnostic> {
    for bus in ["system", "session"] {
        // Bus, name, label, path, interface and member.
        let message = [bus, STRANGER, "zzz", "/zzz/no/such", STRANGER, "Zzz"].join("\0");
        if allows(
            entry,
            effective,
            Class::Dbus,
            message.as_bytes(),
            dbus::SEND,
        ) {
            let finding = sink
                .at(
                    place,
                    format!("the program may send any message to any service on the {bus} bus"),
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
    let mut text = vec![1, 0, 0, 1, 0];
    text.extend_from_slice(b"zzz-no-such\0zzz");
    allows(entry, effective, Class::Unix, &text, socket::CONNECT).then(|| {
        sink.at(
            place,
            "the program may connect to any unix socket, whoever listens",
        )
        .severity(Severity::Info)
        .note("sockets with abstract names have no file that another rule could refuse")
        .help("name the peer: `unix (connect, send, receive) type=stream peer=(label=NAME),`")
    })
}
