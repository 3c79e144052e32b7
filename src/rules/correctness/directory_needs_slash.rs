//! `directory-needs-slash`: directories named without the slash that their paths end in.

use crate::access::{Class, bits};
use crate::diagnostic::{Applicability, Severity};
use crate::glob::{alternatives, literal};
use crate::lang::permissions::{FilePerms, READ, WRITE};
use crate::lang::{DIRECTORIES, OFTEN_LINKS};
use crate::lint::{Check, Cx, Sink};
use crate::policy::{Fact, ProfileView};
use crate::source::Span;
use crate::syntax::ast::{Body, FileRule, Mode};

/// What the registry runs.
pub const CHECK: Check = Check::Profile(check);

/// Most alternatives of one path that are looked at.
const MOST_ALTERNATIVES: usize = 32;

fn check(profile: &ProfileView<'_>, cx: &Cx<'_>, sink: &mut Sink<'_>) {
    for fact in profile.own_facts(cx.digests) {
        let Body::File(rule) = &fact.rule.body else {
            continue;
        };
        let written = cx.slice(rule.path.0.in_file(fact.file)).trim_matches('"');
        if written.ends_with("/**") {
            if fact.mode == Mode::Allow && rule.perms.has(READ) {
                below(profile, fact, rule, cx, sink);
            }
        } else if may_be_directory(written)
            && let Some(directory) = directory(profile, fact, rule, cx)
        {
            itself(&directory, fact, rule, cx, sink);
        }
    }
}

/// Whether the last component is a word or a variable: all others cannot be known directories.
fn may_be_directory(written: &str) -> bool {
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
    let all = alternatives(&path, MOST_ALTERNATIVES)?;
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

fn itself(directory: &str, fact: &Fact<'_>, rule: &FileRule, cx: &Cx<'_>, sink: &mut Sink<'_>) {
    let place = rule.path.0.in_file(fact.file);
    let written = cx.slice(place);
    let end = written.len() - usize::from(written.ends_with('"'));
    let at = place.range.part(end, end).in_file(fact.file);
    let finding = sink
        .at(
            place,
            format!("`{written}` is a directory, and the rule matches only a file of that name"),
        )
        .note(format!(
            "the kernel asks for `{directory}/`: the path of a directory ends in a slash"
        ))
        .replace(
            Applicability::Unsafe,
            format!("write `{}/`", written.trim_matches('"')),
            at,
            "/",
        );
    sink.report(finding);
}

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
            format!("`{written}` does not match `{directory}` itself, so it cannot be listed"),
        )
        .note("interpreters list the directories in which they look for modules")
        .help(format!(
            "add `{directory} {perms},` if the program lists it"
        ))
        .severity(Severity::Hint);
    sink.report(finding);
}
