//! Spans that need no source map.

use super::{Position, SourceMap, Span};

/// A span with the path of its file and its lines and columns, for readers that no longer have the sources at hand.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub struct ResolvedSpan {
    /// The file.
    pub path: String,
    /// The first character.
    pub start: Position,
    /// The first character after it.
    pub end: Position,
}

impl ResolvedSpan {
    /// Looks up what a span stands for.
    #[must_use]
    pub fn of(span: Span, sources: &SourceMap) -> Self {
        let source = sources.get(span.file);
        Self {
            path: source.path.clone(),
            start: source.position(span.range.start),
            end: source.position(span.range.end),
        }
    }
}
