//! Requests as they are written: one a line, with comments.

use crate::policy::Store;
use crate::source::{Source, Span, TextRange};

/// Adds texts with requests to the sources; gives where each request is.
pub(super) fn requests(store: &mut Store, texts: &[(String, String)]) -> Vec<Span> {
    let mut asked = Vec::new();
    for (name, text) in texts {
        let bytes = text.clone().into_bytes();
        let file = store.sources.add(Source::new(name.clone(), bytes));
        let ranges = requests_in(&store.sources.get(file).text);
        asked.extend(ranges.map(|range| range.in_file(file)));
    }
    asked
}

/// The requests of a text: its lines, without blanks around them and comments.
fn requests_in(text: &str) -> impl Iterator<Item = TextRange> {
    let mut start = 0;
    text.split_inclusive('\n').filter_map(move |line| {
        let begin = start;
        start += line.len();
        let kept = without_comment(line);
        let blank = kept.len() - kept.trim_start().len();
        let range = |at: usize| u32::try_from(at).unwrap_or(u32::MAX);
        let request = kept.trim();
        (!request.is_empty())
            .then(|| TextRange::new(range(begin + blank), range(begin + blank + request.len())))
    })
}

/// A line up to a `#` that begins a word.
fn without_comment(line: &str) -> &str {
    let (mut is_quoted, mut begins) = (false, true);
    for (at, c) in line.char_indices() {
        match c {
            '"' => is_quoted = !is_quoted,
            '#' if begins && !is_quoted => return line.get(..at).unwrap_or_default(),
            _ => {}
        }
        begins = c.is_whitespace();
    }
    line
}
