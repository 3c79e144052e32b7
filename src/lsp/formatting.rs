//! Documents laid out as `aalint fmt` does.

use std::ops::RangeInclusive;

use gen_lsp_types::DocumentRangeFormattingParams;
use serde_json::Value;

use super::client::Client;
use super::documents::OpenDocument;
use super::encoding::TextLines;
use super::line_edits::line_edits;
use super::refusal::{NoAnswer, told};
use super::tree::PolicyTrees;
use crate::format::format;

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
    told(line_edits(text, &formatted, client.encoding))
}
