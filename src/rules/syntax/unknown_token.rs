//! `unknown-token`: a word that is not known at its place.

use crate::diagnostic::{Applicability, Severity};
use crate::lint::{Check, Cx, FileView, Sink};
use crate::syntax::fault::{FaultKind, UnknownWord, Vocabulary};

/// What the registry runs.
pub const CHECK: Check = Check::File(check);

fn check(file: &FileView<'_>, _: &Cx<'_>, sink: &mut Sink<'_>) {
    for fault in &file.file.faults {
        let FaultKind::Unknown(UnknownWord {
            vocabulary,
            suggestion,
        }) = &fault.kind
        else {
            continue;
        };
        let text = file.slice(fault.range);
        let span = file.span(fault.range);
        let mut finding = sink.at(span, format!("{} `{text}` is not known", what(*vocabulary)));
        finding = match suggestion {
            Some(name) => {
                let fix = format!("write `{name}`");
                finding.mark(format!("did you mean `{name}`?")).replace(
                    Applicability::Unsafe,
                    fix,
                    span,
                    *name,
                )
            }
            None => finding.help(where_to_look(*vocabulary)),
        };
        // apparmor_parser 5.0.2 passes over words that it does not know here.
        if *vocabulary == Vocabulary::Permission("io_uring") {
            finding = finding.severity(Severity::Warning);
        }
        sink.report(finding);
    }
}

fn what(vocabulary: Vocabulary) -> String {
    match vocabulary {
        Vocabulary::Keyword => "the keyword".to_owned(),
        Vocabulary::FilePermission => "the permission".to_owned(),
        Vocabulary::Capability => "the capability".to_owned(),
        Vocabulary::Network => "the network family, type or protocol".to_owned(),
        Vocabulary::Permission(kind) => format!("the {kind} permission"),
        Vocabulary::Condition(kind) => format!("the {kind} condition"),
        Vocabulary::Signal => "the signal".to_owned(),
        Vocabulary::MountOption => "the mount option".to_owned(),
        Vocabulary::Flag => "the profile flag".to_owned(),
        Vocabulary::Resource => "the resource".to_owned(),
        Vocabulary::Value(condition) => format!("the value of `{condition}`"),
    }
}

const fn where_to_look(vocabulary: Vocabulary) -> &'static str {
    match vocabulary {
        Vocabulary::FilePermission => {
            "write permissions such as r, w, a, k, l, m, and exec modes such as ix, px, cx, ux"
        }
        Vocabulary::Capability => "write a name from capabilities(7) in lower case without `CAP_`",
        Vocabulary::Signal => "write a name from signal(7) in lower case without `SIG`",
        Vocabulary::MountOption => {
            "write an option from apparmor.d(5); options of a file system cannot be mediated"
        }
        Vocabulary::Keyword => {
            "begin a rule with a path, its permissions, or a keyword such as capability or network"
        }
        _ => "write a word that apparmor.d(5) lists",
    }
}
