//! The edits between two texts.

use gen_lsp_types::TextEdit;
use similar::TextDiff;

use super::encoding::{PositionEncoding, TextLines};
use crate::source::TextRange;

/// The edits of whole lines that make one text the other.
pub(super) fn line_edits(text: &str, wanted: &str, encoding: PositionEncoding) -> Vec<TextEdit> {
    let lines = TextLines::new(text, encoding);
    let diff = TextDiff::from_lines(text, wanted);
    let length = |slices: &[&str]| slices.iter().map(|slice| slice.len()).sum::<usize>();
    let (mut at, mut edits) = (0, Vec::new());
    for operation in diff.ops() {
        let old = diff.old_slices().get(operation.old_range());
        let new = diff.new_slices().get(operation.new_range());
        let (old, new) = (old.unwrap_or_default(), new.unwrap_or_default());
        let end = at + length(old);
        if old != new {
            let offset = |at: usize| u32::try_from(at).unwrap_or(u32::MAX);
            edits.push(TextEdit {
                range: lines.range(TextRange::new(offset(at), offset(end))),
                new_text: new.concat(),
            });
        }
        at = end;
    }
    edits
}
