//! `relative-path`: paths that match nothing.

use crate::lint::{Check, Cx, FileView, Sink};
use crate::syntax::fault::{FaultKind, PathRole};

/// What the registry runs.
pub const CHECK: Check = Check::File(check);

fn check(file: &FileView<'_>, _: &Cx<'_>, sink: &mut Sink<'_>) {
    for fault in &file.file.faults {
        let FaultKind::RelativePath(role) = &fault.kind else {
            continue;
        };
        let text = file.slice(fault.range);
        let what = match role {
            PathRole::File => "the path",
            PathRole::Link => "the end of a link",
            PathRole::Alias => "the end of an alias",
        };
        let finding = sink
            .at(
                file.span(fault.range),
                format!("{what} `{text}` does not begin with `/`"),
            )
            .mark("matches nothing")
            .note("the kernel uses absolute paths, so the rule has no effect")
            .help(format!(
                "write `/{text}` in full, or begin it with a variable"
            ));
        sink.report(finding);
    }
}
