//! `invalid-exec-target`: transitions where there are none.

use crate::diagnostic::Severity;
use crate::lint::{Check, Cx, FileView, Sink};
use crate::syntax::fault::{ExecTargetFault, FaultKind};

/// What the registry runs.
pub const CHECK: Check = Check::File(check);

fn check(file: &FileView<'_>, _: &Cx<'_>, sink: &mut Sink<'_>) {
    for fault in &file.file.faults {
        let FaultKind::ExecTarget(target) = &fault.kind else {
            continue;
        };
        let text = file.slice(fault.range);
        let (message, help) = words(target, text);
        let mut finding = sink.at(file.span(fault.range), message).help(help);
        // The parser accepts these and forgets the target.
        if matches!(
            target,
            ExecTargetFault::WithoutExec | ExecTargetFault::LinkBehindPath
        ) {
            finding = finding.severity(Severity::Warning);
        }
        sink.report(finding);
    }
}

fn words(fault: &ExecTargetFault, text: &str) -> (String, &'static str) {
    match fault {
        ExecTargetFault::WithoutExec => (
            format!("the target `{text}` has no effect: the rule grants no exec"),
            "add an exec mode such as `Px`, or remove the target",
        ),
        ExecTargetFault::LinkBehindPath => (
            format!("the link target `{text}` has no effect: the link may point to anything"),
            "behind the path `->` names a profile; write the permissions first, `rwl /path -> /target,`, or a `link` rule",
        ),
        ExecTargetFault::LinkAndExec => (
            format!("`{text}` could be the target of a link or of an exec"),
            "split the rule: one for `l`, one for the exec",
        ),
        ExecTargetFault::LinkToNamespace => (
            format!("the link target `{text}` names a profile"),
            "a link points to a path",
        ),
        ExecTargetFault::SafetyWithoutExec => (
            format!("`{text}` stands on a rule without exec permission"),
            "add an exec mode, or remove it",
        ),
        ExecTargetFault::SubsetWithoutLink => (
            format!("`{text}` stands on a rule that is not about links"),
            "it goes with `l` alone: remove it",
        ),
        ExecTargetFault::SafetyWithoutProgram => (
            format!("`{text}` is said of no program"),
            "write `change_profile safe /path/of/program -> target,`, or remove it",
        ),
        ExecTargetFault::ProgramNotAbsolute => (
            format!("the program `{text}` is no absolute path"),
            "begin it with `/` or a variable",
        ),
        ExecTargetFault::NamespaceNotTerminated => (
            format!("the namespace of `{text}` does not end"),
            "write `:namespace:name`",
        ),
        ExecTargetFault::NamespaceEmpty => (
            format!("the namespace of `{text}` is empty"),
            "write `:namespace:name`",
        ),
        ExecTargetFault::NameEmpty => (
            format!("`{text}` names no profile"),
            "write `:namespace:name`",
        ),
    }
}
