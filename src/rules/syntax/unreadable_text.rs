//! `unreadable-text`: bytes that are no text.

use crate::diagnostic::Severity;
use crate::lint::{Check, Cx, FileView, Sink};
use crate::source::{TextProblem, TextRange};

/// What the registry runs.
pub const CHECK: Check = Check::File(check);

/// The byte order mark, as a character.
const MARK: char = '\u{feff}';

fn check(file: &FileView<'_>, _: &Cx<'_>, sink: &mut Sink<'_>) {
    if file.source.text.starts_with(MARK) {
        let end = u32::try_from(MARK.len_utf8()).unwrap_or(0);
        let finding = sink
            .at(
                file.span(TextRange::new(0, end)),
                "the file begins with a byte order mark",
            )
            .severity(Severity::Error)
            .note("the parser refuses the file: the mark is an unexpected character")
            .help("save the file as UTF-8 without a byte order mark");
        sink.report(finding);
    }
    nul(file, sink);
    let invalid = file.source.problems.iter();
    let mut invalid = invalid.filter_map(|problem| match problem {
        TextProblem::NotUtf8(range) => Some(*range),
        TextProblem::Nul(_) => None,
    });
    if let Some(range) = invalid.next() {
        let places = match invalid.count() {
            0 => String::new(),
            1 => ", here and in 1 more place".to_owned(),
            others => format!(", here and in {others} more places"),
        };
        let finding = sink
            .at(file.span(range), format!("the file is not UTF-8{places}"))
            .note(
                "the kernel compares bytes, so a rule matches only file names in the same encoding",
            )
            .help("write the file as UTF-8, or the bytes as octal escapes such as `\\344`");
        sink.report(finding);
    }
}

/// The first NUL byte that matters. In a comment the parser reads over it (its rule for a comment is
/// `#.*`, parser_lex.l); elsewhere it refuses the byte, or ends a word there.
fn nul(file: &FileView<'_>, sink: &mut Sink<'_>) {
    let has_nul = |problem: &TextProblem| matches!(problem, TextProblem::Nul(_));
    if !file.source.problems.iter().any(has_nul) {
        return;
    }
    let text = file.source.text.bytes().enumerate();
    let nuls = text.filter(|(_, byte)| *byte == 0).filter_map(|(at, _)| {
        let at = u32::try_from(at).ok()?;
        Some(TextRange::new(at, at + 1))
    });
    let comments = &file.file.ast.comments;
    let is_in_comment = |nul: &TextRange| {
        let next = comments.partition_point(|comment| comment.end <= nul.start);
        let comment = comments.get(next);
        comment.is_some_and(|comment| comment.contains(*nul))
    };
    let mut nuls = nuls.peekable();
    let first = nuls.peek().copied();
    let finding = match (nuls.find(|nul| !is_in_comment(nul)), first) {
        (Some(nul), _) => sink
            .at(file.span(nul), "the file contains a NUL byte")
            .severity(Severity::Error)
            .help("remove it: the parser refuses the file here, or reads a shorter word"),
        (None, Some(nul)) => sink
            .at(file.span(nul), "a comment contains a NUL byte")
            .note("the parser skips it, but other programs treat the file as binary")
            .help("remove it"),
        (None, None) => return,
    };
    sink.report(finding);
}
