//! `writable-transition`: files that the program writes and then runs outside of its profile.

use crate::access::Exec;
use crate::analysis::{WriteExec, is_part_of_broad_access};
use crate::diagnostic::Severity;
use crate::lang::permissions::EXEC;
use crate::lint::{Check, Cx, Sink, describe_exec_target};
use crate::policy::ProfileView;

/// What the registry runs.
pub const CHECK: Check = Check::Profile(check);

fn check(profile: &ProfileView<'_>, cx: &Cx<'_>, sink: &mut Sink<'_>) {
    let effective = cx.effective(profile);
    let leaves = |bits: u8, exec: Option<&Exec>| {
        bits & EXEC != 0 && exec.is_some_and(|exec| !exec.may_inherit())
    };
    let all = effective.write_execs(profile, cx.summaries, &leaves);
    let counts = |write_exec: &WriteExec<'_>| {
        // `broad-access` reports profiles that can write everything.
        let both = [write_exec.write, write_exec.execute];
        !is_part_of_broad_access(write_exec.write.entry, &write_exec.path)
            && !both.iter().any(|entry| cx.may_be_dropped(*entry, profile))
    };
    let mut counting: Vec<&WriteExec<'_>> = all.iter().filter(|one| counts(one)).collect();
    // Many rules for one kind of file each (`/**.png rw,`) meet one exec rule: that is one finding.
    while let Some(first) = counting.first().copied() {
        let is_alike = |other: &&WriteExec<'_>| other.execute.rule() == first.execute.rule();
        let (alike, rest) = counting.into_iter().partition::<Vec<_>, _>(is_alike);
        report(first, alike.len() - 1, profile, cx, sink);
        counting = rest;
    }
}

fn report(
    write_exec: &WriteExec<'_>,
    more: usize,
    profile: &ProfileView<'_>,
    cx: &Cx<'_>,
    sink: &mut Sink<'_>,
) {
    let origins =
        [write_exec.write, write_exec.execute].map(|entry| entry.origin(profile, cx.summaries));
    let [Some((write_way, write)), Some((_, execute))] = origins else {
        return;
    };
    let claims = cx.claims_of_write_exec(profile, write_exec, EXEC);
    let path = String::from_utf8_lossy(&write_exec.path);
    let leaving = write_exec
        .verdict
        .exec
        .iter()
        .flatten()
        .find(|exec| !exec.may_inherit());
    let target = leaving.map_or_else(
        || "outside of this profile".to_owned(),
        |exec| describe_exec_target(exec, &write_exec.path, profile, cx),
    );
    // The rule of the profile itself comes first.
    let is_own = write_way.len() == profile.via.len();
    let (first, second, marks) = if is_own {
        (write, execute, ["written here", "and run here"])
    } else {
        (execute, write, ["run here", "and written here"])
    };
    let [mark, label] = marks;
    let mut finding = sink.at(
        cx.span(first),
        format!("`{path}` can be written and then executed {target}"),
    );
    if write_exec.write.rule() != write_exec.execute.rule() {
        finding = finding.mark(mark).label(cx.span(second), label);
    }
    if more > 0 {
        let (rules, let_it) = if more == 1 {
            ("rule", "lets")
        } else {
            ("rules", "let")
        };
        finding = finding.note(format!(
            "{more} more {rules} {let_it} the program write files that the exec rule matches"
        ));
    }
    if write_exec.is_by_name_alone() {
        finding = finding.severity(Severity::Info);
    }
    let finding = finding
        .claims(claims)
        .note("the program decides what runs there, and so can use all that is allowed there")
        .help("remove `w` from the rule, or narrow the exec rule to programs that this profile cannot write");
    sink.report(finding);
}
