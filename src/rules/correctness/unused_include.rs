//! `unused-include`: files that are included a second time.

use rustc_hash::FxHashMap;

use crate::diagnostic::Applicability;
use crate::lint::{Check, Cx, FileView, Sink};
use crate::policy::{IncludeTarget, includes};
use crate::source::{FileId, TextRange};
use crate::syntax::ast::Item;

/// What the registry runs.
pub const CHECK: Check = Check::File(check);

fn check(file: &FileView<'_>, cx: &Cx<'_>, sink: &mut Sink<'_>) {
    let Some(loaded) = cx.store.file(file.id) else {
        return;
    };
    let targets: FxHashMap<TextRange, &IncludeTarget> = includes(&file.file.ast.items)
        .into_iter()
        .map(|include| include.range)
        .zip(&loaded.includes)
        .collect();
    look(&file.file.ast.items, file, &targets, sink);
}

fn look(
    items: &[Item],
    file: &FileView<'_>,
    targets: &FxHashMap<TextRange, &IncludeTarget>,
    sink: &mut Sink<'_>,
) {
    let mut first: FxHashMap<FileId, TextRange> = FxHashMap::default();
    for item in items {
        match item {
            Item::Include(include) => {
                let Some(IncludeTarget::Files(files)) = targets.get(&include.range) else {
                    continue;
                };
                let [id] = files.as_slice() else { continue };
                let Some(before) = first.get(id) else {
                    first.insert(*id, include.range);
                    continue;
                };
                let line = file.source.line_range(include.range.start);
                let is_alone = file.slice(line).trim() == file.slice(include.range).trim();
                let gone = if is_alone {
                    TextRange::new(line.start, line.end + 1)
                } else {
                    include.range
                };
                let written = file.slice(include.written);
                let finding = sink
                    .at(
                        file.span(include.range),
                        format!("{written} is included a second time"),
                    )
                    .label(file.span(*before), "included here first")
                    .note("the parser skips the second include of a file in one profile")
                    .replace(Applicability::Safe, "remove the line", file.span(gone), "");
                sink.report(finding);
            }
            Item::Profile(profile) => look(&profile.items, file, targets, sink),
            _ => {}
        }
    }
}
