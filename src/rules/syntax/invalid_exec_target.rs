//! `invalid-exec-target`: transitions where there are none.

use crate::diagnostic::Severity;
use crate::lang::targets::Version;
use crate::lint::{Check, Cx, FileView, Sink};
use crate::syntax::ast::Item;
use crate::syntax::fault::{ExecTargetFault, FaultKind};

/// What the registry runs.
pub const CHECK: Check = Check::File(check);

/// The first parser that keeps the target of `/path rl -> /target,`; 4.1.0 still forgets it.
const KEEPS_LINK_TARGETS: Version = Version(5, 0);

fn check(file: &FileView<'_>, cx: &Cx<'_>, sink: &mut Sink<'_>) {
    let parser = cx.target.and_then(|target| target.parser);
    let keeps_link_targets = parser
        .or_else(|| abi(file))
        .is_some_and(|version| version >= KEEPS_LINK_TARGETS);
    for fault in &file.file.faults {
        let FaultKind::ExecTarget(target) = &fault.kind else {
            continue;
        };
        if keeps_link_targets && *target == ExecTargetFault::LinkBehindPath {
            continue;
        }
        let text = file.slice(fault.range);
        let (message, help) = words(target, text);
        let mut finding = sink.at(file.span(fault.range), message).help(help);
        // Parsers accept these.
        if matches!(
            target,
            ExecTargetFault::WithoutExec
                | ExecTargetFault::LinkBehindPath
                | ExecTargetFault::NamespaceEmpty
                | ExecTargetFault::NameEmpty
        ) {
            finding = finding.severity(Severity::Warning);
        }
        sink.report(finding);
    }
}

/// The version of the abi that the file declares: a parser of that version at least must be there, for
/// it brings the file.
fn abi(file: &FileView<'_>) -> Option<Version> {
    let declared = file.file.ast.items.iter().find_map(|item| match item {
        Item::Abi(abi) => file.slice(abi.path).strip_prefix("abi/"),
        _ => None,
    });
    let (major, minor) = declared?.split_once('.')?;
    Some(Version(major.parse().ok()?, minor.parse().ok()?))
}

fn words(fault: &ExecTargetFault, text: &str) -> (String, &'static str) {
    match fault {
        ExecTargetFault::WithoutExec => (
            format!("the target `{text}` has no effect: the rule allows no exec"),
            "add an exec mode such as `Px`, or remove the target",
        ),
        ExecTargetFault::LinkBehindPath => (
            format!(
                "the link target `{text}` has no effect before AppArmor 5.0: the link may point elsewhere"
            ),
            "write the permissions first, `rwl /path -> /target,`, or a `link` rule: every parser keeps that target",
        ),
        ExecTargetFault::LinkAndExec => (
            format!("`{text}` could be the target of a link or of an exec"),
            "split the rule: write one for `l` and one for the exec",
        ),
        ExecTargetFault::LinkToNamespace => (
            format!("the link target `{text}` names a profile"),
            "write the path of a file: a link does not point to a profile",
        ),
        ExecTargetFault::SafetyWithoutExec => (
            format!("`{text}` needs a rule with exec permission"),
            "add an exec mode, or remove it",
        ),
        ExecTargetFault::SubsetWithoutLink => (
            format!("`{text}` needs a rule with `l` alone"),
            "remove it, or keep only the permission `l`",
        ),
        ExecTargetFault::SafetyWithoutProgram => (
            format!("`{text}` has no program"),
            "write `change_profile safe /path/of/program -> target,`, or remove it",
        ),
        ExecTargetFault::ProgramNotAbsolute => (
            format!("the program `{text}` is not an absolute path"),
            "begin it with `/` or a variable",
        ),
        ExecTargetFault::UnsafeDenied => (
            format!("a rule that denies the exec takes no `{text}`"),
            "remove it: a denied exec passes no environment on",
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
