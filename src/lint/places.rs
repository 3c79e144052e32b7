//! Places in the text that edits are about.

use crate::source::{Source, TextRange};
use crate::syntax::ast::Profile;

/// A word and the blanks behind it: what to delete so that the word is gone from the middle of a rule.
#[must_use]
pub fn word_with_gap(source: &Source, word: TextRange) -> TextRange {
    let rest = source.text.get(word.end as usize..).unwrap_or_default();
    let gap = rest.len() - rest.trim_start_matches([' ', '\t']).len();
    let gap = u32::try_from(gap).unwrap_or(0);
    TextRange::new(word.start, word.end.saturating_add(gap))
}

/// The lines of a range with their line ends, if nothing else stands there; or else the range alone.
#[must_use]
pub fn whole_lines(source: &Source, range: TextRange) -> TextRange {
    let first = source.line_range(range.start);
    let last = source.line_range(range.end.saturating_sub(1).max(range.start));
    let lines = TextRange::new(first.start, last.end);
    if source.slice(lines).trim() != source.slice(range).trim() {
        return range;
    }
    TextRange::new(lines.start, source.next_line(last.end))
}

/// Where another line can be put at the end of a profile, and the blanks before its closing brace. `None` if the brace does not
/// begin its line.
#[must_use]
pub fn profile_end<'s>(source: &'s Source, profile: &Profile) -> Option<(TextRange, &'s str)> {
    let brace = profile.range.end.checked_sub(1)?;
    if source.slice(TextRange::new(brace, profile.range.end)) != "}" {
        return None;
    }
    let line = source.line_range(brace);
    let before = source.slice(TextRange::new(line.start, brace));
    let is_blank = before.trim().is_empty();
    is_blank.then_some((TextRange::at(line.start), before))
}
