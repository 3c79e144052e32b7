//! `hash-space-include`: an include that is a comment.

use crate::diagnostic::Applicability;
use crate::lint::{Check, Cx, FileView, Sink};

/// What the registry runs.
pub const CHECK: Check = Check::File(check);

fn check(file: &FileView<'_>, _: &Cx<'_>, sink: &mut Sink<'_>) {
    for comment in &file.file.ast.comments {
        let text = file.slice(*comment);
        let Some(rest) = text.strip_prefix('#') else {
            continue;
        };
        let statement = rest.trim_start_matches([' ', '\t']);
        let has_blank = statement.len() < rest.len();
        let Some(path) = statement.strip_prefix("include ") else {
            continue;
        };
        let path = path
            .trim_start()
            .trim_start_matches("if exists")
            .trim_start();
        // Whole paths only: prose may begin with "include" too.
        let is_path = path.starts_with('<') && path.trim_end().ends_with('>');
        if has_blank && is_path {
            let gap = comment.part(0, text.len() - statement.len());
            let finding = sink
                .at(
                    file.span(*comment),
                    "`# include` with a blank is a comment, not an include",
                )
                .note("the parser skips the line without a warning")
                .note("once the file is included, its rules can cover rules of this profile (`redundant-rule`)")
                .help("write `# off: include …` to keep it switched off")
                .replace(
                    Applicability::Unsafe,
                    "make it an include",
                    file.span(gap),
                    "",
                );
            sink.report(finding);
        }
    }
}
