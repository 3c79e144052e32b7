//! `deny-list-policy`: everything is granted, and deny rules leave gaps.

use crate::access::{Class, Effective, bits};
use crate::analysis::matches_all;
use crate::diagnostic::Claim;
use crate::glob::Nfa;
use crate::lang::permissions::{APPEND, EXEC, WRITE};
use crate::lang::places::{ALIKE, Alike, EVERYTHING};
use crate::lint::{Check, Cx, Sink, listed};
use crate::policy::ProfileView;
use crate::syntax::ast::Mode;

/// What the registry runs.
pub const CHECK: Check = Check::Profile(check);

/// A file that is open, what can be done to it, and the bits that are allowed.
type Gap = (String, String, u32);

/// How many gaps a finding names.
const MAX_NAMED: usize = 4;

/// Where a program could put a copy of another one.
const COPIES: [&str; 3] = ["/tmp/copy", "/var/tmp/copy", "/dev/shm/copy"];

fn check(profile: &ProfileView<'_>, cx: &Cx<'_>, sink: &mut Sink<'_>) {
    let effective = cx.effective(profile);
    let granting = effective
        .own_entries(profile, Class::File)
        .find(|found| found.entry.effect == Mode::Allow && matches_all(found.entry, &EVERYTHING));
    let Some(granting) = granting else { return };
    let mut gaps: Vec<Gap> = Vec::new();
    let mut denies = None;
    for entry in effective.own_entries(profile, Class::File) {
        if entry.entry.effect != Mode::Deny {
            continue;
        }
        let before = gaps.len();
        for alike in ALIKE {
            let both = bits::both(alike.bits) & granting.entry.mask & entry.entry.mask;
            if both != 0 && names_one(&entry.entry.nfa, alike) {
                gaps.extend(open(&effective, alike, both));
            }
        }
        if gaps.len() > before {
            denies = denies.or(entry.origin(profile, cx.summaries));
        }
    }
    gaps.sort();
    gaps.dedup();
    let origin = granting.origin(profile, cx.summaries);
    let (Some((_, fact)), Some((_, deny)), Some((first, what, _))) = (origin, denies, gaps.first())
    else {
        return;
    };
    if effective.may_deny_more(Class::File, profile, cx.summaries) {
        return;
    }
    let rest: Vec<String> = gaps.iter().skip(1).map(|(path, ..)| path.clone()).collect();
    let of_gap = |(path, _, bits): &Gap| cx.claims_of(profile, Class::File, path.as_bytes(), *bits);
    let claims: Vec<Claim> = gaps.iter().flat_map(of_gap).collect();
    let mut finding = sink
        .at(
            cx.span(fact),
            format!("the rule allows every file, and the deny rules miss `{first}`: it {what}"),
        )
        .label(cx.span(deny), "denies files of the same kind")
        .claims(claims);
    if !rest.is_empty() {
        finding = finding.note(format!("they also miss {}", listed(&rest, MAX_NAMED)));
    }
    let finding = finding.help("allow only the files that the program needs");
    sink.report(finding);
}

fn names_one(deny: &Nfa, alike: &Alike) -> bool {
    let mut paths = alike.paths.iter();
    paths.any(|path| deny.matches(path.as_bytes()))
}

/// Those of the files that are open, with what can be done to each.
fn open(effective: &Effective, alike: &Alike, mask: u32) -> Vec<Gap> {
    let allowed =
        |path: &str, mask: u32| effective.decide(Class::File, path.as_bytes()).allow & mask;
    let mut found: Vec<Gap> = alike
        .paths
        .iter()
        .filter(|path| allowed(path, mask) != 0)
        .map(|path| {
            (
                (*path).to_owned(),
                alike.what.to_owned(),
                allowed(path, mask),
            )
        })
        .collect();
    if alike.bits == EXEC {
        let writes = bits::both(WRITE | APPEND);
        let copies = COPIES
            .iter()
            .filter(|path| allowed(path, writes) != 0 && allowed(path, bits::EXECS) != 0);
        let can = "can be written and executed, and so can a copy of any program";
        found.extend(copies.take(1).map(|path| {
            (
                (*path).to_owned(),
                can.to_owned(),
                allowed(path, writes | bits::EXECS),
            )
        }));
    }
    found
}
