//! `unrestricted-etc`: rules that open everything below /etc.

use crate::glob::{Program, literal_prefix};
use crate::lang::permissions::{APPEND, READ, WRITE};
use crate::lang::sensitive::ETC_FILES;
use crate::lint::{Check, Cx, Sink};
use crate::policy::{Fact, ProfileView};
use crate::syntax::ast::{Body, Mode};

/// What the registry runs.
pub const CHECK: Check = Check::Profile(check);

/// A name that no rule means: what matches it matches everything there.
const ANYTHING: &str = "/etc/zzz-no-such-file";

fn check(profile: &ProfileView<'_>, cx: &Cx<'_>, sink: &mut Sink<'_>) {
    let mut denies: Option<Vec<(Program, u8)>> = None;
    for fact in profile
        .own_facts(cx.digests)
        .filter(|fact| fact.mode == Mode::Allow)
    {
        let (pattern, bits) = match &fact.rule.body {
            Body::File(rule) if rule.perms.has(READ | WRITE | APPEND) => {
                let written = cx
                    .slice(rule.path.0.in_file(fact.file))
                    .trim_start_matches('"');
                let start = literal_prefix(written.split('@').next().unwrap_or_default());
                if !start.starts_with("/etc") && !"/etc/".starts_with(start) {
                    continue;
                }
                let Some(path) = cx.expand(profile, fact, rule.path) else {
                    continue;
                };
                let prefix = literal_prefix(&path);
                if !prefix.starts_with("/etc") && !"/etc/".starts_with(prefix) {
                    continue;
                }
                (path, rule.perms.bits)
            }
            Body::AllFiles | Body::All => ("/{**,}".to_owned(), READ | WRITE | APPEND),
            _ => continue,
        };
        let Some(pattern) = Program::path(&pattern)
            .ok()
            .filter(|pattern| pattern.matches(ANYTHING.as_bytes()))
        else {
            continue;
        };
        let denies = denies.get_or_insert_with(|| denied(profile, cx));
        let open = |wanted: u8| -> Vec<&'static str> {
            let is_open = |path: &str| {
                bits & wanted != 0
                    && pattern.matches(path.as_bytes())
                    && !denies
                        .iter()
                        .any(|(deny, bits)| bits & wanted != 0 && deny.matches(path.as_bytes()))
            };
            ETC_FILES
                .iter()
                .filter(|file| is_open(file.path))
                .map(|file| file.path)
                .collect()
        };
        report(fact, &open(READ), &open(WRITE), cx, sink);
    }
}

fn denied(profile: &ProfileView<'_>, cx: &Cx<'_>) -> Vec<(Program, u8)> {
    cx.file_facts(profile)
        .filter(|(_, fact, _)| fact.mode == Mode::Deny && fact.owner.is_none())
        .filter_map(|(_, fact, rule)| {
            Some((
                Program::path(&cx.expand(profile, fact, rule.path)?).ok()?,
                rule.perms.bits,
            ))
        })
        .collect()
}

fn report(
    fact: &Fact<'_>,
    readable: &[&'static str],
    writable: &[&'static str],
    cx: &Cx<'_>,
    sink: &mut Sink<'_>,
) {
    let (verb, files) = match (readable, writable) {
        ([], []) => return,
        (_, [_, ..]) => ("writing", writable),
        _ => ("reading", readable),
    };
    let Some(first) = files.first() else { return };
    let reason = ETC_FILES
        .iter()
        .find(|file| file.path == *first)
        .map_or("", |file| file.reason);
    let rest = files
        .get(1..4)
        .or(files.get(1..))
        .unwrap_or_default()
        .join(", ");
    let rest = if rest.is_empty() {
        String::new()
    } else {
        format!("; also {rest}")
    };
    let finding = sink
        .at(
            cx.span(fact),
            format!("{verb} below /etc is not restricted: `{first}` is open"),
        )
        .note(format!("`{first}` {reason}{rest}"))
        .help("name the files that the program needs, or add deny rules for the secrets");
    sink.report(finding);
}
