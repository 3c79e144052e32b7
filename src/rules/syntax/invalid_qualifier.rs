//! `invalid-qualifier`: qualifiers where they cannot stand.

use crate::diagnostic::{Applicability, Diagnostic, Edit};
use crate::lang::targets::Version;
use crate::lint::{Check, Cx, FileView, Sink, word_with_gap};
use crate::source::{Span, TextRange};
use crate::syntax::fault::{FaultKind, QualifierFault};

/// What the registry runs.
pub const CHECK: Check = Check::File(check);

fn check(file: &FileView<'_>, cx: &Cx<'_>, sink: &mut Sink<'_>) {
    for fault in &file.file.faults {
        let FaultKind::Qualifier(qualifier) = &fault.kind else {
            continue;
        };
        let text = file.slice(fault.range);
        if let QualifierFault::ConflictWithBlock(block) | QualifierFault::RepeatsBlock(block) =
            qualifier
        {
            let is_repeated = matches!(qualifier, QualifierFault::RepeatsBlock(_));
            if !is_refused_in_block(is_repeated, file.slice(*block), cx) {
                continue;
            }
        }
        let finding = told(qualifier, text, file.span(fault.range), file, sink);
        sink.report(match edits(qualifier, text, fault.range, file) {
            Some((title, applicability, edits)) => finding.fix(applicability, title, edits),
            None => finding,
        });
    }
}

/// What is wrong with the qualifier `text`, and what to do.
fn told(
    fault: &QualifierFault,
    text: &str,
    span: Span,
    file: &FileView<'_>,
    sink: &Sink<'_>,
) -> Diagnostic {
    match fault {
        QualifierFault::OwnerNotAllowed(kind) => sink
            .at(span, format!("a {kind} rule takes no `{text}`"))
            .help("remove it: only files have an owner"),
        QualifierFault::PriorityNotAllowed(kind) => sink
            .at(span, format!("a {kind} takes no priority"))
            .help("remove it, or write it before the rules themselves"),
        QualifierFault::PromptNotAllowed(kind) => sink
            .at(span, format!("a {kind} rule takes no `prompt`"))
            .help("remove it"),
        QualifierFault::PriorityRange => sink
            .at(span, format!("`{text}` is not a priority"))
            .help("write a whole number from -1000 to 1000"),
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
                format!("`{text}` must come before `{}`", file.slice(*first)),
            )
            .label(file.span(*first), "this one comes later")
            .help("write priority, audit, then allow, deny or prompt, then owner"),
        QualifierFault::NotAQualifier => sink
            .at(
                span,
                format!("no released parser knows the qualifier `{text}`"),
            )
            .help("write one of priority=N, audit, allow, deny, prompt, owner and other"),
        QualifierFault::ConflictWithBlock(first) => sink
            .at(span, format!("`{text}` contradicts the block around it"))
            .label(file.span(*first), "the block has this qualifier")
            .help("move the rule out of the block, or remove the qualifier"),
        QualifierFault::RepeatsBlock(first) => sink
            .at(
                span,
                format!("the block already has the qualifier `{text}`"),
            )
            .label(file.span(*first), "the block has this qualifier")
            .help("remove it: the qualifier of the block is enough"),
        QualifierFault::NotAllowedHere => sink
            .at(
                span,
                format!("`{text}` is before something that is not a rule"),
            )
            .help("remove it: only rules and blocks of rules take qualifiers"),
    }
}

/// What makes the qualifiers right, where only one thing can be meant.
fn edits(
    fault: &QualifierFault,
    text: &str,
    place: TextRange,
    file: &FileView<'_>,
) -> Option<(String, Applicability, Vec<Edit>)> {
    let gone = Edit {
        span: file.span(word_with_gap(file.source, place)),
        text: String::new(),
    };
    let remove = format!("remove `{text}`");
    match fault {
        QualifierFault::OwnerNotAllowed(_) | QualifierFault::PriorityNotAllowed(_) => {
            Some((remove, Applicability::Unsafe, vec![gone]))
        }
        QualifierFault::RepeatsBlock(_) => Some((remove, Applicability::Safe, vec![gone])),
        QualifierFault::Conflict(first) if file.slice(*first) == text => {
            Some((remove, Applicability::Safe, vec![gone]))
        }
        QualifierFault::Order(first) => {
            let earlier = Edit {
                span: file.span(TextRange::at(first.start)),
                text: format!("{text} "),
            };
            let title = format!("write `{text}` before `{}`", file.slice(*first));
            Some((title, Applicability::Safe, vec![earlier, gone]))
        }
        _ => None,
    }
}

/// Whether the parser refuses `allow`, `deny` or `prompt` on a rule in a block that says `block` itself. 3.0.8 refuses each of
/// them below `deny` and none below `allow`; 5.0.2 takes all; 6.0 refuses those that differ.
fn is_refused_in_block(is_repeated: bool, block: &str, cx: &Cx<'_>) -> bool {
    match cx.target.and_then(|target| target.parser) {
        Some(version) if version < Version(5, 0) => block != "allow",
        Some(version) if version >= Version(6, 0) => !is_repeated,
        _ => false,
    }
}
