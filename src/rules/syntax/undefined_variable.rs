//! `undefined-variable`: variables that nothing defines.

use crate::lint::{Check, Cx, FileView, Sink};
use crate::policy::ProblemKind;

/// What the registry runs.
pub const CHECK: Check = Check::File(check);

fn check(file: &FileView<'_>, _: &Cx<'_>, sink: &mut Sink<'_>) {
    let Some(unit) = file.unit else { return };
    for problem in &unit.problems {
        let message = match &problem.kind {
            ProblemKind::UndefinedVariable(name) => {
                format!("the variable `@{{{name}}}` is not defined")
            }
            ProblemKind::UndefinedBoolean(name) => format!("the boolean `${name}` is not defined"),
            _ => continue,
        };
        let has_tunables = unit.env.variable("HOME").is_some();
        let help = match &problem.kind {
            ProblemKind::UndefinedVariable(name)
                if matches!(name.as_str(), "attach_path" | "exec_path") =>
            {
                "only a profile with an attachment has this variable"
            }
            ProblemKind::UndefinedBoolean(_) => "set it in front of the profile: `$NAME = true`",
            _ if has_tunables => "define it in front of the profile: `@{NAME} = value`",
            _ => "add `include <tunables/global>` in front of the profile, or define it there",
        };
        let mut finding = sink.at(problem.span, message).help(help);
        finding.via.clone_from(&problem.via);
        sink.report(finding);
    }
}
