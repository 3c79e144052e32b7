//! `directory-needs-slash`: directories named without the slash that their paths end in.

use crate::access::{Class, bits};
use crate::diagnostic::{Applicability, Severity};
use crate::glob::{Nfa, alternatives, literal};
use crate::lang::permissions::{FilePerms, READ, WRITE};
use crate::lang::{DIRECTORIES, OFTEN_LINKS};
use crate::lint::{Check, Cx, Sink};
use crate::policy::{Fact, ProfileView};
use crate::source::Span;
use crate::syntax::ast::{Body, FileRule, Mode};

/// What the registry runs.
pub const CHECK: Check = Check::Profile(check);

/// Most alternatives of one path that are looked at.
const MAX_ALTERNATIVES: usize = 32;

fn check(profile: &ProfileView<'_>, cx: &Cx<'_>, sink: &mut Sink<'_>) {
    let mut rules: Vec<Written<'_>> = Vec::new();
    for fact in profile.own_facts(cx.summaries) {
        if let Body::File(rule) = &fact.rule.body {
            let written = cx.slice(rule.path.0.in_file(fact.file)).trim_matches('"');
            rules.push((written, fact, rule));
        }
    }
    let mut sorted: Option<Vec<Written<'_>>> = None;
    for (written, fact, rule) in &rules {
        if written.ends_with("/**") {
            if fact.mode == Mode::Allow && rule.perms.has(READ) {
                below(profile, fact, rule, cx, sink);
            }
        } else if may_be_known(written)
            && let Some(directory) = directory(profile, fact, rule, cx)
        {
            itself(&directory, None, fact, rule, cx, sink);
        } else if may_be_shown(written) && fact.mode == Mode::Allow && rule.perms.bits == READ {
            let sorted = sorted.get_or_insert_with(|| in_order(&rules));
            if let Some(within) = first_within(written, sorted)
                && let Some(example) = unlisted(profile, fact, rule, cx)
            {
                itself(&example, Some(within), fact, rule, cx, sink);
            }
        }
    }
}

/// A rule with its path as written.
type Written<'c> = (&'c str, &'c Fact<'c>, &'c FileRule);

fn in_order<'c>(rules: &[Written<'c>]) -> Vec<Written<'c>> {
    let mut sorted = rules.to_vec();
    sorted.sort_by_key(|(written, ..)| *written);
    sorted
}

/// A rule about what lies in the directory `written`, if that is one.
fn first_within<'c>(written: &str, sorted: &[Written<'c>]) -> Option<&'c Fact<'c>> {
    let is_before = |(other, ..): &Written<'_>| {
        let rest = other.strip_prefix(written);
        rest.map_or(*other < written, |rest| rest < "/")
    };
    let (other, fact, _) = sorted.get(sorted.partition_point(is_before))?;
    let rest = other.strip_prefix(written)?;
    (rest.starts_with('/') && rest != "/").then_some(*fact)
}

/// Whether the last component has no wildcard. What is in /proc may be a link.
fn may_be_shown(written: &str) -> bool {
    let last = written.rsplit('/').next().unwrap_or_default();
    !last.is_empty()
        && !last.contains(['*', '?', '[', ']', '{', '}', ','])
        && !written.starts_with("/proc/")
        && !written.starts_with("@{PROC}/")
}

/// The path that a rule names, or one of them, if it may not be read as a directory.
fn unlisted(
    profile: &ProfileView<'_>,
    fact: &Fact<'_>,
    rule: &FileRule,
    cx: &Cx<'_>,
) -> Option<String> {
    let nfa = Nfa::path(&cx.expand(profile, fact, rule.path)?).ok()?;
    let mut path = nfa.example();
    path.push(b'/');
    let effective = cx.effective(profile);
    let verdict = effective.decide(Class::File, &path);
    if effective.is_uncertain() || (verdict.allow | verdict.deny) & bits::both(READ) != 0 {
        return None;
    }
    path.pop();
    String::from_utf8(path).ok()
}

/// Whether the last component is a word or a variable: all others cannot be known directories.
fn may_be_known(written: &str) -> bool {
    let last = written.rsplit('/').next().unwrap_or_default();
    !last.is_empty()
        && !last.contains(['*', '?', '[', '.'])
        && (last.contains(['@', '{', '}', ','])
            || DIRECTORIES
                .iter()
                .any(|directory| directory.ends_with(last)))
}

/// The directory that a rule names, if each of its alternatives is one.
fn directory(
    profile: &ProfileView<'_>,
    fact: &Fact<'_>,
    rule: &FileRule,
    cx: &Cx<'_>,
) -> Option<String> {
    let path = cx.expand(profile, fact, rule.path)?;
    let all = alternatives(&path, MAX_ALTERNATIVES)?;
    let is_directory = |one: &String| {
        literal(one).is_some_and(|path| {
            DIRECTORIES.binary_search(&path.as_str()).is_ok()
                && (OFTEN_LINKS.binary_search(&path.as_str()).is_err() || !rule.perms.has(WRITE))
        })
    };
    all.iter()
        .all(is_directory)
        .then(|| all.first().cloned())
        .flatten()
}

fn itself(
    directory: &str,
    within: Option<&Fact<'_>>,
    fact: &Fact<'_>,
    rule: &FileRule,
    cx: &Cx<'_>,
    sink: &mut Sink<'_>,
) {
    let place = rule.path.0.in_file(fact.file);
    let written = cx.slice(place);
    let end = written.len() - usize::from(written.ends_with('"'));
    let at = place.range.part(end, end).in_file(fact.file);
    let mut finding = sink
        .at(
            place,
            format!("`{written}` is a directory, and the rule matches only a file of that name"),
        )
        .note(format!(
            "the kernel asks for `{directory}/`, with a slash at the end"
        ))
        .replace(
            Applicability::Unsafe,
            format!("write `{}/`", written.trim_matches('"')),
            at,
            "/",
        );
    if let Some(within) = within {
        finding = finding.label(cx.span(within), "this path is in that directory");
    }
    sink.report(finding);
}

/// Below these no application lies whose modules are looked for.
const OF_THE_SYSTEM: &[&str] = &[
    "/dev/", "/etc/", "/lib/", "/proc/", "/run/", "/sys/", "/tmp/", "/usr/", "/var/",
];

/// `/app/**` without `/app/`, where programs look for their modules.
fn below(
    profile: &ProfileView<'_>,
    fact: &Fact<'_>,
    rule: &FileRule,
    cx: &Cx<'_>,
    sink: &mut Sink<'_>,
) {
    if cx.container(profile).is_none() {
        return;
    }
    let Some(path) = cx.expand(profile, fact, rule.path) else {
        return;
    };
    let Some(directory) = path.strip_suffix("**").and_then(literal) else {
        return;
    };
    if OF_THE_SYSTEM.iter().any(|root| directory.starts_with(root)) {
        return;
    }
    let effective = cx.effective(profile);
    let verdict = effective.decide(Class::File, directory.as_bytes());
    if effective.is_uncertain() || (verdict.allow | verdict.deny) & bits::both(READ) != 0 {
        return;
    }
    let place: Span = rule.path.0.in_file(fact.file);
    let written = cx.slice(place);
    let perms = FilePerms {
        bits: READ,
        exec_mode: None,
    };
    let finding = sink
        .at(
            place,
            format!(
                "`{written}` does not match `{directory}` itself, and no rule allows listing it"
            ),
        )
        .note("interpreters list the directories in which they look for modules")
        .help(format!(
            "add `{directory} {perms},` if the program lists it"
        ))
        .severity(Severity::Hint);
    sink.report(finding);
}
