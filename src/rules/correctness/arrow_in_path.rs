//! `arrow-in-path`: `->` that the parser reads as part of a path or name.

use crate::lint::{Check, Cx, Sink};
use crate::policy::ProfileView;
use crate::source::Span;
use crate::syntax::ast::{Body, Word};
use crate::syntax::fault::{FaultKind, SyntaxFault};

/// What the registry runs.
pub const CHECK: Check = Check::Profile(check);

fn check(profile: &ProfileView<'_>, cx: &Cx<'_>, sink: &mut Sink<'_>) {
    for fact in profile.own_facts(cx.summaries) {
        let words: [Option<Word>; 2] = match &fact.rule.body {
            Body::File(rule) => [Some(rule.path), rule.target],
            Body::Link(rule) => [Some(rule.link), Some(rule.target)],
            Body::Mount(rule)
            | Body::Remount(rule)
            | Body::Umount(rule)
            | Body::PivotRoot(rule) => [rule.source, rule.target],
            Body::ChangeProfile(rule) => {
                // `change_profile ->x` is refused (the program must begin with `/`): syntax-error says so.
                let is_path = |word: &Word| {
                    let written = cx.slice(word.0.in_file(fact.file));
                    written.starts_with(['/', '@', '"'])
                };
                [rule.exec.filter(is_path), rule.target]
            }
            _ => continue,
        };
        for word in words.into_iter().flatten() {
            let span = word.0.in_file(fact.file);
            let written = cx.slice(span);
            // In quotes it is meant.
            let Some(at) = written.find("->").filter(|_| !written.starts_with('"')) else {
                continue;
            };
            let arrow = Span {
                range: word.0.part(at, at + 2),
                ..span
            };
            if is_refused(arrow, cx) {
                continue;
            }
            let finding = sink
                .at(arrow, format!("`->` is part of the path `{written}`"))
                .note("apparmor_parser reads an arrow without blanks on both sides as part of the word")
                .help("put blanks around the arrow, or quotes around a path that has one");
            sink.report(finding);
        }
    }
}

/// Whether the parser refuses the arrow, which syntax-error says.
fn is_refused(arrow: Span, cx: &Cx<'_>) -> bool {
    let file = cx.store.file(arrow.file);
    file.is_some_and(|loaded| {
        let faults = loaded.file.faults.iter();
        let mut arrows = faults
            .filter(|fault| matches!(fault.kind, FaultKind::Syntax(SyntaxFault::ArrowBlanks)));
        arrows.any(|fault| fault.range == arrow.range)
    })
}
