//! `prefer-abstraction`: rules for files that an abstraction is about.

use crate::lint::{Check, Cx, Sink};
use crate::policy::{Fact, ProfileView};
use crate::syntax::ast::{Body, Mode};

/// What the registry runs.
pub const CHECK: Check = Check::Profile(check);

/// Most rules that a finding marks beside the first one.
const MAX_LABELS: usize = 3;

/// An abstraction of AppArmor, some files that it lets a profile read, and how many of them mean that it is meant.
const ABSTRACTIONS: [(&str, &[&str], usize); 4] = [
    (
        "base",
        &[
            "/etc/ld.so.cache",
            "/etc/localtime",
            "/etc/locale/**",
            "/etc/locale.alias",
            "/usr/share/zoneinfo/**",
            "/usr/share/locale/**",
            "/dev/null",
            "/dev/zero",
            "/dev/full",
            "/dev/random",
            "/dev/urandom",
        ],
        4,
    ),
    (
        "nameservice",
        &[
            "/etc/nsswitch.conf",
            "/etc/passwd",
            "/etc/group",
            "/etc/hosts",
            "/etc/host.conf",
            "/etc/resolv.conf",
            "/etc/gai.conf",
            "/etc/services",
            "/etc/protocols",
        ],
        4,
    ),
    (
        "ssl_certs",
        &[
            "/etc/ssl/",
            "/etc/ssl/certs/",
            "/etc/ssl/certs/*",
            "/etc/ssl/certs/**",
            "/usr/share/ca-certificates/",
            "/usr/share/ca-certificates/**",
            "/usr/local/share/ca-certificates/**",
        ],
        3,
    ),
    (
        "fonts",
        &[
            "/etc/fonts/**",
            "/usr/share/fonts/**",
            "/usr/local/share/fonts/**",
            "/var/cache/fontconfig/**",
            "@{HOME}/.fonts/**",
            "@{HOME}/.cache/fontconfig/**",
        ],
        3,
    ),
];

fn check(profile: &ProfileView<'_>, cx: &Cx<'_>, sink: &mut Sink<'_>) {
    if !cx.targets.contains_key(&profile.file) {
        return;
    }
    for (name, files, least) in ABSTRACTIONS {
        let mut seen: Vec<String> = Vec::new();
        let mut rules: Vec<&Fact<'_>> = Vec::new();
        for fact in profile.own_facts(cx.summaries) {
            let Body::File(rule) = &fact.rule.body else {
                continue;
            };
            let path = cx.value(fact.file, rule.path);
            let is_read = fact.mode == Mode::Allow && rule.perms.to_string() == "r";
            if is_read && files.contains(&path.as_str()) && !seen.contains(&path) {
                seen.push(path);
                rules.push(fact);
            }
        }
        if rules.len() >= least && !is_included(name, profile, cx) {
            report(name, &rules, cx, sink);
        }
    }
}

/// Whether some rule of the profile comes from the abstraction.
fn is_included(name: &str, profile: &ProfileView<'_>, cx: &Cx<'_>) -> bool {
    let ending = format!("/abstractions/{name}");
    let mut facts = cx.facts(profile);
    facts.any(|(_, fact)| cx.store.sources.get(fact.file).path.ends_with(&ending))
}

fn report(name: &str, rules: &[&Fact<'_>], cx: &Cx<'_>, sink: &mut Sink<'_>) {
    let Some((first, rest)) = rules.split_first() else {
        return;
    };
    let mut finding = sink.at(
        cx.span(first),
        format!(
            "{} rules are about files of `<abstractions/{name}>`",
            rules.len()
        ),
    );
    for fact in rest.iter().take(MAX_LABELS) {
        finding = finding.label(cx.span(fact), "another rule");
    }
    let finding = finding
        .note("the abstraction is kept up to date with what libraries read")
        .help(format!("write `include <abstractions/{name}>` in their place, if the profile may have what else it allows (`aalint diff` shows that)"));
    sink.report(finding);
}
