//! `unrestricted-dbus-unix`: messages to anybody, and sockets of anybody.

use std::cell::{LazyCell, RefCell};

use rustc_hash::{FxHashMap, FxHashSet};

use crate::access::perms::{dbus, socket};
use crate::access::{Class, Effective, EntryRef};
use crate::diagnostic::{Claim, Diagnostic, Severity};
use crate::lint::{Check, Cx, EveryFile, Sink};
use crate::policy::{ProfileView, RuleId};
use crate::source::Span;
use crate::syntax::ast::{Body, Mode};

/// What the registry runs.
pub const CHECK: Check = Check::Profile(check);

/// Something for each string of a class.
type ByText<T> = RefCell<FxHashMap<(Class, Vec<u8>), T>>;

/// What a profile decides about the few strings that are asked here. Each is asked once: a profile may have thousands of
/// rules.
struct Asked<'p, 'c> {
    profile: &'p ProfileView<'c>,
    cx: &'p Cx<'c>,
    effective: &'p Effective,
    allowed: ByText<u32>,
    claims: ByText<Vec<Claim>>,
}

impl Asked<'_, '_> {
    /// The bits that are allowed for a string.
    fn allowed(&self, class: Class, text: &[u8]) -> u32 {
        let mut known = self.allowed.borrow_mut();
        let entry = known.entry((class, text.to_vec()));
        *entry.or_insert_with(|| self.effective.decide(class, text).allow)
    }

    /// The claims that a string is decided as it is, with these bits.
    fn claims(&self, class: Class, text: &[u8], bits: u32) -> Vec<Claim> {
        let mut known = self.claims.borrow_mut();
        let entry = known.entry((class, text.to_vec()));
        let asked = || self.cx.claims_of(self.profile, class, text, bits);
        entry.or_insert_with(asked).clone()
    }
}

/// A name that no rule means: what matches it matches every name.
const STRANGER: &str = "org.zeta.Site";

/// Labels that no rule means: `*` matches the first one, and not that of a profile named by a path.
const LABELS: [&str; 2] = ["zeta", "/zeta/site"];

fn check(profile: &ProfileView<'_>, cx: &Cx<'_>, sink: &mut Sink<'_>) {
    let every_file = EveryFile::new(profile, cx);
    let effective = cx.effective(profile);
    let asked = Asked {
        profile,
        cx,
        effective: &effective,
        allowed: RefCell::default(),
        claims: RefCell::default(),
    };
    let mut told: FxHashSet<RuleId> = FxHashSet::default();
    for class in [Class::Dbus, Class::Unix] {
        let is_uncertain = LazyCell::new(|| effective.may_deny_more(class, profile, cx.summaries));
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
                Class::Dbus => of_bus(entry, &asked, place, sink),
                _ => of_socket(entry, &asked, place, sink),
            };
            let Some(finding) = finding else { continue };
            if *is_uncertain {
                return;
            }
            told.insert(entry.rule());
            sink.report(every_file.include(finding, fact));
        }
    }
}

/// Whether the entry allows it, and nothing denies it.
fn allows(
    entry: EntryRef<'_>,
    asked: &Asked<'_, '_>,
    class: Class,
    text: &[u8],
    bits: u32,
) -> bool {
    entry.entry.mask & bits != 0
        && entry.entry.nfa.matches(text)
        && asked.allowed(class, text) & bits & entry.entry.mask != 0
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
    asked: &Asked<'_, '_>,
    place: Span,
    sink: &Sink<'_>,
) -> Option<Diagnostic> {
    for bus in ["system", "session"] {
        let sends = |label: &&str| {
            let text = message(bus, label);
            allows(entry, asked, Class::Dbus, &text, dbus::SEND)
        };
        let reached: Vec<&str> = LABELS.into_iter().filter(sends).collect();
        if !reached.is_empty() {
            let whose = whose(reached.len());
            let claims = reached.iter();
            let claims = claims
                .flat_map(|label| asked.claims(Class::Dbus, &message(bus, label), dbus::SEND));
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
        if allows(entry, asked, Class::Dbus, text, dbus::EAVESDROP) {
            let finding = sink
                .at(
                    place,
                    format!("the program may listen to all messages on the {bus} bus"),
                )
                .claims(asked.claims(Class::Dbus, text, dbus::EAVESDROP))
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
    asked: &Asked<'_, '_>,
    place: Span,
    sink: &Sink<'_>,
) -> Option<Diagnostic> {
    let connects = |label: &&str| {
        allows(
            entry,
            asked,
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
            claims.flat_map(|label| asked.claims(Class::Unix, &connection(label), socket::CONNECT));
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
