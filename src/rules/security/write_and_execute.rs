//! `write-and-execute`: files that the program writes and then runs as its own code.

use crate::access::{Class, Effective, Exec};
use crate::analysis::WriteExec;
use crate::lang::permissions::{EXEC, MMAP};
use crate::lint::{Check, Cx, Sink};
use crate::policy::ProfileView;
use crate::syntax::ast::Body;

/// What the registry runs.
pub const CHECK: Check = Check::Profile(check);

fn check(profile: &ProfileView<'_>, cx: &Cx<'_>, sink: &mut Sink<'_>) {
    let effective = cx.effective(profile);
    // Execs that leave the profile are the matter of `writable-transition`.
    let stays = |bits: u8, exec: Option<&Exec>| {
        bits & MMAP != 0 || bits & EXEC != 0 && exec.is_some_and(Exec::may_inherit)
    };
    for write_exec in effective.write_execs(profile, cx.summaries, &stays) {
        let both = [write_exec.write, write_exec.execute];
        if !both.iter().any(|entry| cx.may_be_dropped(*entry, profile)) {
            let runs = runs(&write_exec, &effective);
            report(&write_exec, runs, profile, cx, sink);
        }
    }
}

/// Whether the rule lets the file be executed under this profile. Where it grants only `m`, another
/// one may let it be executed elsewhere.
fn runs(write_exec: &WriteExec<'_>, effective: &Effective) -> bool {
    let led: Vec<&Exec> = write_exec.verdict.exec.iter().flatten().collect();
    let matching = effective.matching(Class::File, &write_exec.path);
    let mut of_rule = matching
        .iter()
        .filter(|found| found.rule() == write_exec.execute.rule());
    of_rule.any(|found| {
        let exec = found.entry.exec.as_ref();
        exec.is_some_and(|exec| exec.may_inherit() && led.contains(&exec))
    })
}

fn report(
    write_exec: &WriteExec<'_>,
    runs: bool,
    profile: &ProfileView<'_>,
    cx: &Cx<'_>,
    sink: &mut Sink<'_>,
) {
    let origins =
        [write_exec.write, write_exec.execute].map(|entry| entry.origin(profile, cx.summaries));
    let [Some((write_way, write)), Some((_, execute))] = origins else {
        return;
    };
    // `allow-all` speaks of these.
    if matches!(write.rule.body, Body::AllFiles | Body::All) {
        return;
    }
    let claims = cx.claims_of_write_exec(profile, write_exec, EXEC | MMAP);
    let path = String::from_utf8_lossy(&write_exec.path);
    let (verb, place) = if runs {
        ("executed", ["and run here", "run here"])
    } else {
        ("mapped as code", ["and mapped here", "mapped here"])
    };
    let [behind, in_front] = place;
    // The rule of the profile itself comes first.
    let is_own = write_way.len() == profile.via.len();
    let (first, second, marks) = if is_own {
        (write, execute, ["written here", behind])
    } else {
        (execute, write, [in_front, "and written here"])
    };
    let [mark, label] = marks;
    let mut finding = sink.at(
        cx.span(first),
        format!("`{path}` can be written and then {verb}"),
    );
    if write_exec.write.rule() != write_exec.execute.rule() {
        finding = finding.mark(mark).label(cx.span(second), label);
    }
    let finding = finding
        .claims(claims)
        .note(
            "an attacker who compromises the program can add code of their own, which is still there after a restart",
        )
        .help(
            "remove `w` where programs and libraries lie, or `x` and `m` where data lies",
        );
    sink.report(finding);
}
