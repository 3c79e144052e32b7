//! `allow-all`: rules that grant everything.

use crate::diagnostic::{Claim, Diagnostic};
use crate::lint::{Check, Cx, Sink, listed};
use crate::policy::ProfileView;
use crate::syntax::ast::{Body, Mode};

/// What the registry runs.
pub const CHECK: Check = Check::Profile(check);

/// Files that show what a rule for every file means, as requests.
const FILES: [&str; 3] = [
    "/etc/shadow r",
    "/root/.ssh/authorized_keys w",
    "/home/user/.bashrc w",
];

/// The same for a rule that allows everything.
const EVERYTHING: [&str; 4] = [
    "capability sys_admin",
    "mount fstype=tmpfs tmpfs -> /etc/",
    "/etc/shadow r",
    "/root/.ssh/authorized_keys w",
];

/// How many requests a finding names.
const MAX_NAMED: usize = 2;

fn check(profile: &ProfileView<'_>, cx: &Cx<'_>, sink: &mut Sink<'_>) {
    let source = cx.store.sources.get(profile.file);
    if let Some(flags) = &profile.ast.flags
        && profile.flags(&source.text).contains(&"default_allow")
    {
        let finding = sink
            .at(
                flags.range.in_file(profile.file),
                format!(
                    "`{}` allows every request that no rule denies",
                    profile.full_name
                ),
            )
            .help("remove the flag `default_allow`, and allow what the program needs");
        sink.report(with_examples(finding, &EVERYTHING, profile, cx));
    }
    for fact in profile
        .own_facts(cx.summaries)
        .filter(|fact| fact.mode == Mode::Allow)
    {
        let (message, requests): (_, &[&str]) = match fact.rule.body {
            Body::All => ("this rule allows every request", &EVERYTHING),
            Body::AllFiles => (
                "this rule allows every permission on every file, execution included",
                &FILES,
            ),
            _ => continue,
        };
        let finding = sink
            .at(cx.span(fact), message)
            .help("allow what the program needs");
        sink.report(with_examples(finding, requests, profile, cx));
    }
}

/// What of the requests this profile really allows.
fn with_examples(
    finding: Diagnostic,
    requests: &[&str],
    profile: &ProfileView<'_>,
    cx: &Cx<'_>,
) -> Diagnostic {
    let allowed = requests
        .iter()
        .filter_map(|request| cx.allowed(profile, request));
    let allowed: Vec<Claim> = allowed.take(MAX_NAMED).collect();
    if allowed.is_empty() {
        return finding;
    }
    let shown: Vec<String> = allowed.iter().map(|claim| claim.request.clone()).collect();
    finding
        .note(format!(
            "this profile allows, for example, {}",
            listed(&shown, MAX_NAMED)
        ))
        .claims(allowed)
}
