//! `audit-deny-umount`: a rule that takes mounts out of mediation with apparmor_parser 3.0.

use crate::diagnostic::Severity;
use crate::glob::Nfa;
use crate::lang::targets::Version;
use crate::lint::{Check, Cx, Sink};
use crate::policy::{Fact, ProfileView};
use crate::syntax::ast::{Body, Mode};

/// What the registry runs.
pub const CHECK: Check = Check::WholeProfile(check);

/// Parsers up to this one are known to compile it wrong (3.0.8), those from [`RIGHT`] on to compile it right
/// (4.1.0, 5.0.2).
const WRONG: Version = Version(3, 0);
const RIGHT: Version = Version(4, 1);

fn check(profile: &ProfileView<'_>, cx: &Cx<'_>, sink: &mut Sink<'_>) {
    let parser = cx.target.and_then(|target| target.parser);
    if parser.is_some_and(|parser| parser >= RIGHT) {
        return;
    }
    let all = profile.facts(cx.summaries).map(|(_, fact)| fact);
    let mut of_mounts = all.filter(|fact| is_of_mounts(fact));
    if !of_mounts.all(|fact| fact.mode == Mode::Deny && fact.is_audit) {
        return;
    }
    for fact in profile.own_facts(cx.summaries) {
        let Body::Umount(rule) = &fact.rule.body else {
            continue;
        };
        let point = rule.source.map(|word| cx.value(fact.file, word));
        if point.is_some_and(|point| !may_be_empty(&point)) {
            continue;
        }
        let mut finding = sink
            .at(
                fact.rule.range.in_file(fact.file),
                "with apparmor_parser 3.0 `audit deny umount` allows all mounts",
            )
            .note("it compiles the profile without any rule about mounts, and the kernel then mediates none")
            .help("name the mount points: `audit deny umount /{,**},`");
        if parser.is_none_or(|parser| parser > WRONG) {
            finding = finding.severity(Severity::Info);
        }
        sink.report(finding);
    }
}

/// Whether a mount point as written may be nothing at all, as `**` may: to the parser that is no mount point.
fn may_be_empty(point: &str) -> bool {
    Nfa::path(point).is_ok_and(|nfa| nfa.matches(b""))
}

fn is_of_mounts(fact: &Fact<'_>) -> bool {
    matches!(
        fact.rule.body,
        Body::Mount(_) | Body::Remount(_) | Body::Umount(_) | Body::PivotRoot(_) | Body::All
    )
}
