//! Text in Markdown documents.

use super::one_line;

/// Text in a code span. A span of more backticks than the text has in a row holds any text.
pub(crate) fn code(text: &str) -> String {
    let text = one_line(text);
    let longest = text.split(|c| c != '`').map(str::len).max().unwrap_or(0);
    let fence = "`".repeat(longest + 1);
    let space = if longest > 0 { " " } else { "" };
    format!("{fence}{space}{text}{space}{fence}")
}

/// Text in which nothing is markup, but for code spans of ours.
pub(super) fn plain(text: &str) -> String {
    one_line(text)
        .replace('<', "&lt;")
        .replace('|', "\\|")
        .replace('*', "\\*")
}
