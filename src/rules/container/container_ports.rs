//! `container-ports`: the capability for low ports, and none is used.

use std::collections::BTreeSet;

use crate::access::{Class, perms};
use crate::containers::ExpectedProfile;
use crate::lang::capabilities;
use crate::lint::{Check, Containment, Cx, Sink};
use crate::policy::ProfileView;
use crate::syntax::ast::{Body, Mode};

/// What the registry runs.
pub const CHECK: Check = Check::Profile(check);

/// The first port that every process may listen on.
const FIRST_FREE: u16 = 1024;

fn check(profile: &ProfileView<'_>, cx: &Cx<'_>, sink: &mut Sink<'_>) {
    let Some(Containment::Named(_)) = cx.container(profile) else {
        return;
    };
    let named = cx
        .expected_by_containers()
        .filter(|expected| expected.name == profile.name);
    let mut users: Vec<&ExpectedProfile> = named.collect();
    if users.is_empty() {
        // The profile is the one that is meant, by another name.
        users = cx.expected_by_containers().collect();
    }
    let views = cx.views_of(profile);
    let exposed = views.iter().flat_map(|view| &view.image.config.ports);
    let exposed: Vec<u16> = exposed.copied().collect();
    let is_high = |user: &&ExpectedProfile| {
        let mut ports = user.ports.iter().chain(&exposed).peekable();
        ports.peek().is_some() && ports.all(|port| *port >= FIRST_FREE)
    };
    let (true, Some(first)) = (users.iter().all(is_high), users.first()) else {
        return;
    };
    let Some(number) = capabilities::number("net_bind_service") else {
        return;
    };
    let effective = cx.effective(profile);
    if effective.decide(Class::Capability, &[number]).allow & perms::USE == 0 {
        return;
    }
    let granting = effective
        .own_entries(profile, Class::Capability)
        .find_map(|found| {
            let is_one = found.entry.effect == Mode::Allow && found.entry.nfa.matches(&[number]);
            let (_, fact) = found.origin(profile, cx.summaries).filter(|_| is_one)?;
            // Who grants all of them does not ask for this one.
            matches!(&fact.rule.body, Body::Capability(names) if !names.is_empty()).then_some(fact)
        });
    let Some(fact) = granting else {
        return;
    };
    let ports: BTreeSet<u16> = first.ports.iter().chain(&exposed).copied().collect();
    let ports: Vec<String> = ports.iter().map(u16::to_string).collect();
    let finding = sink
        .at(
            cx.span(fact),
            format!(
                "`{}` allows `capability net_bind_service`, and {} uses no port below {FIRST_FREE}",
                profile.full_name, first.who
            ),
        )
        .claims(cx.claim(profile, "capability net_bind_service"))
        .label(first.span, format!("listens on {}", ports.join(", ")))
        .note("only ports below 1024 need this capability, and in Docker's own networks none does")
        .help("remove `net_bind_service` from the rule");
    sink.report(finding);
}
