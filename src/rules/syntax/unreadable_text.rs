//! `unreadable-text`: bytes that are no text.

use crate::diagnostic::Severity;
use crate::lint::{Check, Cx, FileView, Sink};
use crate::source::TextProblem;

/// What the registry runs.
pub const CHECK: Check = Check::File(check);

fn check(file: &FileView<'_>, _: &Cx<'_>, sink: &mut Sink<'_>) {
    let mut others = 0;
    let mut first = None;
    for problem in &file.source.problems {
        match problem {
            TextProblem::Nul(range) => {
                let finding = sink
                    .at(file.span(*range), "the file holds a NUL byte")
                    .severity(Severity::Error)
                    .help("remove it: the parser stops here");
                sink.report(finding);
            }
            TextProblem::NotUtf8(range) => {
                first.get_or_insert(*range);
                others += 1;
            }
        }
    }
    if let Some(range) = first {
        let places = if others == 1 {
            String::new()
        } else {
            format!(", here and in {} more places", others - 1)
        };
        let finding = sink
            .at(file.span(range), format!("the file is not UTF-8{places}"))
            .note("the kernel compares bytes; it works if the file names have the same encoding")
            .help("write the file as UTF-8, or the bytes as octal escapes such as `\\344`");
        sink.report(finding);
    }
}
