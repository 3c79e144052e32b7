//! `invalid-qualifier`: qualifiers where they cannot stand.

use crate::lint::{Check, Cx, FileView, Sink};
use crate::syntax::fault::{FaultKind, QualifierFault};

/// What the registry runs.
pub const CHECK: Check = Check::File(check);

fn check(file: &FileView<'_>, _: &Cx<'_>, sink: &mut Sink<'_>) {
    for fault in &file.file.faults {
        let FaultKind::Qualifier(qualifier) = &fault.kind else {
            continue;
        };
        let text = file.slice(fault.range);
        let span = file.span(fault.range);
        let finding = match qualifier {
            QualifierFault::OwnerNotAllowed(kind) => sink
                .at(span, format!("`{text}` stands on a {kind} rule"))
                .help("only files have an owner: remove it"),
            QualifierFault::PriorityNotAllowed(kind) => sink
                .at(span, format!("a {kind} has no priority"))
                .help("give the rules themselves a priority, or remove it"),
            QualifierFault::PromptNotAllowed(kind) => sink
                .at(span, format!("`prompt` stands on a {kind} rule"))
                .help("remove it"),
            QualifierFault::PriorityRange => sink
                .at(span, format!("`{text}` is no priority"))
                .help("a priority is a whole number from -1000 to 1000"),
            QualifierFault::Conflict(first) => sink
                .at(
                    span,
                    format!("`{text}` cannot follow `{}`", file.slice(*first)),
                )
                .label(file.span(*first), "this one is of the same kind")
                .help("keep one of the two"),
            QualifierFault::Order(first) => sink
                .at(
                    span,
                    format!("`{text}` must stand in front of `{}`", file.slice(*first)),
                )
                .label(file.span(*first), "this one comes later")
                .help("the order is priority, audit, allow or deny or prompt, owner"),
            QualifierFault::NotAQualifier => sink
                .at(
                    span,
                    format!("no released parser takes `{text}` as a qualifier"),
                )
                .help("qualifiers are priority=N, audit, allow, deny, prompt, owner and other"),
            QualifierFault::ConflictWithBlock(first) => sink
                .at(span, format!("`{text}` contradicts the block around it"))
                .label(file.span(*first), "the block says this")
                .help("move the rule out of the block, or remove the qualifier"),
            QualifierFault::NotAllowedHere => sink
                .at(
                    span,
                    format!("`{text}` qualifies something that is no rule"),
                )
                .help("qualifiers belong to rules and blocks of rules: remove it"),
        };
        sink.report(finding);
    }
}
