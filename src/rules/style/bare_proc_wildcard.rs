//! `bare-proc-wildcard`: `*` where the number of a process is meant.

use crate::diagnostic::Applicability;
use crate::lint::{Check, Cx, FileView, Sink, written_rules};
use crate::source::TextRange;
use crate::syntax::ast::Body;

/// What the registry runs.
pub const CHECK: Check = Check::File(check);

fn check(file: &FileView<'_>, _: &Cx<'_>, sink: &mut Sink<'_>) {
    for rule in written_rules(&file.file.ast.items) {
        let Body::File(body) = &rule.body else {
            continue;
        };
        let written = file.slice(body.path.0);
        let Some(start) = wildcard(written) else {
            continue;
        };
        let start = body.path.0.start.saturating_add(start);
        let place = file.span(TextRange::new(start, start.saturating_add(1)));
        let number = match file.unit {
            Some(unit) if unit.env.variable("pid").is_some() => "@{pid}",
            // An abstraction is read with the variables of who includes it.
            None if written.contains("@{PROC}") => "@{pid}",
            _ => "[0-9]*",
        };
        let finding = sink
            .at(place, "this `*` matches more than the numbers of processes")
            .note("`/proc/sys`, `/proc/net`, `/proc/fs` and others are no directories of processes")
            .replace(
                Applicability::Unsafe,
                format!("write `{number}`"),
                place,
                number,
            );
        sink.report(finding);
    }
}

/// Where in a path below `/proc` a `*` alone stands for the directory of a process, in bytes.
fn wildcard(path: &str) -> Option<u32> {
    let rest = path.strip_prefix('"').unwrap_or(path);
    let rest = ["@{PROC}/", "/proc/"]
        .iter()
        .find_map(|proc| rest.strip_prefix(proc))?;
    rest.starts_with("*/")
        .then(|| u32::try_from(path.len().saturating_sub(rest.len())).ok())?
}
