//! `symlinked-path`: paths that the kernel never sees, because a symbolic link leads elsewhere.

use crate::access::{Class, Effective, EntryRef};
use crate::diagnostic::Severity;
use crate::glob::{InputDomain, common};
use crate::lint::{Check, Cx, Sink};
use crate::policy::ProfileView;
use crate::syntax::ast::Mode;

/// What the registry runs.
pub const CHECK: Check = Check::Profile(check);

/// Links that every distribution has, and where they lead (FHS 3.0, sections 3.15 and 5.13).
const LINKS: &[(&str, &str)] = &[("/var/run", "/run"), ("/var/lock", "/run/lock")];

fn check(profile: &ProfileView<'_>, cx: &Cx<'_>, sink: &mut Sink<'_>) {
    let effective = cx.effective(profile);
    let mut told = None;
    for entry in effective.own_entries(profile, Class::File) {
        if told == Some(entry.rule()) {
            continue;
        }
        for (link, target) in LINKS {
            let Some(missed) = missed(entry, link, target, &effective) else {
                continue;
            };
            let Some((_, fact)) = entry.origin(profile, cx.summaries) else {
                continue;
            };
            told = Some(entry.rule());
            let finding = match missed {
                Missed::Everything(path) => sink
                    .at(
                        cx.span(fact),
                        format!("matches nothing: `{link}` is a symbolic link to `{target}`"),
                    )
                    .note(format!("the kernel asks for `{path}`, and no such rule is there"))
                    .help(format!("begin the path with `{target}`, or with `@{{run}}`")),
                Missed::Part(path) => sink
                    .at(
                        cx.span(fact),
                        format!("does not deny what lies in `{link}`: that is a symbolic link to `{target}`"),
                    )
                    .severity(Severity::Info)
                    .note(format!("the kernel asks for `{path}`, which this rule does not match"))
                    .help(format!("deny the files in `{target}` as well, if they are meant")),
            };
            sink.report(finding);
            break;
        }
    }
}

/// What a rule means and does not reach, with an example as the kernel sees it.
enum Missed {
    /// All its paths lie behind the link.
    Everything(String),
    /// A deny rule also means what lies behind the link.
    Part(String),
}

fn missed(entry: EntryRef<'_>, link: &str, target: &str, effective: &Effective) -> Option<Missed> {
    let nfa = &*entry.entry.nfa;
    let begins = |start: &[u8]| nfa.prefixes().iter().all(|text| text.starts_with(start));
    // Most rules are about other places.
    if !begins(b"/var/") || nfa.has_nul() {
        return None;
    }
    let behind = format!("{link}/");
    if begins(behind.as_bytes()) {
        let example = common(&[nfa], &[], InputDomain::Paths).ok()??;
        let real = [target.as_bytes(), example.get(link.len()..)?].concat();
        let there = effective.matching(Class::File, &real);
        let reached = there
            .iter()
            .filter(|other| other.entry.effect == entry.entry.effect)
            .fold(0, |all, other| all | other.entry.mask);
        return (reached & entry.entry.mask != entry.entry.mask)
            .then(|| Missed::Everything(String::from_utf8_lossy(&real).into_owned()));
    }
    let stranger = format!("{target}/zeta-report");
    let is_meant =
        entry.entry.effect == Mode::Deny && nfa.matches(format!("{link}/zeta-report").as_bytes());
    if !is_meant || nfa.matches(stranger.as_bytes()) {
        return None;
    }
    let decided = effective.decide(Class::File, stranger.as_bytes());
    let is_missed = decided.deny & entry.entry.mask != entry.entry.mask;
    is_missed.then(|| Missed::Part(format!("{target}/…")))
}
