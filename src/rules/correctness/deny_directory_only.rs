//! `deny-directory-only`: deny rules for a directory that deny nothing in it.

use crate::access::{Class, Effective, bits, show};
use crate::diagnostic::Diagnostic;
use crate::glob::{InputDomain, Nfa, alternatives};
use crate::lang::KNOWN_FILES;
use crate::lang::permissions::{APPEND, READ, WRITE};
use crate::lint::{Check, Cx, Sink};
use crate::policy::{Fact, ProfileView};
use crate::source::Span;
use crate::syntax::ast::{Body, Mode};

/// What the registry runs.
pub const CHECK: Check = Check::Profile(check);

/// Most alternatives of one path that are looked at.
const MAX_ALTERNATIVES: usize = 32;

/// What lies in a directory as no rule names it: what is allowed for both is allowed for whatever lies there.
const STRANGERS: [&[u8]; 2] = [b"zeta-report", b"zeta/site/report"];

/// A directory beside the one in question.
const BESIDE: &[u8] = b"zeta-place/";

fn check(profile: &ProfileView<'_>, cx: &Cx<'_>, sink: &mut Sink<'_>) {
    let facts = profile.own_facts(cx.summaries);
    for fact in facts.filter(|fact| fact.mode == Mode::Deny && !cx.is_conditional(fact)) {
        let Body::File(rule) = &fact.rule.body else {
            continue;
        };
        let place = rule.path.0.in_file(fact.file);
        let written = cx.slice(place).trim_matches('"');
        // To deny `r` is to deny the list of what lies there, and that is meant.
        // To deny `w` for one that programs make in a home is to keep them from making it.
        let is_made = rule.perms.bits & !(WRITE | APPEND) == 0 && written.contains("/.");
        if !written.ends_with('/') || rule.perms.bits & !READ == 0 || is_made {
            continue;
        }
        let path = cx.expand(profile, fact, rule.path);
        let all = path.and_then(|path| alternatives(&path, MAX_ALTERNATIVES));
        let all = all.unwrap_or_default();
        if all.is_empty() || !all.iter().all(|one| one.ends_with('/')) {
            continue;
        }
        let effective = cx.effective(profile);
        let mask = bits::both(rule.perms.bits & !READ);
        let within = all
            .iter()
            .find_map(|directory| allowed_within(directory, mask, &effective));
        if let Some((path, bits)) = within {
            let claims = cx.claims_of(profile, Class::File, &path, bits);
            let is_known = KNOWN_FILES.iter().any(|known| known.as_bytes() == path);
            let example = if is_known {
                format!(
                    "`{}` is still allowed",
                    show(Class::File, &path, bits, None)
                )
            } else {
                "files in it are still allowed".to_owned()
            };
            let finding = finding(fact, written, &example, cx, sink).claims(claims);
            let place = allowing(&path, bits, profile, cx);
            sink.report(match place {
                Some(place) => finding.label(place, "allows what is in the directory"),
                None => finding,
            });
        }
    }
}

/// A path in a directory and what is still allowed for it, if that is allowed for the whole directory.
fn allowed_within(directory: &str, mask: u32, effective: &Effective) -> Option<(Vec<u8>, u32)> {
    let itself = Nfa::path(directory).ok()?.example();
    let strangers = STRANGERS.map(|name| [itself.as_slice(), name].concat());
    let allowed = strangers.iter().fold(mask, |allowed, path| {
        allowed & effective.decide(Class::File, path).allow
    });
    if allowed == 0 || is_named(&itself, &strangers, effective) {
        return None;
    }
    let below = Nfa::path(&format!("{directory}**")).ok()?;
    let mut known = KNOWN_FILES.iter().map(|path| path.as_bytes());
    let example = known.find_map(|path| {
        let allowed = effective.decide(Class::File, path).allow & allowed;
        (below.matches(path) && allowed != 0).then(|| (path.to_vec(), allowed))
    });
    let [stranger, _] = strangers;
    Some(example.unwrap_or((stranger, allowed)))
}

/// Whether a rule that allows what lies there is about this directory and not about one beside it as well: then the deny
/// rule is meant for the directory alone.
fn is_named(directory: &[u8], strangers: &[Vec<u8>], effective: &Effective) -> bool {
    let above = directory.strip_suffix(b"/").unwrap_or(directory);
    let parent = above.iter().rposition(|byte| *byte == b'/');
    let parent = parent.and_then(|slash| above.get(..=slash));
    let beside = [parent.unwrap_or_default(), BESIDE].concat();
    strangers.iter().any(|path| {
        let name = path.strip_prefix(directory).unwrap_or_default();
        let there = [beside.as_slice(), name].concat();
        let mut matching = effective.matching(Class::File, path).into_iter();
        matching.any(|found| found.entry.effect == Mode::Allow && !found.entry.nfa.matches(&there))
    })
}

/// The rule that allows something, or the include in the profile that brings it.
fn allowing(path: &[u8], bits: u32, profile: &ProfileView<'_>, cx: &Cx<'_>) -> Option<Span> {
    let effective = cx.effective(profile);
    let here = Nfa::literal(path);
    let found = effective.find(Class::File, &[&here], InputDomain::Paths, |_, _| true);
    let found = found.ok()??;
    let mut matching = found.matching.iter();
    let allows =
        matching.find(|found| found.entry.effect == Mode::Allow && found.entry.mask & bits != 0)?;
    let (via, fact) = allows.origin(profile, cx.summaries)?;
    Some(via.first().copied().unwrap_or_else(|| cx.span(fact)))
}

fn finding(
    fact: &Fact<'_>,
    written: &str,
    example: &str,
    cx: &Cx<'_>,
    sink: &Sink<'_>,
) -> Diagnostic {
    sink.at(
        cx.span(fact),
        format!(
            "`{}` denies the directory itself and nothing in it: {example}",
            cx.brief(fact)
        ),
    )
    .note("a pattern that ends in a slash matches a directory, and no file below it")
    .help(match written.contains([' ', '\t']) {
        true => format!("write `\"{written}{{,**}}\"`"),
        false => format!("write `{written}{{,**}}`"),
    })
}
