//! Documents laid out as `aalint fmt` does.

use std::ops::RangeInclusive;

use gen_lsp_types::{DocumentRangeFormattingParams, TextEdit};
use serde_json::Value;
use similar::TextDiff;

use super::client::Client;
use super::documents::OpenDocument;
use super::encoding::TextLines;
use super::refusal::{NoAnswer, told};
use super::tree::PolicyTrees;
use crate::format::format;
use crate::source::TextRange;

/// The edits that lay a whole document out.
pub(super) fn whole(
    uri: &str,
    trees: &PolicyTrees<'_>,
    client: &Client,
) -> Result<Value, NoAnswer> {
    let Some(document) = trees.documents().get(uri) else {
        return Ok(Value::Null);
    };
    edits(document, None, trees, client)
}

/// The edits that lay the lines of a range out.
pub(super) fn range(
    params: &DocumentRangeFormattingParams,
    trees: &PolicyTrees<'_>,
    client: &Client,
) -> Result<Value, NoAnswer> {
    let Some(document) = trees.documents().get(&params.text_document.uri.0) else {
        return Ok(Value::Null);
    };
    let range = TextLines::new(&document.text, client.encoding).bytes(&params.range);
    // As `fmt` counts lines. A range that ends where a line begins holds nothing of it.
    let number = |offset: u32| {
        let before = document.text.get(..offset as usize).unwrap_or_default();
        before.matches('\n').count() + 1
    };
    let last = range.end.saturating_sub(1).max(range.start);
    let lines = number(range.start)..=number(last);
    edits(document, Some(lines), trees, client)
}

fn edits(
    document: &OpenDocument,
    only: Option<RangeInclusive<usize>>,
    trees: &PolicyTrees<'_>,
    client: &Client,
) -> Result<Value, NoAnswer> {
    let layout = trees.surroundings().layout(&document.path);
    let layout = layout.map_err(NoAnswer::failed)?;
    let text = document.text.as_str();
    // What cannot be laid out stays as it is.
    let Ok(formatted) = format(text, &layout, only) else {
        return Ok(Value::Null);
    };
    let lines = TextLines::new(text, client.encoding);
    let diff = TextDiff::from_lines(text, formatted.as_str());
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
    told(edits)
}
