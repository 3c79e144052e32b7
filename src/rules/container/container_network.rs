//! `container-network`: streams without the datagrams that names are looked up with.

use crate::access::{Class, Effective, perms};
use crate::diagnostic::Claim;
use crate::lang::network::{family_number, type_number};
use crate::lint::{Check, Cx, Sink};
use crate::policy::ProfileView;
use crate::syntax::ast::Mode;

/// What the registry runs.
pub const CHECK: Check = Check::Profile(check);

fn check(profile: &ProfileView<'_>, cx: &Cx<'_>, sink: &mut Sink<'_>) {
    if !cx.is_for_container(profile) {
        return;
    }
    let effective = cx.effective(profile);
    let is_open = |family, kind| state(&effective, family, kind) == Some(true);
    let families = ["inet", "inet6"];
    let Some(family) = families.iter().find(|family| is_open(family, "stream")) else {
        return;
    };
    // Who denies datagrams knows that.
    let mut datagrams = families
        .iter()
        .map(|family| state(&effective, family, "dgram"));
    if datagrams.any(|state| state.is_some())
        || effective.may_allow_more(Class::Network, profile, cx.summaries)
    {
        return;
    }
    let Some(socket) = socket(family, "stream") else {
        return;
    };
    let granting = effective
        .own_entries(profile, Class::Network)
        .find(|found| found.entry.effect == Mode::Allow && found.entry.nfa.matches(&socket));
    let Some((_, fact)) = granting.and_then(|found| found.origin(profile, cx.summaries)) else {
        return;
    };
    let asked = [
        (format!("network {family} stream"), true),
        ("network inet dgram".to_owned(), false),
        ("network inet6 dgram".to_owned(), false),
    ];
    let claims: Vec<Claim> = asked
        .iter()
        .filter_map(|(request, is_allowed)| {
            let claim = cx.claim(profile, request)?;
            (claim.is_allowed() == *is_allowed).then_some(claim)
        })
        .collect();
    if claims.len() < asked.len() {
        return;
    }
    let mut finding = sink
        .at(
            cx.span(fact),
            format!(
                "`{}` may use {family} streams and no datagrams, so DNS over UDP fails",
                profile.full_name
            ),
        )
        .claims(claims);
    if let Some(other) = families
        .iter()
        .find(|family| state(&effective, family, "stream").is_none())
    {
        let what = if *other == "inet6" { "IPv4" } else { "IPv6" };
        finding = finding.note(format!(
            "only {what} is allowed: no rule allows `network {other} stream`"
        ));
    }
    let finding = finding
        .note("a program that connects to host names fails; a program that only accepts connections does not need datagrams")
        .help("add `network inet dgram,` and `network inet6 dgram,` if the program looks up names");
    sink.report(finding);
}

/// Whether such sockets are allowed, or denied; `None` if no rule is about them.
fn state(effective: &Effective, family: &str, kind: &str) -> Option<bool> {
    let verdict = effective.decide(Class::Network, &socket(family, kind)?);
    let is_about = (verdict.allow | verdict.deny) & perms::socket::CREATE != 0;
    is_about.then_some(verdict.allow & perms::socket::CREATE != 0)
}

/// Family, type, the usual protocol, and no addresses.
fn socket(family: &str, kind: &str) -> Option<[u8; 9]> {
    let protocol = if kind == "stream" { 6 } else { 17 };
    let (family, kind) = (family_number(family)?, type_number(kind)?);
    Some([family, kind, protocol, 0, 0, 0, 0, 0, 0])
}
