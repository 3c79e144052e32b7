//! `duplicate-profile`: names that are defined twice.

use crate::lint::{Check, Cx, FileView, Sink};
use crate::policy::ProblemKind;

/// What the registry runs.
pub const CHECK: Check = Check::File(check);

fn check(file: &FileView<'_>, _: &Cx<'_>, sink: &mut Sink<'_>) {
    for problem in file.unit.iter().flat_map(|unit| &unit.problems) {
        let (what, name, first) = match &problem.kind {
            ProblemKind::DuplicateProfile(name, first) => ("profile", name, first),
            ProblemKind::DuplicateChild(name, first) => ("child profile or hat", name, first),
            _ => continue,
        };
        let mut finding = sink
            .at(
                problem.span,
                format!("the {what} `{name}` is defined a second time"),
            )
            .label(*first, "the first definition")
            .help("rename one of them, or merge their rules");
        finding.via.clone_from(&problem.via);
        sink.report(finding);
    }
}
