//! What is allowed, sorted by what it is about.

use super::model::{AccessTopic, Grant, TopicGrants};
use super::{capabilities, secrets};
use crate::access::{Change, ChangeCause, Class, Effective, EntryRef, Exec, Request, bits, show};
use crate::glob::TooComplex;
use crate::lang::permissions::{APPEND, LINK, WRITE};
use crate::session::diff::{AccessChange, Located, gains};
use crate::syntax::ast::Body;

/// All topics about which something is allowed, the riskiest first.
///
/// # Errors
/// If that is too complex to find out.
pub(super) fn all(
    located: Located<'_, '_>,
    effective: &Effective,
) -> Result<Vec<TopicGrants>, TooComplex> {
    let mut sorted: Vec<(AccessTopic, Grant)> = Vec::new();
    for (change, told) in gains(located, effective)? {
        // Capabilities are told one by one, and what `unix` rules mean to older kernels among unix sockets.
        if change.class == Class::Capability || is_of_unix_rules(&change, located) {
            continue;
        }
        let mut grant = grant(&change, told, &located.1.full_name);
        if change.class == Class::Network && !grant.is_whole {
            grant.request = familiar(&change, located, effective).unwrap_or(grant.request);
        }
        sorted.push((topic(&change), grant));
    }
    let capabilities = capabilities::all(located, effective).into_iter();
    sorted.extend(capabilities.map(|grant| (AccessTopic::Capability, grant)));
    let secrets = secrets::all(located, effective).into_iter();
    sorted.extend(secrets.map(|grant| (AccessTopic::Secret, grant)));
    let (policy, profile) = located;
    let mut topics: Vec<TopicGrants> = AccessTopic::ALL
        .into_iter()
        .map(|topic| TopicGrants {
            topic,
            grants: Vec::new(),
            may_be_denied: effective.may_deny_more(topic.class(), profile, policy.summaries),
        })
        .collect();
    for (topic, grant) in sorted {
        let found = topics.iter_mut().find(|known| known.topic == topic);
        if let Some(found) = found.filter(|found| !found.grants.contains(&grant)) {
            found.grants.push(grant);
        }
    }
    topics.retain(|topic| !topic.grants.is_empty());
    topics.sort_by_key(|topic| (std::cmp::Reverse(topic.risk()), topic.topic));
    Ok(topics)
}

/// The topics about which no rule allows anything, as far as that is known.
pub(super) fn absent(
    topics: &[TopicGrants],
    (policy, profile): Located<'_, '_>,
    effective: &Effective,
) -> Vec<AccessTopic> {
    let is_absent = |topic: &AccessTopic| {
        // Files that are written or started may be read as well, and secrets are those of a list.
        !matches!(topic, AccessTopic::Read | AccessTopic::Secret)
            && !topics.iter().any(|known| known.topic == *topic)
            && !effective.may_allow_more(topic.class(), profile, policy.summaries)
    };
    AccessTopic::ALL.into_iter().filter(is_absent).collect()
}

/// What a change is about.
fn topic(change: &Change) -> AccessTopic {
    match change.class {
        Class::File => of_file(change),
        Class::Capability => AccessTopic::Capability,
        Class::Mount => AccessTopic::Mount,
        Class::Network => AccessTopic::Network,
        Class::Unix => AccessTopic::Unix,
        Class::Signal => AccessTopic::Signal,
        Class::Ptrace => AccessTopic::Ptrace,
        Class::Dbus => AccessTopic::Dbus,
        Class::Mqueue => AccessTopic::Mqueue,
        Class::Userns => AccessTopic::Userns,
        Class::IoUring => AccessTopic::IoUring,
        Class::ChangeProfile => AccessTopic::ChangeProfile,
    }
}

/// Whether a change is what `unix` rules allow on kernels that know no more of unix sockets than their type.
fn is_of_unix_rules(change: &Change, (policy, profile): Located<'_, '_>) -> bool {
    let is_unix = |cause: &ChangeCause| {
        let found = profile.rule(cause.rule, policy.summaries);
        found.is_some_and(|(_, fact)| matches!(fact.rule.body, Body::Unix(_)))
    };
    change.class == Class::Network && change.causes.iter().all(is_unix)
}

/// A socket that everybody knows, in place of the shortest request.
const FAMILIAR: &str = "network inet stream";

/// The request for it, if the rules of the change allow all of it.
fn familiar(
    change: &Change,
    (_, profile): Located<'_, '_>,
    effective: &Effective,
) -> Option<String> {
    let request = Request::read(FAMILIAR, &profile.env, &profile.name).ok()?;
    let mut wants = request.wants.iter();
    let text = wants
        .find(|want| want.class == Class::Network)?
        .nfa
        .example();
    let gained = change.delta.gained;
    let is_cause = |found: &EntryRef<'_>| {
        let mut causes = change.causes.iter();
        causes.any(|cause| cause.rule == found.rule())
    };
    let is_allowed = effective.decide(Class::Network, &text).allow & gained == gained;
    let mut matching = effective.matching(Class::Network, &text).into_iter();
    (is_allowed && matching.any(|found| is_cause(&found)))
        .then(|| show(Class::Network, &text, gained, None))
}

fn of_file(change: &Change) -> AccessTopic {
    let gained = change.delta.gained;
    if gained & bits::EXECS != 0 {
        AccessTopic::Execute
    } else if change.witness.contains(&0) || gained & bits::both(WRITE | APPEND | LINK) != 0 {
        AccessTopic::Write
    } else {
        AccessTopic::Read
    }
}

fn grant(change: &Change, told: AccessChange, profile: &str) -> Grant {
    let [_, verdict] = &change.verdicts;
    let is_exec = change.class == Class::File && change.delta.gained & bits::EXECS != 0;
    let execs = verdict.exec.iter().flatten().filter(|_| is_exec);
    let mut execs: Vec<Exec> = execs.cloned().collect();
    for exec in &mut execs {
        // Children were renamed to be compared.
        if let Some(child) = exec.target.as_deref().filter(|name| name.starts_with("//")) {
            exec.target = Some(format!("{profile}{child}").into());
        }
    }
    execs.dedup();
    Grant {
        permissions: told.gained,
        pattern: told.pattern,
        is_whole: told.is_whole,
        request: told.request,
        execs,
        missing: None,
        risk: told.risk,
        rules: told.rules.into_iter().map(|rule| rule.rule).collect(),
    }
}
