//! `deprecated-syntax`: spellings that the parser still takes.

use crate::diagnostic::Applicability;
use crate::lang::mount::{self, PROPAGATION};
use crate::lint::{Check, Cx, FileView, Sink};
use crate::source::TextRange;
use crate::syntax::ast::{Body, Item};
use crate::syntax::fault::{Deprecated, FaultKind};

/// What the registry runs.
pub const CHECK: Check = Check::File(check);

fn check(file: &FileView<'_>, _: &Cx<'_>, sink: &mut Sink<'_>) {
    for fault in &file.file.faults {
        let FaultKind::Deprecated(deprecated) = &fault.kind else {
            continue;
        };
        let text = file.slice(fault.range);
        let span = file.span(fault.range);
        let finding = match deprecated {
            Deprecated::UppercasePermissions(lower) => sink
                .at(
                    span,
                    format!("the permissions `{text}` are written in upper case"),
                )
                .replace(
                    Applicability::Safe,
                    format!("write `{lower}`"),
                    span,
                    lower.as_str(),
                ),
            Deprecated::CommaInValue => sink
                .at(
                    span,
                    format!("the value `{text}` contains a comma, which does not separate values"),
                )
                .help("separate values by blanks, or write alternatives in braces"),
        };
        sink.report(finding);
    }
    propagation(&file.file.ast.items, file, sink);
}

/// `mount options=(rprivate) /path,`: the mount point stands where a source would.
fn propagation(items: &[Item], file: &FileView<'_>, sink: &mut Sink<'_>) {
    for item in items {
        match item {
            Item::Profile(profile) => propagation(&profile.items, file, sink),
            Item::Block(block) => propagation(&block.items, file, sink),
            Item::Rule(rule) => {
                let Body::Mount(mount) = &rule.body else {
                    continue;
                };
                let flags = mount
                    .conditions
                    .iter()
                    .flat_map(|condition| &condition.values)
                    .fold(0, |flags, value| {
                        flags | mount::option(file.slice(value.0)).map_or(0, |(set, _)| set)
                    });
                if let (true, Some(source), None) =
                    (flags & PROPAGATION != 0, mount.source, mount.target)
                {
                    let at = file.span(TextRange::at(source.0.start));
                    let finding = sink
                        .at(file.span(source.0), "a mount rule that changes propagation names its mount point without `->`")
                        .replace(Applicability::Safe, "write `->` in front of it", at, "-> ");
                    sink.report(finding);
                }
            }
            _ => {}
        }
    }
}
